// awf: configuration → plan → run. See README.md of this folder.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "awf/options.hpp"
#include "awf/plan_text.hpp"
#include "awf/run.hpp"
#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"

namespace {

// What the caller left undone: a closed standard stream would have its number taken by the first
// file that we open, and our messages would go there; an ignored SIGCHLD would hide the statuses of
// our children (waitpid(2)).
void complete_inheritance() {
  for (;;) {
    const int fd = awf::check(::open("/dev/null", O_RDWR | O_CLOEXEC), "opening /dev/null");
    if (fd > STDERR_FILENO) {
      (void)::close(fd);
      break;
    }
    awf::set_close_on_exec(fd, false);
  }
  (void)::signal(SIGCHLD, SIG_DFL);
}

int main_body(int argc, char** argv) {
  using namespace awf::supervisor;
  Timeline timeline;
  const Options options = parse_options(argc, argv);
  if (options.action == Action::kHelp || options.action == Action::kVersion) {
    awf::write_all(STDOUT_FILENO, options.action == Action::kHelp ? help_text() : version_text(),
                   "standard output");
    return 0;
  }
  return carry_out(options, timeline);
}

}  // namespace

int main(int argc, char** argv) {
  return awf::run_main("awf", [&] {
    complete_inheritance();
    return main_body(argc, argv);
  });
}
