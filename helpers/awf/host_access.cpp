#include "awf/host_access.hpp"

#include <algorithm>
#include <optional>

#include "common/check.hpp"
#include "common/text.hpp"
#include "policy/policy_entry.hpp"

namespace awf::supervisor {
namespace {

using policy::HostAccess;
using policy::PortRange;
using policy::SourceEntry;

constexpr const char* kHostPortsOption = "--allow-host-ports";
constexpr const char* kServicePortsOption = "--allow-host-service-ports";

std::string_view without_scheme(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) return text.substr(scheme.size());
  }
  return text;
}

std::string_view without_slash(std::string_view text) {
  return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

// The keyword with its prefix kept: "http://localhost" becomes "http://host.docker.internal".
bool replace_keyword(SourceEntry& entry) {
  const std::string text = ascii_lower(trimmed(entry.text));
  const std::string_view host = without_slash(without_scheme(text));
  if (host.starts_with("localhost:")) {
    const std::string port(host.substr(host.find(':') + 1));
    throw Refusal(entry.origin + ": entry " + quoted(entry.text) +
                  ": names a port of the host; write --enable-host-access " + kHostPortsOption +
                  " " + port);
  }
  if (host != "localhost") return false;
  entry.text =
      text.substr(0, text.size() - without_scheme(text).size()) + std::string(policy::kHostAlias);
  return true;
}

bool replace_keywords(std::vector<SourceEntry>& allow) {
  bool any = false;
  for (auto& entry : allow)
    any = replace_keyword(entry) || any;
  return any;
}

PortRange range_of(const char* option, const std::string& text) {
  const auto range = PortRange::parse(text);
  if (!range) throw Refusal(std::string(option) + " " + quoted(text) + ": " + range.error());
  return *range;
}

void open_host_ports(HostAccess& access, const std::vector<std::string>& texts) {
  for (const auto& text : texts) {
    const PortRange range = range_of(kHostPortsOption, text);
    if (const auto port = policy::first_dangerous_port(range)) {
      throw Refusal(std::string(kHostPortsOption) + " " + quoted(text) + ": port " +
                    std::to_string(*port) +
                    " is one of a shell, mail, file or database service; if that is meant, write " +
                    kServicePortsOption + " " + std::to_string(*port));
    }
    access.ports.push_back({range, kHostPortsOption});
  }
}

void open_service_ports(HostAccess& access, const std::vector<std::string>& texts) {
  for (const auto& text : texts) {
    const PortRange range = range_of(kServicePortsOption, text);
    if (range.first != range.last) {
      throw Refusal(std::string(kServicePortsOption) + " " + quoted(text) +
                    ": is a range; name each service's port");
    }
    access.ports.push_back({range, kServicePortsOption});
  }
}

// The entry, when it says host.docker.internal and nothing wider or narrower.
std::optional<policy::ServiceScope> scope_of_host_entry(const SourceEntry& source) {
  const auto entry = policy::PolicyEntry::parse(source.text);
  if (!entry) return std::nullopt;  // build() refuses it with its reason
  const auto* pattern = std::get_if<policy::HostPattern>(&entry->target);
  if (pattern == nullptr || pattern->fixed_tail() != policy::kHostAlias) return std::nullopt;
  return entry->scope;
}

void open_web_ports(HostAccess& access, const std::vector<SourceEntry>& allow) {
  for (const auto& source : allow) {
    const auto scope = scope_of_host_entry(source);
    if (!scope) continue;
    if (scope->port) {
      throw Refusal(source.origin + ": entry " + quoted(source.text) +
                    ": ports of the host are opened by " + kHostPortsOption + "; write " +
                    kHostPortsOption + " " + std::to_string(*scope->port));
    }
    for (const std::uint16_t port : {policy::kHttpPort, policy::kTlsPort}) {
      const bool open = access.opening(port) != nullptr;
      if (!open && scope->names_port(port)) access.ports.push_back({{port, port}, source.origin});
    }
  }
}

std::string warning_of_keyword(bool default_ports) {
  std::string text = "the entry localhost opens ports of this machine to the command, as " +
                     std::string(policy::kHostAlias) +
                     "; inside, localhost stays the command's own";
  if (!default_ports) return text;
  text += "; without --allow-host-ports these are";
  for (const auto port : policy::development_ports())
    text += " " + std::to_string(port);
  return text;
}

}  // namespace

JudgedHostAccess judge_host_access(const Options& options, std::vector<SourceEntry>& allow) {
  JudgedHostAccess judged;
  const bool keyword = replace_keywords(allow);
  judged.access.enabled =
      options.enable_host_access || keyword || !options.allow_host_service_ports.empty();
  if (!judged.access.enabled) {
    if (!options.allow_host_ports.empty()) {
      throw Refusal(std::string(kHostPortsOption) + " needs --enable-host-access; add it");
    }
    for (const auto& source : allow) {
      if (!scope_of_host_entry(source)) continue;
      judged.warnings.push_back(source.origin + ": entry " + quoted(source.text) +
                                ": the host is out of reach without --enable-host-access");
    }
    return judged;
  }
  open_host_ports(judged.access, options.allow_host_ports);
  open_service_ports(judged.access, options.allow_host_service_ports);
  const bool default_ports = keyword && options.allow_host_ports.empty();
  if (default_ports) {
    for (const auto port : policy::development_ports())
      judged.access.ports.push_back({{port, port}, "--allow-domains localhost"});
  }
  open_web_ports(judged.access, allow);
  if (keyword) judged.warnings.push_back(warning_of_keyword(default_ports));
  if (judged.access.ports.empty()) {
    judged.warnings.emplace_back(
        "--enable-host-access opens nothing by itself; add --allow-host-ports PORTS");
  }
  return judged;
}

}  // namespace awf::supervisor
