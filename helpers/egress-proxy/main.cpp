#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/service_lockdown.hpp"
#include "egress-proxy/doh_resolver.hpp"
#include "egress-proxy/options.hpp"
#include "egress-proxy/process_setup.hpp"
#include "egress-proxy/service.hpp"

namespace {

using namespace awf;

// Before the lock-down, after which this program starts no other.
std::optional<egress::DohHelper> start_helper(const egress::Options& options,
                                              const egress::RunPolicy& policy) {
  if (!policy.doh_url) return std::nullopt;
  if (options.doh_program.empty()) {
    throw Refusal("the run policy has dnsOverHttps, which needs --doh-program");
  }
  std::vector<std::string> identity;
  if (options.uid && options.gid) {
    identity = {"--uid", std::to_string(*options.uid), "--gid", std::to_string(*options.gid)};
  }
  return egress::start_doh_helper(options.doh_program, *policy.doh_url, policy.dns_servers,
                                  identity);
}

int serve(const egress::Options& options) {
  egress::ignore_signals();
  MessageChannel control{UniqueFd(options.control_fd)};
  const UniqueFd policy_fd(options.policy_fd);
  egress::ServiceFiles files{UniqueFd(options.audit_fd), UniqueFd(options.access_log_fd),
                             UniqueFd(options.mapped_names_fd)};
  for (const int fd : {options.control_fd, options.policy_fd, options.audit_fd,
                       options.access_log_fd, options.mapped_names_fd}) {
    set_close_on_exec(fd, true);
  }
  const std::string text = read_rest(policy_fd.get(), egress::kMaxRunPolicyBytes, "the run policy");
  auto policy = egress::parse_run_policy(text).or_refuse();
  egress::start_logging(policy.log_level);
  egress::raise_descriptor_limit();
  auto doh = start_helper(options, policy);
  auto message = control.receive();
  verify(message.has_value() && message->text == "listeners", "the sandbox's sockets arrived");
  egress::Service service(std::move(policy), std::move(files),
                          net::SandboxSockets::from(std::move(message->fds)), std::move(doh));
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
