// Building the table of one run, and deciding by it.
//
// A rule is admitted in three steps, and each has its own answer for the person who reads the log:
// does any entry cover the host, does one name the port, does one admit the protocol. The block
// list is asked first, so that nothing in the allow list can win over it.
#include "policy/egress_policy.hpp"

#include <algorithm>
#include <optional>
#include <variant>

#include "common/text.hpp"
#include "policy/policy_entry.hpp"
#include "policy/public_suffix.hpp"
#include "policy/rule_index.hpp"

namespace awf::policy {
namespace {

struct Rule {
  std::string text;  // as written
  ServiceScope scope;
};

struct RuleList {
  std::vector<Rule> rules;
  NameIndex names;
  RangeIndex ranges;

  void add(const SourceEntry& source, PolicyEntry entry) {
    const auto number = static_cast<RuleNumber>(rules.size());
    rules.push_back({std::string(trimmed(source.text)), entry.scope});
    if (auto* pattern = std::get_if<HostPattern>(&entry.target)) {
      names.add(std::move(*pattern), number);
    } else {
      ranges.add(std::get<IpRange>(entry.target), number);
    }
  }

  template <typename Visitor>
  void visit_covering(const HostName& name, const Visitor& visit) const {
    names.visit_covering(name.text(), visit);
  }
  template <typename Visitor>
  void visit_covering(const IpAddress& address, const Visitor& visit) const {
    ranges.visit_covering(address, visit);
  }
};

Decision denied(std::string rule, std::string reason) {
  return {Verdict::kDeny, false, std::move(rule), std::move(reason)};
}

// What a person calls the target, and how it is written in an entry with a port.
std::string shown(const HostName& name) {
  return name.text();
}
std::string shown(const IpAddress& address) {
  return address.text();
}
std::string before_port(const HostName& name) {
  return name.text();
}
std::string before_port(const IpAddress& address) {
  return address.family() == IpAddress::Family::kV6 ? "[" + address.text() + "]" : address.text();
}

// The first block entry that covers the target: for one port, or, without a port, for every one.
template <typename Target>
const Rule* blocking_rule(const RuleList& block, const Target& target,
                          std::optional<std::uint16_t> port) {
  const Rule* found = nullptr;
  block.visit_covering(target, [&](RuleNumber number) {
    const Rule& rule = block.rules[number];
    if (!rule.scope.port || rule.scope.port == port) found = &rule;
    return found != nullptr;
  });
  return found;
}

// The entries that came nearest to admitting a request.
struct Candidates {
  const Rule* admitting = nullptr;    // admits it; one that is not opaque, if there is one
  const Rule* same_port = nullptr;    // names the port, but not the protocol
  const Rule* same_target = nullptr;  // covers the target
};

template <typename Target>
Candidates find_candidates(const RuleList& allow, const Target& target, Protocol protocol,
                           std::uint16_t port) {
  Candidates found;
  allow.visit_covering(target, [&](RuleNumber number) {
    const Rule& rule = allow.rules[number];
    if (found.same_target == nullptr) found.same_target = &rule;
    if (rule.scope.names_port(port) && found.same_port == nullptr) found.same_port = &rule;
    if (!rule.scope.admits(protocol, port)) return false;
    // A rule under which the server name is checked is stricter than one that passes bytes unread.
    if (found.admitting == nullptr || !rule.scope.opaque()) found.admitting = &rule;
    return !rule.scope.opaque();
  });
  return found;
}

std::string reason_of_protocol(const Rule& rule, std::uint16_t port, const std::string& with_port) {
  const bool http = rule.scope.limit == ServiceScope::Limit::kHttp ||
                    (rule.scope.limit == ServiceScope::Limit::kNone && port == kHttpPort);
  std::string reason = http ? "only plain HTTP is allowed by " : "only TLS is allowed by ";
  reason += quoted(rule.text, rule.text.size());
  if (rule.scope.limit != ServiceScope::Limit::kNone) return reason;
  return reason + " on port " + std::to_string(port) + " (add " + with_port + ":" +
         std::to_string(port) + " for other protocols)";
}

// Ports 80 and 443 of an entry with a prefix are named together in people's minds.
bool is_other_web_port(const ServiceScope& scope, std::uint16_t port) noexcept {
  return scope.limit != ServiceScope::Limit::kNone && !scope.port &&
         (port == kHttpPort || port == kTlsPort);
}

std::string reason_of_port(std::uint16_t port, const std::string& target,
                           const std::string& with_port) {
  std::string nearest = with_port + ":" + std::to_string(port);
  if (port == kHttpPort) nearest = "http://" + with_port;
  if (port == kTlsPort) nearest = "https://" + with_port;
  return "port " + std::to_string(port) + " is not listed for " + target + " (add " + nearest + ")";
}

template <typename Target>
std::string reason_of_denial(const RuleList& allow, const Candidates& candidates,
                             const Target& target, std::uint16_t port) {
  if (allow.rules.empty()) return "the allow list is empty";
  if (candidates.same_target == nullptr) {
    return "no entry of the allow list covers " + shown(target);
  }
  if (candidates.same_port != nullptr) {
    return reason_of_protocol(*candidates.same_port, port, before_port(target));
  }
  if (is_other_web_port(candidates.same_target->scope, port)) {
    return reason_of_protocol(*candidates.same_target, port, before_port(target));
  }
  return reason_of_port(port, shown(target), before_port(target));
}

std::string quoted_rule(const Rule& rule) {
  return quoted(rule.text, rule.text.size());
}

template <typename Target>
Decision decide_target(const RuleList& allow, const RuleList& block, Protocol protocol,
                       const Target& target, std::uint16_t port) {
  if (const Rule* rule = blocking_rule(block, target, port)) {
    return denied(rule->text, "blocked by " + quoted_rule(*rule));
  }
  const Candidates candidates = find_candidates(allow, target, protocol, port);
  if (const Rule* rule = candidates.admitting) {
    return {Verdict::kAllow, rule->scope.opaque(), rule->text, "allowed by " + quoted_rule(*rule)};
  }
  return denied("default", reason_of_denial(allow, candidates, target, port));
}

std::string located(const SourceEntry& source, const std::string& clause) {
  return source.origin + ": entry " + quoted(trimmed(source.text)) + ": " + clause;
}

}  // namespace

struct EgressPolicy::Table {
  RuleList allow;
  RuleList block;
  std::vector<IpRange> allowed_ranges;
  std::vector<std::uint16_t> extra_ports;
  std::vector<std::string> warnings;

  // Nothing, or the line that refuses the entry.
  std::optional<std::string> add_allowed(const SourceEntry& source);
  std::optional<std::string> add_blocked(const SourceEntry& source);
  void finish();
};

std::optional<std::string> EgressPolicy::Table::add_allowed(const SourceEntry& source) {
  auto entry = PolicyEntry::parse(source.text);
  if (!entry) return located(source, entry.error());
  AllowReview review =
      std::visit([](const auto& target) { return review_for_allow_list(target); }, entry->target);
  if (review.refusal) return located(source, *review.refusal);
  if (review.warning) warnings.push_back(located(source, *review.warning));
  if (const auto* range = std::get_if<IpRange>(&entry->target)) allowed_ranges.push_back(*range);
  const auto port = entry->scope.port;
  if (port && *port != kHttpPort && *port != kTlsPort) extra_ports.push_back(*port);
  allow.add(source, std::move(entry).value());
  return std::nullopt;
}

std::optional<std::string> EgressPolicy::Table::add_blocked(const SourceEntry& source) {
  auto entry = PolicyEntry::parse(source.text);
  if (!entry) return located(source, entry.error());
  block.add(source, std::move(entry).value());
  return std::nullopt;
}

void EgressPolicy::Table::finish() {
  allow.ranges.sort();
  block.ranges.sort();
  std::sort(extra_ports.begin(), extra_ports.end());
  extra_ports.erase(std::unique(extra_ports.begin(), extra_ports.end()), extra_ports.end());
}

Result<EgressPolicy> EgressPolicy::build(const std::vector<SourceEntry>& allow,
                                         const std::vector<SourceEntry>& block) {
  auto table = std::make_shared<Table>();
  for (const SourceEntry& source : allow) {
    if (auto refusal = table->add_allowed(source)) return Error{std::move(*refusal)};
  }
  for (const SourceEntry& source : block) {
    if (auto refusal = table->add_blocked(source)) return Error{std::move(*refusal)};
  }
  table->finish();
  return EgressPolicy(std::move(table));
}

Decision EgressPolicy::decide(Protocol protocol, const HostName& name, std::uint16_t port,
                              Door /*door*/) const {
  return decide_target(table_->allow, table_->block, protocol, name, port);
}

Decision EgressPolicy::decide(Protocol protocol, const IpAddress& address, std::uint16_t port,
                              Door /*door*/) const {
  return decide_target(table_->allow, table_->block, protocol, address, port);
}

Decision EgressPolicy::decide_lookup(const HostName& name) const {
  if (const Rule* rule = blocking_rule(table_->block, name, std::nullopt)) {
    return denied(rule->text, "blocked by " + quoted_rule(*rule));
  }
  const Rule* covering = nullptr;
  table_->allow.visit_covering(name, [&](RuleNumber number) {
    covering = &table_->allow.rules[number];
    return true;
  });
  if (covering == nullptr) {
    return denied("default", reason_of_denial(table_->allow, {}, name, 0));
  }
  return {Verdict::kAllow, false, covering->text, "covered by " + quoted_rule(*covering)};
}

const std::vector<IpRange>& EgressPolicy::allowed_ranges() const noexcept {
  return table_->allowed_ranges;
}

const std::vector<std::uint16_t>& EgressPolicy::extra_ports() const noexcept {
  return table_->extra_ports;
}

bool EgressPolicy::empty() const noexcept {
  return table_->allow.rules.empty();
}

bool EgressPolicy::blocks(const IpAddress& address, std::uint16_t port) const noexcept {
  return blocking_rule(table_->block, address, port) != nullptr;
}

const std::vector<std::string>& EgressPolicy::warnings() const noexcept {
  return table_->warnings;
}

}  // namespace awf::policy
