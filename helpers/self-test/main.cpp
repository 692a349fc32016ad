// awf-self-test: tries the ways out, then becomes the next program. See README.md of this folder.
#include <unistd.h>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/file.hpp"
#include "common/message_channel.hpp"
#include "common/run_main.hpp"
#include "self-test/options.hpp"
#include "self-test/probes.hpp"

namespace {

constexpr const char* kProgram = "awf-self-test";
constexpr std::chrono::seconds kLimit{2};

void wait_for_go(int control_fd, const std::string& tally) {
  awf::set_close_on_exec(control_fd, true);
  const awf::MessageChannel control{awf::UniqueFd(control_fd)};
  control.send(tally);
  const auto answer = control.receive();
  if (!answer || answer->text != "go") throw awf::Refusal("not allowed to go on");
}

int body(int argc, char** argv) {
  using namespace awf::self_test;
  const Options options = parse_options(argc, argv);
  if (options.help) {
    awf::write_all(STDOUT_FILENO, help_text(), "standard output");
    return 0;
  }
  const auto results = run_all_probes(options.allowed_name.value_or(""), options.listed,
                                      std::chrono::steady_clock::now() + kLimit);
  const std::string tally = format_tally(results);
  if (options.control_fd) {
    wait_for_go(*options.control_fd, tally);
  } else {
    awf::write_all(STDERR_FILENO, tally + "\n", "standard error");
  }
  // Whoever answered "go" cannot have meant this.
  if (!all_contained(results)) throw awf::Refusal("the sandbox is open; nothing is run");
  awf::exec_program(options.next);
}

}  // namespace

int main(int argc, char** argv) {
  return awf::run_main(kProgram, [&] { return body(argc, argv); });
}
