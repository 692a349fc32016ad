#include "awf/policy_manifest.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "net/sandbox_sockets.hpp"
#include "policy/entry_meaning.hpp"

namespace awf::supervisor {
namespace {

using Json = nlohmann::ordered_json;

std::string iso_time(std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  (void)::gmtime_r(&seconds, &utc);  // fails for years beyond int only
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ",
                      utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                      utc.tm_sec);
  return text.data();
}

// The order is the order of judgement: blocks first, the default last. "rule" is what the field
// "rule" of an audit record says when this rule decided.
class Rules {
 public:
  void add(const policy::SourceEntry& source, bool blocks) {
    const auto entry = policy::PolicyEntry::parse(source.text).or_refuse();
    const auto meaning =
        blocks ? policy::meaning_of_block_entry(entry) : policy::meaning_of_allow_entry(entry);
    Json rule = begin(blocks ? "deny" : "allow", source.text, source.origin, meaning.text);
    rule["kind"] = meaning.kind;
    rule["target"] = meaning.target;
    rule["protocol"] = meaning.protocol;
    rule["ports"] = meaning.ports;
    list_.push_back(std::move(rule));
  }

  void add(const policy::HostAccess::Ports& ports) {
    const std::string text = ports.option + " " + ports.range.text();
    Json rule = begin("allow", text, ports.option,
                      "the host's loopback: any TCP on port " + ports.range.text() + ", unread");
    rule["kind"] = "host";
    rule["target"] = policy::kHostAlias;
    rule["protocol"] = "any";
    rule["portRange"] = {ports.range.first, ports.range.last};
    list_.push_back(std::move(rule));
  }

  Json finish() && {
    list_.push_back(begin("deny", "default", "awf", "everything else"));
    return std::move(list_);
  }

 private:
  Json begin(const char* action, const std::string& text, const std::string& origin,
             const std::string& description) {
    const std::size_t order = list_.size() + 1;
    return {{"id", std::string(action) + "-" + std::to_string(order)},
            {"order", order},
            {"action", action},
            {"rule", text},
            {"origin", origin},
            {"description", description}};
  }

  Json list_ = Json::array();
};

Json rules_of(const RunConfig& config) {
  Rules rules;
  for (const auto& entry : config.block)
    rules.add(entry, true);
  for (const auto& ports : config.host_access.ports)
    rules.add(ports);
  for (const auto& entry : config.allow)
    rules.add(entry, false);
  return std::move(rules).finish();
}

// Both families alike: there is no mode in which one of them is not enforced.
Json enforcement() {
  const char* const how =
      "names by mapped addresses, listed literals intercepted, all else refused";
  return {{"ipv4", how},
          {"ipv6", how},
          {"mappedRanges", {net::kMappedRange4, net::kMappedRange6}},
          {"dns", "answered from the policy, never forwarded"},
          {"tls", "server name must be the name decided"},
          {"http", "Host must be the name decided"}};
}

Json host_ports_of(const policy::HostAccess& access) {
  if (!access.enabled) return nullptr;
  Json list = Json::array();
  for (const auto& ports : access.ports)
    list.push_back(ports.range.text());
  return list;
}

}  // namespace

std::string policy_manifest(const RunConfig& config, std::uint64_t audit_start,
                            std::chrono::system_clock::time_point now) {
  Json manifest;
  manifest["schema"] = "awf-policy-manifest/1";
  manifest["version"] = 1;
  manifest["generatedAt"] = iso_time(now);
  manifest["awfVersion"] = AWF_VERSION;
  manifest["auditSchema"] = "awf-audit/1";
  manifest["auditStart"] = audit_start;
  manifest["mode"] = config.identity.mode == Mode::kRootless ? "rootless" : "privileged";
  manifest["enforcement"] = enforcement();
  manifest["rules"] = rules_of(config);
  Json literals = Json::array();
  for (const auto& range : config.policy.allowed_ranges())
    literals.push_back(range.text());
  manifest["literals"] = std::move(literals);
  manifest["dangerousPorts"] = policy::dangerous_ports();
  manifest["dnsServers"] = config.dns_servers;
  manifest["dnsServersFrom"] = config.dns_servers.empty() ? "machine" : "--dns-servers";
  manifest["allowPrivateAddresses"] = config.allow_private;
  manifest["sslBumpEnabled"] = false;
  manifest["dlpEnabled"] = false;
  manifest["hostAccessEnabled"] = config.host_access.enabled;
  manifest["allowHostPorts"] = host_ports_of(config.host_access);
  manifest["warnings"] = config.warnings;
  manifest["notes"] = config.notes;
  return manifest.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace awf::supervisor
