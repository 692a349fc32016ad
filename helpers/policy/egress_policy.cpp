// Building the table of one run, and deciding by it.
//
// A request is admitted in three steps, and each has its own answer for the person who reads the
// log: does any entry cover the host, does one name the port, does one admit the protocol. A block
// entry ends the search wherever it is found, so that nothing in the allow list can win over it.
#include "policy/egress_policy.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "common/text.hpp"
#include "policy/name_index.hpp"
#include "policy/policy_entry.hpp"
#include "policy/public_suffix.hpp"
#include "policy/range_index.hpp"

namespace awf::policy {
namespace {

struct Rule {
  std::string text;  // as written
  ServiceScope scope;
  bool blocks;
};

// What is known about a request when all rules that cover its target have been seen.
struct Findings {
  const Rule* blocking = nullptr;
  const Rule* admitting = nullptr;    // one that is not opaque, if there is one
  const Rule* same_port = nullptr;    // names the port
  const Rule* same_target = nullptr;  // covers the target

  // True when nothing that follows can change the verdict.
  bool take(const Rule& rule, Protocol protocol, std::uint16_t port) noexcept {
    if (rule.blocks) {
      if (!rule.scope.port || *rule.scope.port == port) blocking = &rule;
      return blocking != nullptr;
    }
    if (same_target == nullptr) same_target = &rule;
    if (same_port == nullptr && rule.scope.names_port(port)) same_port = &rule;
    // A rule under which the server name is checked is stricter than one that passes bytes unread.
    const bool stricter = admitting == nullptr || admitting->scope.opaque();
    if (stricter && rule.scope.admits(protocol, port)) admitting = &rule;
    return false;
  }
};

// An entry is ASCII without quotes, unless it is internationalised; never cut, so that a person
// finds it as it is shown.
std::string with_entry(std::string_view words, const Rule& rule) {
  const auto plain = [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  if (!std::all_of(rule.text.begin(), rule.text.end(), plain)) {
    return std::string(words) + quoted(rule.text, rule.text.size());
  }
  std::string reason;
  reason.reserve(words.size() + rule.text.size() + 2);
  return reason.append(words).append(1, '"').append(rule.text).append(1, '"');
}

// How a target is written in an entry, before a port too.
const std::string& shown(const HostName& name) {
  return name.text();
}
std::string shown(const IpAddress& address) {
  return address.family() == IpAddress::Family::kV6 ? "[" + address.text() + "]" : address.text();
}

std::string reason_of_protocol(const Rule& rule, std::uint16_t port, const std::string& target) {
  using Limit = ServiceScope::Limit;
  const bool http =
      rule.scope.limit == Limit::kHttp || (rule.scope.limit == Limit::kNone && port == kHttpPort);
  std::string reason =
      with_entry(http ? "only plain HTTP is allowed by " : "only TLS is allowed by ", rule);
  if (rule.scope.limit != Limit::kNone) return reason;
  const std::string number = std::to_string(port);
  return reason + " on port " + number + " (add " + target + ":" + number + " for other protocols)";
}

std::string reason_of_port(std::uint16_t port, const std::string& target) {
  std::string nearest = target + ":" + std::to_string(port);
  if (port == kHttpPort) nearest = "http://" + target;
  if (port == kTlsPort) nearest = "https://" + target;
  return "port " + std::to_string(port) + " is not listed for " + target + " (add " + nearest + ")";
}

// "http://x" asked for on 443, and "https://x" on 80, are errors of protocol to a person.
bool is_other_web_port(const ServiceScope& scope, std::uint16_t port) noexcept {
  return scope.limit != ServiceScope::Limit::kNone && !scope.port &&
         (port == kHttpPort || port == kTlsPort);
}

Decision denied(std::string reason) {
  return {Verdict::kDeny, false, "default", std::move(reason)};
}

Decision denied_by(const Rule& rule) {
  return {Verdict::kDeny, false, rule.text, with_entry("blocked by ", rule)};
}

std::string reason_of_uncovered(const std::string& target) {
  if (target == kHostAlias) {
    return "the host is out of reach (add --enable-host-access --allow-host-ports PORT)";
  }
  constexpr std::string_view kWords = "no entry of the allow list covers ";
  std::string reason;
  reason.reserve(kWords.size() + target.size());
  return reason.append(kWords).append(target);
}

std::string reason_of_denial(const Findings& findings, std::uint16_t port,
                             const std::string& target) {
  if (findings.same_target == nullptr) return reason_of_uncovered(target);
  if (findings.same_port != nullptr) return reason_of_protocol(*findings.same_port, port, target);
  if (is_other_web_port(findings.same_target->scope, port)) {
    return reason_of_protocol(*findings.same_target, port, target);
  }
  return reason_of_port(port, target);
}

std::string located(const SourceEntry& source, const std::string& clause) {
  return source.origin + ": entry " + quoted(trimmed(source.text)) + ": " + clause;
}

}  // namespace

struct EgressPolicy::Table {
  std::vector<Rule> rules;
  NameIndex names;
  RangeIndex ranges;
  bool allows_nothing = true;
  HostAccess host;
  std::vector<IpRange> allowed_ranges;
  std::vector<std::uint16_t> extra_ports;
  std::vector<std::string> warnings;

  // Nothing, or the line that refuses the entry.
  std::optional<std::string> add(const SourceEntry& source, bool blocks);
  std::optional<std::string> review_allowed(const SourceEntry& source, const PolicyEntry& entry);
  void finish();

  template <typename Visitor>
  void visit_covering(const HostName& name, const Visitor& visit) const {
    names.visit_covering(name.text(), [&](RuleNumber rule) { return visit(rules[rule]); });
  }
  template <typename Visitor>
  void visit_covering(const IpAddress& address, const Visitor& visit) const {
    ranges.visit_covering(address, [&](RuleNumber rule) { return visit(rules[rule]); });
  }

  template <typename Target>
  [[nodiscard]] Decision decide(Protocol protocol, const Target& target, std::uint16_t port) const {
    Findings findings;
    visit_covering(target, [&](const Rule& rule) { return findings.take(rule, protocol, port); });
    if (findings.blocking != nullptr) return denied_by(*findings.blocking);
    if (const Rule* rule = findings.admitting) {
      return {Verdict::kAllow, rule->scope.opaque(), rule->text, with_entry("allowed by ", *rule)};
    }
    if (allows_nothing) return denied("the allow list is empty");
    return denied(reason_of_denial(findings, port, shown(target)));
  }

  // The host, by either of its names: a block of one closes both.
  [[nodiscard]] Decision decide_host(std::uint16_t port) const {
    const Rule* blocking = nullptr;
    const auto visit = [&](RuleNumber number) {
      const Rule& rule = rules[number];
      if (rule.blocks && (!rule.scope.port || *rule.scope.port == port)) blocking = &rule;
      return blocking != nullptr;
    };
    names.visit_covering(kHostAlias, visit);
    if (blocking == nullptr) ranges.visit_covering(host_gateway(), visit);
    if (blocking != nullptr) return denied_by(*blocking);
    const HostAccess::Ports* ports = host.opening(port);
    if (ports == nullptr) return denied(reason_of_closed_host_port(port));
    const std::string rule = ports->option + " " + ports->range.text();
    return {Verdict::kAllow, true, rule, "allowed by " + rule};
  }
};

std::optional<std::string> EgressPolicy::Table::add(const SourceEntry& source, bool blocks) {
  auto entry = PolicyEntry::parse(source.text);
  if (!entry) return located(source, entry.error());
  if (!blocks) {
    if (auto refusal = review_allowed(source, *entry)) return refusal;
    allows_nothing = false;
  }
  const auto number = static_cast<RuleNumber>(rules.size());
  rules.push_back({std::string(trimmed(source.text)), entry->scope, blocks});
  if (const auto* range = std::get_if<IpRange>(&entry->target)) {
    ranges.add(*range, number);
  } else {
    names.add(std::get<HostPattern>(std::move(entry).value().target), number);
  }
  return std::nullopt;
}

std::optional<std::string> EgressPolicy::Table::review_allowed(const SourceEntry& source,
                                                               const PolicyEntry& entry) {
  const AllowReview review =
      std::visit([](const auto& target) { return review_for_allow_list(target); }, entry.target);
  if (review.refusal) return located(source, *review.refusal);
  if (review.warning) warnings.push_back(located(source, *review.warning));
  if (const auto* range = std::get_if<IpRange>(&entry.target)) allowed_ranges.push_back(*range);
  const auto port = entry.scope.port;
  if (port && *port != kHttpPort && *port != kTlsPort) extra_ports.push_back(*port);
  return std::nullopt;
}

void EgressPolicy::Table::finish() {
  names.finish();
  ranges.finish();
  std::sort(extra_ports.begin(), extra_ports.end());
  extra_ports.erase(std::unique(extra_ports.begin(), extra_ports.end()), extra_ports.end());
}

Result<EgressPolicy> EgressPolicy::build(const std::vector<SourceEntry>& allow,
                                         const std::vector<SourceEntry>& block, HostAccess host) {
  auto table = std::make_shared<Table>();
  table->host = std::move(host);
  for (const SourceEntry& source : allow) {
    if (auto refusal = table->add(source, false)) return Error{std::move(*refusal)};
  }
  for (const SourceEntry& source : block) {
    if (auto refusal = table->add(source, true)) return Error{std::move(*refusal)};
  }
  table->finish();
  return EgressPolicy(std::move(table));
}

Decision EgressPolicy::decide(Protocol protocol, const HostName& name, std::uint16_t port,
                              Door /*door*/) const {
  if (means_host(name)) return table_->decide_host(port);
  return table_->decide(protocol, name, port);
}

Decision EgressPolicy::decide(Protocol protocol, const IpAddress& address, std::uint16_t port,
                              Door /*door*/) const {
  if (means_host(address)) return table_->decide_host(port);
  return table_->decide(protocol, address, port);
}

Decision EgressPolicy::decide_lookup(const HostName& name) const {
  const Rule* blocking = nullptr;
  const Rule* covering = nullptr;
  table_->visit_covering(name, [&](const Rule& rule) {
    if (rule.blocks && !rule.scope.port) blocking = &rule;
    if (!rule.blocks && covering == nullptr) covering = &rule;
    return blocking != nullptr;
  });
  if (blocking != nullptr) return denied_by(*blocking);
  if (means_host(name)) return {Verdict::kAllow, false, "--enable-host-access", "the host itself"};
  if (covering != nullptr) {
    return {Verdict::kAllow, false, covering->text, with_entry("covered by ", *covering)};
  }
  if (table_->allows_nothing) return denied("the allow list is empty");
  return denied(reason_of_uncovered(name.text()));
}

const std::vector<IpRange>& EgressPolicy::allowed_ranges() const noexcept {
  return table_->allowed_ranges;
}

const std::vector<std::uint16_t>& EgressPolicy::extra_ports() const noexcept {
  return table_->extra_ports;
}

bool EgressPolicy::empty() const noexcept {
  return table_->allows_nothing && table_->host.ports.empty();
}

bool EgressPolicy::means_host(const HostName& name) const {
  return table_->host.enabled && name.text() == kHostAlias;
}

bool EgressPolicy::means_host(const IpAddress& address) const {
  return table_->host.enabled && address == host_gateway();
}

bool EgressPolicy::blocks(const IpAddress& address, std::uint16_t port) const noexcept {
  Findings findings;
  table_->visit_covering(
      address, [&](const Rule& rule) { return findings.take(rule, Protocol::kTcp, port); });
  return findings.blocking != nullptr;
}

const std::vector<std::string>& EgressPolicy::warnings() const noexcept {
  return table_->warnings;
}

}  // namespace awf::policy
