// What the world saw of the machine: packets, names asked, web requests.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/check.hpp"
#include "common/file.hpp"
#include "support/witness.hpp"
#include "support/world.hpp"

namespace awf::test_world {
namespace {

constexpr std::uint16_t kMarkerPort = 9;
constexpr std::size_t kMaxLog = 256UL << 20;

sockaddr_in6 marker_address() {
  // Link-local works whatever families the machine has; "eth0" is the first interface after lo.
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(kMarkerPort);
  (void)::inet_pton(AF_INET6, kGatewayLinkLocal.data(), &address.sin6_addr);
  address.sin6_scope_id = ::if_nametoindex("eth0");
  return address;
}

const sockaddr* generic(const sockaddr_in6& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

UniqueFd udp_socket() {
  return UniqueFd(
      check(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), "opening a marker socket"));
}

void wait_for_datagram(int fd) {
  pollfd waited{fd, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&waited, 1, 10000);
  } while (ready < 0 && errno == EINTR);
  verify(ready > 0, "a marker packet arrived in the test world's internet within 10 s");
}

// One datagram from every processor: a packet waits in the queue of the processor that sent it, so
// a marker from the same one arrives after it.
std::uint32_t send_markers(std::uint32_t run) {
  cpu_set_t allowed;
  check(::sched_getaffinity(0, sizeof allowed, &allowed), "reading the processors");
  const UniqueFd socket = udp_socket();
  const sockaddr_in6 address = marker_address();
  std::uint32_t sent = 0;
  for (std::size_t processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &allowed)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    // This thread ends after the markers, so its affinity need not be put back.
    check(::sched_setaffinity(0, sizeof one, &one), "moving to a processor");
    check(::sendto(socket.get(), &run, sizeof run, 0, generic(address), sizeof address),
          "sending a marker");
    ++sent;
  }
  return sent;
}

bool is_marker(const Packets& entry) {
  return entry.port == kMarkerPort && entry.address == kGatewayLinkLocal;
}

bool is_dns_server(const Packets& entry) {
  return entry.port == 53 && (entry.address == kDnsServer4 || entry.address == kDnsServer6);
}

// A DNS query (RFC 1035 §4.1) for settled.test, written out by hand since it never changes.
void ask_marker(const char* server) {
  constexpr std::string_view kQuery(
      "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07settled\x04test\x00\x00\x01\x00\x01",
      30);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(53);
  (void)::inet_pton(AF_INET6, server, &address.sin6_addr);
  const UniqueFd socket = udp_socket();
  check(::sendto(socket.get(), kQuery.data(), kQuery.size(), 0, generic(address), sizeof address),
        "asking for the marker name");
  wait_for_datagram(socket.get());
}

// The answer to a request means that the one worker process has logged what it answered before.
void request_marker_page() {
  const UniqueFd socket(
      check(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), "opening a socket"));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(80);
  address.sin6_addr = in6addr_loopback;
  check(::connect(socket.get(), generic(address), sizeof address), "reaching the web server");
  write_all(socket.get(), "GET /marker HTTP/1.0\r\n\r\n", "the marker request");
  (void)read_rest(socket.get(), 65536, "the marker response");
}

bool is_machine(std::string_view client) {
  return client == kMachine4 || client == kMachine6 ||
         client.substr(0, client.find('%')) == kMachineLinkLocal;
}

WebRequest read_request(const std::string& line) {
  const auto entry = nlohmann::json::parse(line);
  return {entry["host"],     entry["server_name"], entry["method"],     entry["target"],
          entry["protocol"], entry["status"],      entry["user_agent"], entry["connection"]};
}

}  // namespace

void World::settle() {
  if (!marker_) {
    in_internet([&] {
      marker_ = udp_socket();
      sockaddr_in6 address = marker_address();
      check(::bind(marker_.get(), generic(address), sizeof address), "binding the marker socket");
    });
  }
  const std::uint32_t run = ++markers_;
  std::uint32_t expected = 0;
  in_machine_network([&] { expected = send_markers(run); });
  while (expected > 0) {
    wait_for_datagram(marker_.get());
    std::uint32_t received = 0;
    check(::recv(marker_.get(), &received, sizeof received, 0), "reading a marker");
    if (received == run) --expected;
  }
}

std::vector<Packets> World::packets() {
  settle();
  std::vector<Packets> all;
  in_internet([&] { all = witness::recorded(); });
  std::erase_if(all, &is_marker);
  return all;
}

std::vector<Packets> World::packets_to_others(const std::vector<std::string>& expected) {
  std::vector<Packets> others = packets();
  std::erase_if(others, [&](const Packets& entry) {
    return is_dns_server(entry) ||
           std::find(expected.begin(), expected.end(), entry.address) != expected.end();
  });
  return others;
}

std::vector<Packets> World::loopback_packets() {
  std::vector<Packets> all;
  in_machine_network([&] { all = witness::recorded(); });
  return all;
}

void World::forget_packets() {
  settle();
  in_internet(&witness::forget);
  in_machine_network(&witness::forget);
}

void World::silence(std::string_view address) {
  in_internet([&] { witness::silence(address); });
}

std::vector<std::string> World::dns_queries() {
  settle();
  // dnsmasq has one socket a family and reads them in turn; it logs a query before it answers.
  in_internet([] {
    ask_marker("::ffff:127.0.0.1");
    ask_marker("::1");
  });
  std::istringstream log(read_file(internet_path("/run/world/dns.log"), kMaxLog));
  std::vector<std::string> asked;
  // "Nov 23 18:39:11 dnsmasq[8825]: query[AAAA] github.com from 20.55.0.2"; servers of the internet
  // (a proxy, the DoH backend) ask too.
  for (std::string line; std::getline(log, line);) {
    const auto start = line.find(": query[");
    if (start == std::string::npos) continue;
    std::istringstream words(line.substr(start + 8));
    std::string type;
    std::string name;
    std::string from;
    std::string client;
    std::getline(words, type, ']');
    words >> name >> from >> client;
    if (is_machine(client)) asked.push_back(type.append(" ").append(name));
  }
  return asked;
}

std::vector<WebRequest> World::web_requests() {
  in_internet(&request_marker_page);
  std::istringstream log(read_file(internet_path("/run/world/requests.jsonl"), kMaxLog));
  std::vector<WebRequest> requests;
  for (std::string line; std::getline(log, line);)
    requests.push_back(read_request(line));
  return requests;
}

}  // namespace awf::test_world
