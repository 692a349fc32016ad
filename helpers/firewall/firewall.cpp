#include "firewall/firewall.hpp"

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/message_channel.hpp"
#include "common/unique_fd.hpp"
#include "firewall/listeners.hpp"
#include "firewall/network_namespace.hpp"
#include "firewall/nftables.hpp"
#include "firewall/packet_log.hpp"
#include "firewall/proofs.hpp"
#include "firewall/rtnetlink.hpp"
#include "firewall/ruleset.hpp"

namespace awf::firewall {
namespace {

void prepare_network(const Options& options) {
  if (options.user_namespace) {
    enter_user_and_network_namespace();
  } else {
    enter_network_namespace();
  }
  const int loopback = verify_loopback_alone(false);
  // The rules come before the interface is up: there is no moment without them.
  apply_ruleset(build_ruleset(options.intercept_ranges));
  bring_up(loopback);
  make_every_address_local(loopback);
  add_placeholder_addresses(loopback);
}

}  // namespace

void raise_firewall(const Options& options) {
  // Only this program speaks on its channel; the next ones must not inherit it.
  set_close_on_exec(options.control_fd, true);
  const MessageChannel control{UniqueFd(options.control_fd)};

  prepare_network(options);
  net::SandboxSockets sockets = open_listeners();
  (void)verify_loopback_alone(true);
  verify_low_ports_protected();
  verify_public_addresses_refused(intercepted_ranges(options.intercept_ranges));
  // Last, so that the proof's own refused connections are in nobody's log.
  sockets.packet_log = open_packet_log(net::kAuditLogGroup);
  sockets.socket_diag = open_socket_diag();

  control.send("listeners", sockets.borrowed());
  sockets = {};  // from here on they live in the supervisor and the proxies alone
  const auto answer = control.receive();
  if (!answer) throw Refusal("the supervisor ended before it said go");
  if (answer->text != "go") throw Refusal("the supervisor did not say go");
}

}  // namespace awf::firewall
