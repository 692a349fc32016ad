#include "awf/denial_help.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "common/text.hpp"
#include "policy/host_access.hpp"
#include "policy/host_name.hpp"

namespace awf::supervisor {
namespace {

using nlohmann::json;

std::string string_at(const json& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_string() ? found->get<std::string>() : std::string();
}

unsigned port_at(const json& record) {
  const auto found = record.find("port");
  return found != record.end() && found->is_number_unsigned() ? found->get<unsigned>() : 0U;
}

// What a person would add to the allow list. A name on 80 or 443 is an entry by itself; packets
// that were not TCP cannot be allowed at all.
std::string entry_for(const json& record, const std::string& name, unsigned port) {
  const std::string protocol = string_at(record, "protocol");
  const bool blocked = string_at(record, "rule") != "default";
  if (blocked || !policy::HostName::parse(name).ok()) return {};
  if (name == policy::kHostAlias) return {};  // the reason says which option opens it
  if (protocol == "udp" || protocol == "icmp" || protocol == "other") return {};
  if (port == 0 || port == 80 || port == 443 || protocol == "dns") return name;
  return name + ":" + std::to_string(port);
}

std::string target_of(const json& record, const std::string& name, unsigned port) {
  const std::string protocol = string_at(record, "protocol");
  std::string target = name.find(':') == std::string::npos ? name : "[" + name + "]";
  if (protocol == "dns") return target + " (lookup)";
  if (port != 0) target += ":" + std::to_string(port);
  if (protocol == "udp" || protocol == "icmp" || protocol == "other") target += "/" + protocol;
  return target;
}

// The text came through the command's hands: only printable ASCII goes to a terminal.
std::string printable(const std::string& text) {
  const std::string q = quoted(text, 300);
  return q.substr(1, q.rfind('"') - 1);
}

}  // namespace

std::vector<DeniedTarget> denied_targets(std::string_view audit) {
  std::map<std::string, DeniedTarget> by_target;
  for (const auto line : split(audit, '\n')) {
    const json record = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!record.is_object() || string_at(record, "verdict") != "deny") continue;
    const std::string name = string_at(record, "name");
    const unsigned port = port_at(record);
    const std::string target = printable(target_of(record, name, port));
    auto& denied = by_target[target];
    if (denied.count++ == 0) {
      denied.target = target;
      denied.reason = printable(string_at(record, "reason"));
      denied.entry = entry_for(record, name, port);
    }
  }
  std::vector<DeniedTarget> all;
  all.reserve(by_target.size());
  for (auto& [target, denied] : by_target)
    all.push_back(std::move(denied));
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  return all;
}

std::string denial_help(const std::vector<DeniedTarget>& denied, std::size_t most) {
  if (denied.empty()) return {};
  std::string text = "awf: blocked by the policy of this run:\n";
  for (std::size_t i = 0; i < denied.size() && i < most; ++i) {
    const auto& d = denied[i];
    text += "  " + d.target;
    if (d.count > 1) text += " (" + std::to_string(d.count) + " times)";
    text += ": " + d.reason + "\n";
  }
  if (denied.size() > most) {
    text += "  … and " + std::to_string(denied.size() - most) + " more\n";
  }
  std::set<std::string> entries;
  for (const auto& d : denied) {
    if (!d.entry.empty() && entries.size() < most) entries.insert(d.entry);
  }
  if (entries.empty()) return text;
  std::string list;
  for (const auto& entry : entries)
    list += (list.empty() ? "" : ",") + entry;
  return text + "awf: to allow them, add:  --allow-domains \"" + list + "\"\n";
}

}  // namespace awf::supervisor
