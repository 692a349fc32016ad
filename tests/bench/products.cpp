#include "products.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "common/check.hpp"
#include "common/unique_fd.hpp"

namespace awf::bench {
namespace {

using test_world::RunningCommand;
using test_world::RunOptions;

constexpr std::uint16_t kProxyPort = 3128;
constexpr const char* kProxy = "127.0.0.1:3128";

// As Debian ships it but for the policy, the port and a single process; nothing is cached.
constexpr const char* kSquidConfiguration = R"(
http_port 127.0.0.1:3128
acl origin dstdomain .github.com
acl tls port 443
acl CONNECT method CONNECT
http_access allow CONNECT tls origin
http_access deny all
cache deny all
access_log stdio:/tmp/proxy/access.log
cache_log /tmp/proxy/cache.log
pid_filename none
coredump_dir /tmp/proxy
max_filedescriptors 20000
shutdown_lifetime 1 seconds
)";

constexpr const char* kTinyproxyConfiguration = R"(
User nobody
Group nogroup
Port 3128
Listen 127.0.0.1
Allow 127.0.0.1
ConnectPort 443
Timeout 3600
MaxClients 8000
LogFile "/tmp/proxy/access.log"
LogLevel Connect
Filter "/tmp/filter"
FilterExtended On
FilterDefaultDeny Yes
)";

bool accepts() {
  const UniqueFd socket(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "a socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kProxyPort);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

RunOptions unhurried() {
  RunOptions options;
  options.limit = std::chrono::minutes(5);
  options.input_stays_open = true;
  return options;
}

}  // namespace

Product::Product(const std::string& name, test_world::World& world) : name_(name), world_(world) {
  world.run_in_machine({"/bin/sh", "-c", "mkdir -m 1777 /tmp/proxy"});
  if (name == "squid") start_squid();
  if (name == "tinyproxy") start_tinyproxy();
  verify(!proxy_.empty() || name == "direct" || name == "awf" || name == "awf-intercept",
         "a product by that name");
}

void Product::start_squid() {
  world_.plant_file("/tmp/squid.conf", kSquidConfiguration);
  proxy_.push_back(
      world_.spawn_in_machine({"/usr/sbin/squid", "-N", "-f", "/tmp/squid.conf"}, unhurried()));
  await_port();
}

void Product::start_tinyproxy() {
  world_.plant_file("/tmp/tinyproxy.conf", kTinyproxyConfiguration);
  world_.plant_file("/tmp/filter", "^github\\.com$\n");
  proxy_.push_back(world_.spawn_in_machine(
      {"/usr/bin/tinyproxy", "-d", "-c", "/tmp/tinyproxy.conf"}, unhurried()));
  await_port();
}

// Neither says when it listens, so it is asked.
void Product::await_port() {
  constexpr int kTries = 2000;
  constexpr int kMillisecondsBetween = 5;
  for (int i = 0; i < kTries; ++i) {
    bool accepted = false;
    world_.in_machine_network([&accepted] { accepted = accepts(); });
    if (accepted) return;
    (void)::poll(nullptr, 0, kMillisecondsBetween);
  }
  throw Refusal(name_ + " does not accept connections");
}

RunningCommand Product::start_load(const std::vector<std::string>& phases) {
  std::vector<std::string> load{std::string(test_world::kPrograms) + "/bench-load"};
  if (name_ == "squid" || name_ == "tinyproxy" || name_ == "awf")
    load.insert(load.end(), {"--proxy", kProxy});
  load.insert(load.end(), {kOriginName, kOriginPort});
  load.insert(load.end(), phases.begin(), phases.end());
  if (!name_.starts_with("awf")) return world_.spawn_in_machine(load, unhurried());
  std::vector<std::string> arguments{"--allow-domains", kOriginName,        "--log-level", "error",
                                     "--audit-dir",     "/tmp/proxy/audit", "--"};
  arguments.insert(arguments.end(), load.begin(), load.end());
  return world_.spawn_awf(arguments, unhurried());
}

std::vector<pid_t> Product::processes() const {
  const std::string program = name_.starts_with("awf") ? "/awf-egress-proxy" : "/" + name_;
  std::vector<pid_t> pids;
  for (const auto& process : world_.processes()) {
    const std::string first = process.command_line.substr(0, process.command_line.find(' '));
    if (first.ends_with(program)) pids.push_back(process.pid);
  }
  verify(name_ == "direct" || !pids.empty(), name_ + " is running");
  return pids;
}

}  // namespace awf::bench
