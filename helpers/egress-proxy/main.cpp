#include <iostream>
#include <utility>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/service_lockdown.hpp"
#include "egress-proxy/options.hpp"
#include "egress-proxy/process_setup.hpp"
#include "egress-proxy/service.hpp"

namespace {

using namespace awf;

int serve(const egress::Options& options) {
  egress::ignore_signals();
  MessageChannel control{UniqueFd(options.control_fd)};
  const UniqueFd policy_fd(options.policy_fd);
  egress::ServiceLogs logs{UniqueFd(options.audit_fd), UniqueFd(options.access_log_fd)};
  for (const int fd :
       {options.control_fd, options.policy_fd, options.audit_fd, options.access_log_fd}) {
    set_close_on_exec(fd, true);
  }
  const std::string text = read_rest(policy_fd.get(), egress::kMaxRunPolicyBytes, "the run policy");
  auto policy = egress::parse_run_policy(text).or_refuse();
  egress::start_logging(policy.log_level);
  egress::raise_descriptor_limit();
  auto message = control.receive();
  verify(message.has_value() && message->text == "listeners", "the sandbox's sockets arrived");
  egress::Service service(std::move(policy), std::move(logs),
                          net::SandboxSockets::from(std::move(message->fds)));
  // After the sockets and the resolver's files are open, before the first byte of a client.
  lock_down_service({options.uid, options.gid, {}});
  service.run(std::move(control));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("awf-egress-proxy", [&] {
    const auto options = egress::parse_options(argc, argv);
    if (!options.help) return serve(options);
    std::cout << egress::help_text();
    return 0;
  });
}
