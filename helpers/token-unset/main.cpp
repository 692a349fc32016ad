// awf-unset-tokens: the command's environment without secrets, then the command itself.
#include <cstring>

#include "common/file.hpp"
#include "common/run_main.hpp"
#include "token-unset/environment_rules.hpp"
#include "token-unset/hand_over.hpp"
#include "token-unset/options.hpp"
#include "token-unset/records.hpp"

namespace {

constexpr const char* kProgram = "awf-unset-tokens";

awf::unset::CommandEnvironment read_environment(int fd) {
  using namespace awf;
  std::string text = read_rest(fd, unset::kMaxRecordBytes, "the environment's descriptor");
  auto records = unset::parse_records(text);
  ::explicit_bzero(text.data(), text.size());
  return unset::build_environment(std::move(records).or_refuse()).or_refuse();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace awf;
  return run_main(kProgram, [&] {
    const auto options = unset::parse_options(argc, argv);
    if (!options) return 0;
    auto environment = read_environment(options->environment_fd);
    const auto danger = unset::secret_in_command(options->command, environment.protected_values);
    if (!danger.empty()) throw Refusal(danger);
    verify(!unset::holds_secret(environment.variables, environment.protected_values),
           "the command's environment holds no secret that was not granted");
    for (const auto& note : environment.notes)
      report(kProgram, note);
    for (auto& secret : environment.protected_values) {
      ::explicit_bzero(secret.value.data(), secret.value.size());
    }
    unset::close_descriptors();
    unset::reset_signals();
    auto& variables = environment.variables;
    variables.insert(variables.end(), environment.granted.begin(), environment.granted.end());
    return unset::run_command(options->command, variables);
  });
}
