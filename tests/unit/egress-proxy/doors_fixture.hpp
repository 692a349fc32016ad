// The doors of the proxy on plain loopback listeners, a resolver of the test's making, and an
// origin on loopback: everything but the sandbox.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "common/unique_fd.hpp"
#include "egress-proxy/acceptor.hpp"
#include "egress-proxy/audit_throttle.hpp"
#include "egress-proxy/client_probe.hpp"
#include "egress-proxy/dns_desk.hpp"
#include "egress-proxy/dns_udp_door.hpp"
#include "egress-proxy/services.hpp"

namespace awf::test {

// A blocking loopback socket whose reads fail after some seconds instead of hanging a test.
class Peer {
 public:
  explicit Peer(UniqueFd socket);
  static Peer connect(std::uint16_t port);

  void send(std::string_view bytes) const;
  [[nodiscard]] std::string read_exactly(std::size_t size) const;
  [[nodiscard]] std::string read_until(std::string_view end) const;  // `end` included
  // Until the end of data; "RESET" is appended when the connection was reset.
  [[nodiscard]] std::string read_to_end() const;
  void finish_sending() const;
  void close() { socket_.reset(); }
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  UniqueFd socket_;
};

// A connected datagram socket: replies from another address than the one asked do not arrive.
class DatagramPeer {
 public:
  explicit DatagramPeer(std::uint16_t port);
  void send(const std::vector<std::uint8_t>& bytes) const;
  [[nodiscard]] std::vector<std::uint8_t> receive() const;

 private:
  UniqueFd socket_;
};

// Serves connections one after another with `serve`, on a thread of its own.
class Origin {
 public:
  explicit Origin(std::function<void(Peer)> serve);
  ~Origin();
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  UniqueFd listener_;
  std::uint16_t port_;
  std::atomic<int> serving_{-1};
  std::thread thread_;
};

UniqueFd listen_on_loopback(std::uint16_t& port);

// A TLS ClientHello in one record; no server_name extension when the name is empty.
std::string client_hello(std::string_view server_name);

// Looks at the clients' sockets often, and counts.
class CountedPresence final : public net::ClientPresence {
 public:
  CountedPresence();
  [[nodiscard]] bool has_left(net::tcp::socket& client) override;
  [[nodiscard]] int checks() const { return checks_; }

 private:
  egress::SocketDiag diag_;
  egress::ClientProbe probe_{diag_};
  std::atomic<int> checks_{0};
};

class Doors : public testing::Test {
 protected:
  Doors();
  ~Doors() override;

  // Call before the first connection: the policy allows these entries, and resolve() knows names.
  void start(const std::vector<std::string>& allow, std::size_t slots = 64);
  void serve_origin(std::function<void(Peer)> serve);
  void stop_origin() { origin_.reset(); }  // ends the connection it serves

  Peer connect_to_proxy() const { return Peer::connect(proxy_port_); }
  // As if the packet rules had handed the connection over.
  Peer connect_intercepted(const policy::IpAddress& address, std::uint16_t port);
  policy::IpAddress mapped_address(const std::string& name);

  // Stops the proxy and returns what it recorded. Waits for `records` of them first.
  std::vector<nlohmann::json> audit(std::size_t records);
  std::string access_log();
  // What the end of the run does.
  void record_unfinished();

  std::map<std::string, std::vector<std::string>> addresses_;  // what the resolver knows
  std::vector<policy::SourceEntry> block_;
  policy::HostAccess host_access_;
  std::vector<policy::IpAddress> dialled_;  // to be read when the proxy has stopped
  std::atomic<int> lookups_{0};
  std::atomic<int> dials_{0};
  CountedPresence presence_;
  bool armed_ = true;
  std::vector<policy::UploadLimit> max_tx_;
  std::optional<std::uint64_t> max_tx_total_;
  std::uint16_t min_tls_version_ = 0;
  std::uint16_t proxy_port_ = 0;
  std::uint16_t dns_tcp_port_ = 0;
  std::uint16_t dns_udp_port_ = 0;

 private:
  void resolve(const policy::HostName& name, const net::Resolver::Callback& done);
  void stop();

  std::unique_ptr<egress::ConnectionSlots> slots_;
  net::PipePool pipes_;
  egress::OpenConnections open_;
  net::asio::io_context context_{1};
  UniqueFd audit_file_;
  UniqueFd access_file_;
  std::unique_ptr<policy::EgressPolicy> policy_;
  egress::MappedAddresses mapped_;
  std::unique_ptr<egress::AuditLog> audit_;
  std::unique_ptr<egress::AuditThrottle> throttle_;
  std::unique_ptr<egress::Upstream> upstream_;
  std::unique_ptr<egress::UploadBudgets> budgets_;
  std::unique_ptr<egress::Services> services_;
  std::unique_ptr<egress::DnsAnswerer> answerer_;
  std::unique_ptr<egress::DnsDesk> desk_;
  std::vector<std::unique_ptr<egress::Acceptor>> acceptors_;
  std::unique_ptr<egress::DnsUdpDoor> dns_udp_;
  std::unique_ptr<Origin> origin_;
  std::uint16_t intercept_port_ = 0;
  std::optional<std::pair<policy::IpAddress, std::uint16_t>> destination_;
  std::thread thread_;
};

}  // namespace awf::test
