#include "net/resolv_conf.hpp"

#include <net/if.h>

#include "common/file.hpp"
#include "common/text.hpp"

namespace awf::net {
namespace {

constexpr std::size_t kMaxServers = 3;
constexpr std::size_t kMaxFile = 65536;

}  // namespace

std::vector<DnsServer> servers_of_resolv_conf(std::string_view text) {
  constexpr std::string_view kKeyword = "nameserver";
  std::vector<DnsServer> servers;
  for (const auto raw : split(text, '\n')) {
    const auto line = trimmed(raw);
    if (line.substr(0, kKeyword.size()) != kKeyword) continue;
    const auto rest = line.substr(kKeyword.size());
    if (rest.empty() || (rest.front() != ' ' && rest.front() != '\t')) continue;
    const auto value = trimmed(rest);
    const auto server = DnsServer::parse(value.substr(0, value.find_first_of(" \t")));
    if (server && servers.size() < kMaxServers) servers.push_back(*server);
  }
  return servers;
}

std::vector<DnsServer> host_servers() {
  auto servers =
      servers_of_resolv_conf(read_file_if_there("/etc/resolv.conf", kMaxFile).value_or(""));
  std::erase_if(servers, [&](const DnsServer& server) {
    return !server.zone.empty() && ::if_nametoindex(server.zone.c_str()) == 0;
  });
  return servers;
}

}  // namespace awf::net
