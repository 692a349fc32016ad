#include "doors_fixture.hpp"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <future>

#include "common/check.hpp"
#include "common/text.hpp"
#include "egress-proxy/dns_tcp_session.hpp"
#include "egress-proxy/intercept_session.hpp"
#include "egress-proxy/proxy_session.hpp"

namespace awf::test {
namespace {

using policy::HostName;
using policy::IpAddress;
using policy::IpRange;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

UniqueFd bind_loopback(int type, std::uint16_t& port) {
  UniqueFd socket(check(::socket(AF_INET, type | SOCK_CLOEXEC, 0), "making a socket"));
  sockaddr_in address = loopback(0);
  check(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "binding");
  socklen_t size = sizeof address;
  check(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), "naming");
  port = ntohs(address.sin_port);
  return socket;
}

UniqueFd memory_file(const char* name) {
  return UniqueFd(check(::memfd_create(name, MFD_CLOEXEC), "making a memory file"));
}

// By pread(2): the proxy's descriptor shares its file offset with ours.
std::string whole(int fd) {
  std::string out;
  std::array<char, 65536> piece{};
  for (;;) {
    const auto got = check(::pread(fd, piece.data(), piece.size(), static_cast<off_t>(out.size())),
                           "reading a log");
    if (got == 0) return out;
    out.append(piece.data(), static_cast<std::size_t>(got));
  }
}

void put(std::string& out, unsigned value, unsigned bytes) {
  for (unsigned i = bytes; i > 0; --i)
    out.push_back(static_cast<char>(value >> (8U * (i - 1))));
}

std::string with_length(const std::string& body, unsigned bytes) {
  std::string out;
  put(out, static_cast<unsigned>(body.size()), bytes);
  return out + body;
}

}  // namespace

Peer::Peer(UniqueFd socket) : socket_(std::move(socket)) {
  const timeval limit{5, 0};
  check(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "limiting");
  check(::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), "limiting");
}

Peer Peer::connect(std::uint16_t port) {
  UniqueFd socket(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "making a socket"));
  const sockaddr_in address = loopback(port);
  check(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        "connecting to the proxy");
  return Peer(std::move(socket));
}

void Peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the other side has closed; the test looks at what it read
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Peer::read_exactly(std::size_t size) const {
  std::string out(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const ssize_t more = ::recv(socket_.get(), out.data() + got, size - got, 0);
    if (more <= 0) break;
    got += static_cast<std::size_t>(more);
  }
  out.resize(got);
  return out;
}

std::string Peer::read_until(std::string_view end) const {
  std::string out;
  while (!out.ends_with(end)) {
    const std::string next = read_exactly(1);
    if (next.empty()) break;
    out += next;
  }
  return out;
}

std::string Peer::read_to_end() const {
  std::string out;
  for (;;) {
    std::array<char, 65536> piece{};
    const ssize_t got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
    if (got < 0) return out + (errno == ECONNRESET ? "RESET" : "TIMEOUT");
    if (got == 0) return out;
    out.append(piece.data(), static_cast<std::size_t>(got));
  }
}

void Peer::finish_sending() const {
  (void)::shutdown(socket_.get(), SHUT_WR);
}

DatagramPeer::DatagramPeer(std::uint16_t port)
    : socket_(check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "making a socket")) {
  const timeval limit{5, 0};
  check(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "limiting");
  const sockaddr_in address = loopback(port);
  check(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        "connecting to the DNS door");
}

void DatagramPeer::send(const std::vector<std::uint8_t>& bytes) const {
  check(::send(socket_.get(), bytes.data(), bytes.size(), 0), "sending a query");
}

std::vector<std::uint8_t> DatagramPeer::receive() const {
  std::vector<std::uint8_t> bytes(4096);
  const auto got = check(::recv(socket_.get(), bytes.data(), bytes.size(), 0), "awaiting a reply");
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

UniqueFd listen_on_loopback(std::uint16_t& port) {
  UniqueFd socket = bind_loopback(SOCK_STREAM, port);
  check(::listen(socket.get(), 128), "listening");
  return socket;
}

Origin::Origin(std::function<void(Peer)> serve) : port_(0) {
  listener_ = listen_on_loopback(port_);
  thread_ = std::thread([this, serve = std::move(serve)] {
    for (;;) {
      UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      serving_ = client.get();
      serve(Peer(std::move(client)));
      serving_ = -1;
    }
  });
}

Origin::~Origin() {
  // Wakes accept4 and what `serve` waits for.
  (void)::shutdown(listener_.get(), SHUT_RDWR);
  (void)::shutdown(serving_, SHUT_RDWR);
  thread_.join();
}

std::string client_hello(std::string_view server_name) {
  std::string extensions;
  if (!server_name.empty()) {
    const std::string entry = std::string(1, '\0') + with_length(std::string(server_name), 2);
    put(extensions, 0, 2);
    extensions += with_length(with_length(entry, 2), 2);
  }
  put(extensions, 43, 2);  // supported_versions: TLS 1.3
  extensions += with_length(with_length("\x03\x04", 1), 2);
  std::string body = "\x03\x03" + std::string(32, 'r') + std::string(1, '\0');
  body += with_length("\x13\x01", 2) + with_length(std::string(1, '\0'), 1);
  body += with_length(extensions, 2);
  const std::string handshake = "\x01" + with_length(body, 3);
  return "\x16\x03\x01" + with_length(handshake, 2);
}

CountedPresence::CountedPresence()
    : ClientPresence(std::chrono::milliseconds(20)),
      diag_(UniqueFd(
          check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG),
                "opening the socket diagnostics"))) {}

bool CountedPresence::has_left(net::tcp::socket& client) {
  ++checks_;
  return probe_.has_left(client);
}

Doors::Doors() : audit_file_(memory_file("audit")), access_file_(memory_file("access")) {}

Doors::~Doors() {
  stop();
}

void Doors::serve_origin(std::function<void(Peer)> serve) {
  origin_ = std::make_unique<Origin>(std::move(serve));
}

void Doors::start(const std::vector<std::string>& allow, std::size_t slots) {
  std::vector<policy::SourceEntry> entries;
  entries.reserve(allow.size());
  for (const auto& text : allow)
    entries.push_back({text, "test"});
  policy_ = std::make_unique<policy::EgressPolicy>(
      policy::EgressPolicy::build(entries, block_, host_access_).or_refuse());
  slots_ = std::make_unique<egress::ConnectionSlots>(slots);
  audit_ = std::make_unique<egress::AuditLog>(context_, UniqueFd(::dup(audit_file_.get())),
                                              UniqueFd(::dup(access_file_.get())));
  if (armed_) audit_->arm();
  throttle_ = std::make_unique<egress::AuditThrottle>(context_, *audit_);
  upstream_ = std::make_unique<egress::Upstream>(
      *policy_,
      [this](const HostName& name, const net::Resolver::Callback& done) { resolve(name, done); },
      [this](const std::vector<IpAddress>& vetted, std::uint16_t, net::Dialer::Callback done) {
        ++dials_;
        dialled_.insert(dialled_.end(), vetted.begin(), vetted.end());
        (void)net::Dialer::start(context_, vetted, origin_->port(), std::move(done));
      },
      net::AddressVetting({IpRange::parse("127.0.0.0/8").or_refuse()}));
  budgets_ = std::make_unique<egress::UploadBudgets>(max_tx_, max_tx_total_);
  services_ = std::make_unique<egress::Services>(
      egress::Services{context_, *policy_, mapped_, *upstream_, pipes_, *audit_, open_, *budgets_,
                       presence_, min_tls_version_});
  answerer_ = std::make_unique<egress::DnsAnswerer>(*policy_, mapped_);
  desk_ = std::make_unique<egress::DnsDesk>(*answerer_, *throttle_);
  const auto open = [this](std::uint16_t& port, egress::Acceptor::OnConnection serve) {
    acceptors_.push_back(std::make_unique<egress::Acceptor>(context_, listen_on_loopback(port),
                                                            *slots_, std::move(serve)));
    acceptors_.back()->start();
  };
  open(proxy_port_, [this](net::tcp::socket client, egress::ConnectionSlots::Slot slot) {
    egress::ProxySession::start(*services_, std::move(client), std::move(slot));
  });
  open(intercept_port_, [this](net::tcp::socket client, egress::ConnectionSlots::Slot slot) {
    egress::InterceptSession::start(*services_, std::move(client), std::move(slot),
                                    destination_->first, destination_->second);
  });
  open(dns_tcp_port_, [this](net::tcp::socket client, egress::ConnectionSlots::Slot slot) {
    egress::DnsTcpSession::start(*desk_, std::move(client), std::move(slot));
  });
  dns_udp_ = std::make_unique<egress::DnsUdpDoor>(context_,
                                                  bind_loopback(SOCK_DGRAM, dns_udp_port_), *desk_);
  dns_udp_->start();
  thread_ = std::thread([this] { context_.run(); });
}

void Doors::resolve(const HostName& name, const net::Resolver::Callback& done) {
  ++lookups_;
  net::ResolveAnswer answer;
  answer.status = net::ResolveAnswer::Status::kNoSuchName;
  if (const auto known = addresses_.find(name.text()); known != addresses_.end()) {
    answer.status = net::ResolveAnswer::Status::kOk;
    for (const auto& text : known->second) {
      answer.addresses.push_back(IpAddress::parse(text).or_refuse());
    }
  }
  net::asio::post(context_, [done, answer] { done(answer); });
}

IpAddress Doors::mapped_address(const std::string& name) {
  std::promise<IpAddress> address;
  net::asio::post(context_, [&] {
    address.set_value(mapped_.addresses_of(HostName::parse(name).or_refuse())->v4);
  });
  return address.get_future().get();
}

Peer Doors::connect_intercepted(const IpAddress& address, std::uint16_t port) {
  std::promise<void> known;
  net::asio::post(context_, [&] {
    destination_.emplace(address, port);
    known.set_value();
  });
  known.get_future().get();
  return Peer::connect(intercept_port_);
}

std::vector<nlohmann::json> Doors::audit(std::size_t records) {
  std::vector<nlohmann::json> found;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  do {
    std::promise<void> flushed;
    net::asio::post(context_, [&] {
      audit_->flush();
      flushed.set_value();
    });
    flushed.get_future().get();
    found.clear();
    const std::string lines = whole(audit_file_.get());
    for (const auto line : split(lines, '\n')) {
      if (!line.empty()) found.push_back(nlohmann::json::parse(line));
    }
  } while (found.size() < records && std::chrono::steady_clock::now() < deadline);
  EXPECT_EQ(found.size(), records);
  found.resize(records, nlohmann::json::object());
  return found;
}

void Doors::record_unfinished() {
  std::promise<void> done;
  net::asio::post(context_, [&] {
    open_.record_unfinished();
    done.set_value();
  });
  done.get_future().get();
}

std::string Doors::access_log() {
  return whole(access_file_.get());
}

void Doors::stop() {
  if (!thread_.joinable()) return;
  context_.stop();
  thread_.join();
}

}  // namespace awf::test
