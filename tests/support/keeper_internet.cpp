#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/file.hpp"
#include "common/unique_fd.hpp"
#include "support/addresses.hpp"
#include "support/keeper.hpp"

namespace awf::test_world::keeper {
namespace {

// Ports where nothing web-like listens; what is sent there comes back after a greeting.
constexpr std::array<std::uint16_t, 6> kEchoPorts{22, 25, 853, 5432, 6667, 9418};

constexpr const char* kBackend = AWF_TEST_SUPPORT_DIR "/backend.py";
constexpr const char* kWebConfiguration = AWF_TEST_SUPPORT_DIR "/nginx.conf";
constexpr const char* kOpensslConfiguration = AWF_TEST_SUPPORT_DIR "/openssl.conf";

std::string world_file(std::string_view name) {
  return std::string(kWorldDirectory) + "/" + std::string(name);
}

UniqueFd listen_on_unix(const std::string& path) {
  UniqueFd socket(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "opening a socket"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  verify(path.size() < sizeof address.sun_path, "the path of a unix socket is short enough");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  check(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        "binding " + path);
  check(::listen(socket.get(), 4096), "listening on " + path);
  return socket;
}

// Both families at once: [::] without IPV6_V6ONLY also takes IPv4.
UniqueFd listen_on_port(std::uint16_t port) {
  UniqueFd socket(check(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), "opening a socket"));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  check(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        "binding an echo port");
  check(::listen(socket.get(), 128), "listening on an echo port");
  return socket;
}

void start_backend() {
  std::vector<UniqueFd> listeners;
  listeners.push_back(listen_on_unix(world_file("backend")));
  for (const std::uint16_t port : kEchoPorts)
    listeners.push_back(listen_on_port(port));
  SpawnPlan plan;
  plan.program = find_tool("python3");
  plan.argv = {"python3", "-I", "-S", kBackend, std::to_string(kEchoPorts.size())};
  plan.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
  for (const UniqueFd& listener : listeners) {
    plan.fds.emplace_back(3 + static_cast<int>(plan.fds.size()), listener.get());
  }
  // It lives as long as the pid namespace: ~Child would end it, so the Child is never destroyed.
  // The listeners are open already, so nobody has to wait until Python is up.
  (void)new Child(Child::spawn(plan));
}

void start_dns() {
  std::vector<std::string> argv{"dnsmasq", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                                "--user=root", "--pid-file=", "--log-queries", "--cache-size=0",
                                "--local-ttl=60",
                                // An empty address for every name: NXDOMAIN unless listed below.
                                "--address=/#/"};
  argv.push_back("--log-facility=" + world_file("dns.log"));
  for (const ServedName& served : kServedNames) {
    std::string record = "--host-record=" + std::string(served.name);
    for (const std::string_view address : {served.address4, served.address6}) {
      if (!address.empty()) record += "," + std::string(address);
    }
    argv.push_back(std::move(record));
  }
  for (const std::string_view address : {kMixedPublic4, kMixedPrivate4}) {
    argv.push_back("--host-record=" + std::string(kMixedName) + "," + std::string(address));
  }
  argv.push_back("--cname=" + std::string(kAlias) + "," + std::string(kAliasTarget));
  // It goes into the background when its sockets are bound.
  run_tool(argv);
}

}  // namespace

void make_certificates() {
  std::string names = "subjectAltName=";
  for (const ServedName& served : kServedNames)
    names += "DNS:" + std::string(served.name) + ",";
  names += "DNS:" + std::string(kMixedName) + ",DNS:" + std::string(kAlias) +
           ",IP:" + std::string(kDohServer4);
  const std::vector<std::string> common{
      "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"};
  const auto request = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"openssl", "req", "-x509"});
    words.insert(words.end(), common.begin(), common.end());
    words.insert(words.end(), {"-config", kOpensslConfiguration});
    run_tool(words);
  };
  request({"-subj", "/CN=AWF Test World Authority", "-addext", "basicConstraints=critical,CA:TRUE",
           "-addext", "keyUsage=critical,keyCertSign", "-keyout", world_file("authority.key"),
           "-out", world_file("authority.pem")});
  request({"-subj", "/CN=github.com", "-addext", names, "-addext", "extendedKeyUsage=serverAuth",
           "-CA", world_file("authority.pem"), "-CAkey", world_file("authority.key"), "-keyout",
           world_file("leaf.key"), "-out", world_file("leaf.pem")});
}

void wire_internet(pid_t machine, const Families& families) {
  std::string batch =
      "link set lo up\n"
      "link add eth0 type veth peer name eth0 netns " +
      std::to_string(machine) + "\nlink set eth0 addrgenmode none up\naddr add " +
      std::string(kGatewayLinkLocal) + "/64 dev eth0 nodad\n";
  if (families.ipv4) batch += "addr add " + std::string(kGateway4) + "/24 dev eth0\n";
  if (families.ipv6) batch += "addr add " + std::string(kGateway6) + "/64 dev eth0 nodad\n";
  // Every address is local here: whatever leaves the machine finds a server that answers it. The
  // way back is in the local table too, since that table is consulted first.
  batch += "route add local 0.0.0.0/0 dev lo\nroute add local ::/0 dev lo\n";
  if (families.ipv4) batch += "route add " + std::string(kMachine4) + " dev eth0 table local\n";
  if (families.ipv6) batch += "route add " + std::string(kMachine6) + " dev eth0 table local\n";
  batch += "route add " + std::string(kMachineLinkLocal) + " dev eth0 table local\n";
  run_tool({"ip", "-batch", "-"}, batch);
  // A datagram may be sent from an IPv6 address that only a route makes local (ip-sysctl.rst); IPv4
  // permits that anyway.
  write_control_file("/proc/sys/net/ipv6/ip_nonlocal_bind", "1");
}

void start_servers(Purpose purpose) {
  start_dns();
  if (purpose == Purpose::kMeasuring) return;
  start_backend();
  // nginx goes into the background when it listens.
  run_tool({"nginx", "-e", world_file("nginx-error.log"), "-p", kWorldDirectory, "-c",
            kWebConfiguration});
}

}  // namespace awf::test_world::keeper
