#include "egress-proxy/run_policy.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/text.hpp"

namespace awf::egress {
namespace {

using nlohmann::json;
using policy::SourceEntry;

constexpr std::array<std::string_view, 11> kKeys{
    "allow",         "block",    "dnsServers", "allowPrivate", "hostPorts", "dnsOverHttps",
    "upstreamProxy", "logLevel", "maxTx",      "maxTxTotal",   "minTls"};
constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warn", "error"};

template <typename Known>
bool is_one_of(const Known& known, std::string_view word) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

// The parser below throws Refusal; the one public function turns it into a Result.
[[noreturn]] void refuse(const std::string& what) {
  throw Refusal("run policy: " + what);
}

const std::string& text_in(const json& value, const std::string& where) {
  if (!value.is_string()) refuse(where + " is not a string");
  return value.get_ref<const std::string&>();
}

SourceEntry entry_of(const json& value, const std::string& key) {
  if (!value.is_object() || value.size() != 2 || !value.contains("text") ||
      !value.contains("origin")) {
    refuse("an entry of " + key + " is not {\"text\", \"origin\"}");
  }
  return {text_in(value["text"], key + ".text"), text_in(value["origin"], key + ".origin")};
}

const json& array_in(const json& object, const std::string& key) {
  static const json kEmpty = json::array();
  if (!object.contains(key)) return kEmpty;
  if (!object[key].is_array()) refuse(key + " is not an array");
  return object[key];
}

std::vector<SourceEntry> entries_in(const json& object, const std::string& key) {
  if (!object.contains(key)) refuse(key + " is missing");
  std::vector<SourceEntry> entries;
  for (const json& value : array_in(object, key))
    entries.push_back(entry_of(value, key));
  return entries;
}

std::vector<net::DnsServer> servers_in(const json& object) {
  std::vector<net::DnsServer> servers;
  for (const json& value : array_in(object, "dnsServers")) {
    servers.push_back(net::DnsServer::parse(text_in(value, "dnsServers")).or_refuse());
  }
  return servers;
}

std::vector<policy::IpRange> ranges_in(const json& object) {
  std::vector<policy::IpRange> ranges;
  for (const json& value : array_in(object, "allowPrivate")) {
    ranges.push_back(policy::IpRange::parse(text_in(value, "allowPrivate")).or_refuse());
  }
  return ranges;
}

policy::HostAccess::Ports host_ports_of(const json& value) {
  if (!value.is_object() || value.size() != 2 || !value.contains("ports") ||
      !value.contains("option")) {
    refuse("an entry of hostPorts is not {\"ports\", \"option\"}");
  }
  return {policy::PortRange::parse(text_in(value["ports"], "hostPorts.ports")).or_refuse(),
          text_in(value["option"], "hostPorts.option")};
}

policy::HostAccess host_access_in(const json& object) {
  policy::HostAccess access;
  access.enabled = object.contains("hostPorts");
  for (const json& value : array_in(object, "hostPorts"))
    access.ports.push_back(host_ports_of(value));
  return access;
}

std::optional<std::string> doh_url_in(const json& object) {
  if (!object.contains("dnsOverHttps")) return std::nullopt;
  const std::string& text = text_in(object["dnsOverHttps"], "dnsOverHttps");
  if (const auto url = net::parse_doh_url(text); !url) refuse("dnsOverHttps: " + url.error());
  return text;
}

std::optional<UpstreamProxy> upstream_proxy_in(const json& object) {
  if (!object.contains("upstreamProxy")) return std::nullopt;
  const json& given = object["upstreamProxy"];
  if (!given.is_object() || given.size() != 2 || !given.contains("url") ||
      !given.contains("noProxy")) {
    refuse("upstreamProxy is not {\"url\", \"noProxy\"}");
  }
  auto url = net::parse_proxy_url(text_in(given["url"], "upstreamProxy.url"));
  if (!url) refuse("upstreamProxy.url: " + url.error());
  std::vector<policy::HostName> direct;
  for (const json& domain : array_in(given, "noProxy"))
    direct.push_back(policy::HostName::parse(text_in(domain, "noProxy")).or_refuse());
  return UpstreamProxy(std::move(url).value(), std::move(direct));
}

std::string level_in(const json& object) {
  if (!object.contains("logLevel")) return "info";
  const std::string& level = text_in(object["logLevel"], "logLevel");
  if (!is_one_of(kLevels, level)) refuse("logLevel " + quoted(level) + " is unknown");
  return level;
}

std::vector<policy::UploadLimit> upload_limits_in(const json& object) {
  std::vector<policy::UploadLimit> limits;
  for (const json& value : array_in(object, "maxTx")) {
    limits.push_back(policy::UploadLimit::parse(text_in(value, "maxTx")).or_refuse());
  }
  return limits;
}

std::optional<std::uint64_t> upload_total_in(const json& object) {
  if (!object.contains("maxTxTotal")) return std::nullopt;
  if (!object["maxTxTotal"].is_number_unsigned()) refuse("maxTxTotal is not a number of bytes");
  return object["maxTxTotal"].get<std::uint64_t>();
}

std::uint16_t min_tls_in(const json& object) {
  if (!object.contains("minTls")) return 0;
  const std::string& version = text_in(object["minTls"], "minTls");
  if (version == "1.2") return 0x0303;
  if (version == "1.3") return 0x0304;
  refuse("minTls " + quoted(version) + " is neither 1.2 nor 1.3");
}

RunPolicy run_policy_of(const json& object) {
  if (!object.is_object()) refuse("not a JSON object");
  for (const auto& item : object.items()) {
    if (!is_one_of(kKeys, item.key())) refuse("unknown key " + quoted(item.key()));
  }
  const auto allow = entries_in(object, "allow");
  const auto block = entries_in(object, "block");
  return {policy::EgressPolicy::build(allow, block, host_access_in(object)).or_refuse(),
          servers_in(object),
          ranges_in(object),
          doh_url_in(object),
          upstream_proxy_in(object),
          level_in(object),
          upload_limits_in(object),
          upload_total_in(object),
          min_tls_in(object)};
}

}  // namespace

Result<RunPolicy> parse_run_policy(std::string_view text) {
  try {
    return run_policy_of(json::parse(text));
  } catch (const json::exception& failure) {
    return Error{std::string("run policy: ") + failure.what()};
  } catch (const Refusal& refusal) {
    return Error{refusal.what()};
  }
}

}  // namespace awf::egress
