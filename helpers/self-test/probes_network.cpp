#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "common/check.hpp"
#include "common/unique_fd.hpp"
#include "net/sandbox_sockets.hpp"
#include "self-test/dns_message.hpp"
#include "self-test/probes.hpp"

namespace awf::self_test {
namespace {

constexpr std::uint16_t kHttps = 443;
// A name that exists, so that no resolver out there says NXDOMAIN, and that no policy can allow,
// because it is a public suffix.
constexpr const char* kDeniedName = "com";
constexpr std::uint16_t kQueryId = 0xa3f7;

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

Endpoint endpoint_of(const std::string& address, std::uint16_t port) {
  Endpoint endpoint;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&endpoint.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&endpoint.storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    endpoint.length = sizeof(sockaddr_in);
  } else {
    verify(::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1, "a probe's address is one");
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    endpoint.length = sizeof(sockaddr_in6);
  }
  return endpoint;
}

// The errno of a connect, 0 when it succeeded, ETIMEDOUT at the deadline.
int connect_within(int fd, const Endpoint& endpoint, Deadline deadline) {
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.storage);
  if (::connect(fd, address, endpoint.length) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  pollfd waited{fd, POLLOUT, 0};
  if (::poll(&waited, 1, static_cast<int>(std::max<long>(0, left.count()))) <= 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  check(::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size), "reading a connect's result");
  return error;
}

UniqueFd open_socket(const Endpoint& endpoint, int type) {
  return UniqueFd(::socket(endpoint.storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

std::string reason_of(int error) {
  return std::strerror(error);
}

// Any error but a time-out says that the packet went nowhere; a time-out would be what a packet
// that left into a silent network looks like.
ProbeResult judged_error(const std::string& name, int error) {
  if (error == 0) return {name, Outcome::kEscaped, "connected"};
  if (error == ETIMEDOUT) return {name, Outcome::kEscaped, "nothing refused it"};
  return {name, Outcome::kContained, reason_of(error)};
}

// Sends a datagram and waits for an answer: its bytes, or the errno.
struct Exchange {
  int error = 0;
  std::vector<std::uint8_t> answer;
};

Exchange exchange(int fd, std::span<const std::uint8_t> question, Deadline deadline) {
  if (::send(fd, question.data(), question.size(), MSG_NOSIGNAL) < 0) return {errno, {}};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  pollfd waited{fd, POLLIN, 0};
  if (::poll(&waited, 1, static_cast<int>(std::max<long>(0, left.count()))) <= 0) {
    return {ETIMEDOUT, {}};
  }
  std::vector<std::uint8_t> buffer(1500);
  const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (got < 0) return {errno, {}};
  buffer.resize(static_cast<std::size_t>(got));
  return {0, std::move(buffer)};
}

std::optional<Answer> ask(const std::string& server, const std::string& name, Deadline deadline) {
  const Endpoint endpoint = endpoint_of(server, net::kDnsPort);
  const UniqueFd fd = open_socket(endpoint, SOCK_DGRAM);
  if (!fd || connect_within(fd.get(), endpoint, deadline) != 0) return std::nullopt;
  const auto done = exchange(fd.get(), make_query(kQueryId, name), deadline);
  if (done.error != 0) return std::nullopt;
  return read_answer(kQueryId, done.answer);
}

// 198.18.0.0/15, net::kMappedRange4: no real server answers with an address of it.
bool is_mapped(const std::array<std::uint8_t, 4>& address) {
  return address[0] == 198 && (address[1] & 0xfeU) == 18;
}

std::string text_of(const std::array<std::uint8_t, 4>& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  return ::inet_ntop(AF_INET, address.data(), text.data(), text.size());
}

}  // namespace

ProbeResult probe_tcp(const std::string& name, const std::string& address,
                      const std::vector<policy::IpRange>& listed, Deadline deadline) {
  const auto target = policy::IpAddress::parse(address).or_refuse();
  const bool is_listed = std::any_of(listed.begin(), listed.end(),
                                     [&](const auto& range) { return range.contains(target); });
  if (is_listed) return {name, Outcome::kContained, address + " is listed in the policy"};
  const Endpoint endpoint = endpoint_of(address, name == "metadata" ? 80 : kHttps);
  const UniqueFd fd = open_socket(endpoint, SOCK_STREAM);
  if (!fd) return judged_error(name, errno);
  return judged_error(name, connect_within(fd.get(), endpoint, deadline));
}

ProbeResult probe_udp(const std::string& name, const std::string& address, Deadline deadline) {
  const Endpoint endpoint = endpoint_of(address, kHttps);
  const UniqueFd fd = open_socket(endpoint, SOCK_DGRAM);
  if (!fd) return judged_error(name, errno);
  if (const int error = connect_within(fd.get(), endpoint, deadline); error != 0) {
    return judged_error(name, error);
  }
  constexpr std::array<std::uint8_t, 1> kAnything = {0};
  const auto done = exchange(fd.get(), kAnything, deadline);
  if (done.error == 0) return {name, Outcome::kEscaped, "answered"};
  return judged_error(name, done.error);
}

ProbeResult probe_outside_resolver(const std::string& allowed_name, Deadline deadline) {
  const std::string name = "outside-resolver";
  const auto answer = ask("9.9.9.9", kDeniedName, deadline);
  if (!answer) return {name, Outcome::kUnproven, "our resolver did not answer in its place"};
  if (answer->response_code != kNoSuchName) {
    return {name, Outcome::kEscaped, "a denied name was not answered with NXDOMAIN"};
  }
  if (allowed_name.empty()) return {name, Outcome::kContained, "answered here"};
  const auto mapped = ask("9.9.9.9", allowed_name, deadline);
  if (!mapped || !mapped->address)
    return {name, Outcome::kUnproven, "no address for the allowed name"};
  if (!is_mapped(*mapped->address)) {
    return {name, Outcome::kEscaped, "a real address: " + text_of(*mapped->address)};
  }
  return {name, Outcome::kContained, "answered here"};
}

ProbeResult probe_entry(const std::string& allowed_name, Deadline deadline) {
  const std::string name = "entry";
  std::string address = net::kProxyAddress;
  std::uint16_t port = net::kProxyPort;
  if (!allowed_name.empty()) {
    const auto answer = ask("127.0.0.1", allowed_name, deadline);
    if (!answer || !answer->address || !is_mapped(*answer->address)) {
      return {name, Outcome::kUnproven, "the allowed name has no mapped address"};
    }
    address = text_of(*answer->address);
    port = kHttps;
  }
  const Endpoint endpoint = endpoint_of(address, port);
  const UniqueFd fd = open_socket(endpoint, SOCK_STREAM);
  const int error = fd ? connect_within(fd.get(), endpoint, deadline) : errno;
  if (error != 0) return {name, Outcome::kUnproven, "nobody accepts there: " + reason_of(error)};
  return {name, Outcome::kContained, "accepted by our own listener"};
}

}  // namespace awf::self_test
