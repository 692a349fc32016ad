#include <sys/resource.h>

#include <csignal>
#include <iostream>
#include <utility>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/service_lockdown.hpp"
#include "egress-proxy/options.hpp"
#include "egress-proxy/service.hpp"

namespace {

using namespace awf;

// Two descriptors a tunnel: the usual soft limit of 1,024 is for programs that use select(2).
void raise_descriptor_limit() {
  rlimit limit{};
  check(::getrlimit(RLIMIT_NOFILE, &limit), "reading the descriptor limit");
  limit.rlim_cur = limit.rlim_max;
  check(::setrlimit(RLIMIT_NOFILE, &limit), "raising the descriptor limit");
}

int serve(const egress::Options& options) {
  // splice(2) and netlink know no MSG_NOSIGNAL; a terminal's ^C is the supervisor's to handle.
  for (const int number : {SIGPIPE, SIGINT, SIGHUP})
    (void)std::signal(number, SIG_IGN);
  MessageChannel control{UniqueFd(options.control_fd)};
  const UniqueFd policy_fd(options.policy_fd);
  egress::ServiceLogs logs{UniqueFd(options.audit_fd), UniqueFd(options.access_log_fd)};
  for (const int fd :
       {options.control_fd, options.policy_fd, options.audit_fd, options.access_log_fd}) {
    set_close_on_exec(fd, true);
  }
  const std::string text = read_rest(policy_fd.get(), egress::kMaxRunPolicyBytes, "the run policy");
  auto policy = egress::parse_run_policy(text).or_refuse();
  auto message = control.receive();
  verify(message.has_value() && message->text == "listeners", "the sandbox's sockets arrived");
  raise_descriptor_limit();
  egress::Service service(std::move(policy), std::move(logs),
                          net::SandboxSockets::from(std::move(message->fds)));
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
