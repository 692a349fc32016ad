#include "egress-proxy/service.hpp"

#include <fcntl.h>

#include <chrono>
#include <utility>

#include "common/check.hpp"
#include "common/text.hpp"
#include "egress-proxy/acceptor.hpp"
#include "egress-proxy/client_probe.hpp"
#include "egress-proxy/dns_tcp_session.hpp"
#include "egress-proxy/dns_udp_door.hpp"
#include "egress-proxy/intercept_session.hpp"
#include "egress-proxy/mapped_names.hpp"
#include "egress-proxy/packet_log.hpp"
#include "egress-proxy/proxy_session.hpp"
#include "egress-proxy/services.hpp"
#include "net/limits.hpp"
#include "net/resolver.hpp"

namespace awf::egress {
namespace {

namespace asio = net::asio;

// At the end of a run, connections whose client is gone get this long to end by themselves.
constexpr std::chrono::milliseconds kFinishGrace{100};
constexpr std::chrono::milliseconds kFinishStep{1};

// DNS over TCP gets places of its own, so that tunnels cannot starve it nor it them.
constexpr std::size_t kMaxDnsConnections = 256;

template <typename Kind>
Upstream::Resolve resolve_with(const std::shared_ptr<Kind>& resolver) {
  return [resolver](const policy::HostName& name, net::Resolver::Callback done) {
    resolver->resolve(name, std::move(done));
  };
}

Upstream::Resolve make_resolver(asio::io_context& context, const RunPolicy& run,
                                std::optional<DohHelper> doh) {
  verify(run.doh_url.has_value() == doh.has_value(), "DNS over HTTPS has its helper");
  if (doh) return resolve_with(std::make_shared<DohResolver>(context, std::move(*doh)));
  net::ResolverOptions options;
  options.servers = run.dns_servers;
  return resolve_with(std::make_shared<net::Resolver>(context, options));
}

}  // namespace

// Declared in the order of need: what a pending operation may still touch when the event loop is
// destroyed (slots, pipes) stands before it.
class Service::Parts {
 public:
  Parts(RunPolicy run, ServiceFiles files, net::SandboxSockets sockets,
        std::optional<DohHelper> doh);

  void run(MessageChannel control);

 private:
  Acceptor::OnConnection dns_over_tcp();
  void wait_for_message();
  void on_message(const std::string& text);
  void finish_when_idle(std::chrono::steady_clock::time_point deadline);

  RunPolicy run_;
  ConnectionSlots slots_{net::kMaxConnections};
  ConnectionSlots dns_slots_{kMaxDnsConnections};
  net::PipePool pipes_;
  OpenConnections open_;
  SocketDiag diag_;
  ClientProbe presence_{diag_};
  asio::io_context context_{1};
  asio::steady_timer finish_timer_{context_};
  Attribution attribution_;
  AuditLog audit_;
  AuditThrottle throttle_;
  MappedAddresses mapped_;
  Upstream::Resolve resolve_;  // owns the resolver of this run
  Upstream upstream_;
  UploadBudgets budgets_;
  Services services_;
  DnsAnswerer answerer_;
  DnsDesk desk_;
  PacketLog packets_;
  Acceptor proxy_;
  Acceptor intercept4_;
  Acceptor intercept6_;
  Acceptor dns_tcp4_;
  Acceptor dns_tcp6_;
  DnsUdpDoor dns_udp4_;
  DnsUdpDoor dns_udp6_;
  std::optional<MessageChannel> control_;
  asio::posix::stream_descriptor control_readable_;
};

Service::Parts::Parts(RunPolicy run, ServiceFiles files, net::SandboxSockets sockets,
                      std::optional<DohHelper> doh)
    : run_(std::move(run)),
      diag_(std::move(sockets.socket_diag)),
      attribution_(context_, diag_),
      audit_(context_, std::move(files.audit), std::move(files.access_log)),
      throttle_(context_, audit_),
      mapped_(restore_mapped_addresses(std::move(files.mapped_names))),
      resolve_(make_resolver(context_, run_, std::move(doh))),
      upstream_(
          run_.egress, resolve_,
          [this](const std::vector<policy::IpAddress>& vetted, std::uint16_t port,
                 net::Dialer::Callback done) {
            (void)net::Dialer::start(context_, vetted, port, std::move(done));
          },
          net::AddressVetting(run_.allow_private), run_.upstream_proxy),
      budgets_(run_.max_tx, run_.max_tx_total),
      services_{context_, run_.egress, mapped_,  upstream_, pipes_,
                audit_,   open_,       budgets_, presence_, run_.min_tls_version},
      answerer_(run_.egress, mapped_),
      desk_(answerer_, throttle_),
      packets_(context_, std::move(sockets.packet_log), mapped_, throttle_),
      proxy_(context_, std::move(sockets.proxy), slots_,
             [this](net::tcp::socket client, ConnectionSlots::Slot slot) {
               ProxySession::start(services_, std::move(client), std::move(slot));
             }),
      intercept4_(context_, std::move(sockets.intercept4), slots_,
                  [this](net::tcp::socket client, ConnectionSlots::Slot slot) {
                    InterceptSession::start(services_, std::move(client), std::move(slot));
                  }),
      intercept6_(context_, std::move(sockets.intercept6), slots_,
                  [this](net::tcp::socket client, ConnectionSlots::Slot slot) {
                    InterceptSession::start(services_, std::move(client), std::move(slot));
                  }),
      dns_tcp4_(context_, std::move(sockets.dns_tcp4), dns_slots_, dns_over_tcp()),
      dns_tcp6_(context_, std::move(sockets.dns_tcp6), dns_slots_, dns_over_tcp()),
      dns_udp4_(context_, std::move(sockets.dns_udp4), desk_),
      dns_udp6_(context_, std::move(sockets.dns_udp6), desk_),
      control_readable_(context_) {}

Acceptor::OnConnection Service::Parts::dns_over_tcp() {
  return [this](net::tcp::socket client, ConnectionSlots::Slot slot) {
    DnsTcpSession::start(desk_, std::move(client), std::move(slot));
  };
}

void Service::Parts::run(MessageChannel control) {
  control_ = std::move(control);
  // Asio owns what it waits for: it gets a duplicate, so that the channel keeps its own.
  control_readable_.assign(
      check(::fcntl(control_->fd(), F_DUPFD_CLOEXEC, 3), "duplicating the control descriptor"));
  for (Acceptor* door : {&proxy_, &intercept4_, &intercept6_, &dns_tcp4_, &dns_tcp6_}) {
    door->start();
  }
  for (DnsUdpDoor* door : {&dns_udp4_, &dns_udp6_})
    door->start();
  packets_.start();
  attribution_.start([this](const std::string& question) { control_->send(question); });
  audit_.attribute_by(attribution_);
  wait_for_message();
  control_->send("ready");
  context_.run();
}

void Service::Parts::wait_for_message() {
  control_readable_.async_wait(
      asio::posix::stream_descriptor::wait_read, [this](const net::ErrorCode& error) {
        if (error) throw_system_failure("waiting for the supervisor", error.value());
        const auto message = control_->receive();
        // The supervisor is gone: without it nobody counts on us, and the sandbox has no wire.
        if (!message) return context_.stop();
        on_message(message->text);
      });
}

void Service::Parts::on_message(const std::string& text) {
  if (text == "armed") {
    // What lies in the packet log until now are the self-test's probes: the audit, still unarmed,
    // drops them.
    packets_.drain();
    throttle_.flush();
    audit_.arm();
    control_->send("armed");
    return wait_for_message();
  }
  if (text.starts_with("process ")) {
    attribution_.on_answer(text);
    return wait_for_message();
  }
  if (text != "finish")
    throw Refusal("unexpected message " + quoted(text) + " from the supervisor");
  finish_when_idle(std::chrono::steady_clock::now() + kFinishGrace);
}

// The last connections of a command wait for their origin's end of data when the command is gone.
// What is open after the grace is recorded as it stands: ending must not hide a transfer.
void Service::Parts::finish_when_idle(std::chrono::steady_clock::time_point deadline) {
  const bool idle = slots_.free() == net::kMaxConnections;
  if (!idle && std::chrono::steady_clock::now() < deadline) {
    finish_timer_.expires_after(kFinishStep);
    return finish_timer_.async_wait([this, deadline](const net::ErrorCode& error) {
      if (!error) finish_when_idle(deadline);
    });
  }
  packets_.drain();
  throttle_.flush();
  open_.record_unfinished();
  attribution_.give_up();
  audit_.finish();
  control_->send("finished");
  context_.stop();
}

Service::Service(RunPolicy policy, ServiceFiles files, net::SandboxSockets sockets,
                 std::optional<DohHelper> doh)
    : parts_(std::make_unique<Parts>(std::move(policy), std::move(files), std::move(sockets),
                                     std::move(doh))) {}

Service::~Service() = default;

void Service::run(MessageChannel control) {
  parts_->run(std::move(control));
}

}  // namespace awf::egress
