// awf-redact: the command's output without secrets. See README.md of this folder.
#include <signal.h>
#include <unistd.h>

#include "common/check.hpp"
#include "common/run_main.hpp"
#include "common/service_lockdown.hpp"
#include "redact/add_mask.hpp"
#include "redact/matcher.hpp"
#include "redact/options.hpp"
#include "redact/secrets.hpp"
#include "redact/streams.hpp"

namespace {

using namespace awf;

constexpr const char* kProgram = "awf-redact";

int serve(const redact::Options& options) {
  verify(::signal(SIGPIPE, SIG_IGN) != SIG_ERR, "a reader that goes away is an error code");
  redact::enlarge_pipes(options.streams);
  // Before the first value is read: it must not be in a core file or in the hands of a tracer.
  lock_down_service({options.uid, options.gid, {}});
  Secret lines;
  const redact::Matcher matcher = [&] {
    const Secret secrets = redact::read_secrets(options.secrets_fd);
    (void)::close(options.secrets_fd);
    const auto values = redact::values_in(secrets.reveal());
    for (const auto value : values)
      if (options.add_masks) redact::append_add_mask(lines, value);
    return redact::Matcher(redact::forms_of(values));
  }();
  if (!Secret::all_locked()) {
    report(kProgram,
           "secret values may be swapped to disk: raise the limit of locked memory "
           "(ulimit -l)");
  }
  (void)redact::write_to_reader(options.streams.front().out, lines.reveal());
  lines.clear();
  redact::copy_streams(matcher, options.streams, options.actions);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_main(kProgram, [&] {
    const auto options = redact::parse_options(argc, argv);
    return options ? serve(*options) : 0;
  });
}
