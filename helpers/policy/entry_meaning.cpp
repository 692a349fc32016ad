#include "policy/entry_meaning.hpp"

namespace awf::policy {
namespace {

using Limit = ServiceScope::Limit;

std::string body_of(const HostPattern& pattern) {
  std::string text = pattern.text();
  if (pattern.kind() == HostPattern::Kind::kExact) text.erase(0, 1);  // "="
  if (pattern.kind() == HostPattern::Kind::kBelow) text.erase(0, 2);  // "*."
  return text;
}

// Fills kind and target; returns the words for both.
std::string describe_target(const HostPattern& pattern, EntryMeaning& meaning) {
  meaning.target = body_of(pattern);
  switch (pattern.kind()) {
    case HostPattern::Kind::kTree:
      meaning.kind = "tree";
      return meaning.target + " and every name below it";
    case HostPattern::Kind::kExact:
      meaning.kind = "exact";
      return meaning.target + " alone";
    case HostPattern::Kind::kBelow:
      meaning.kind = "below";
      return "every name below " + meaning.target + ", not " + meaning.target + " itself";
    case HostPattern::Kind::kGlob:
      break;
  }
  meaning.kind = "glob";
  return "every name that fits " + meaning.target;
}

std::string describe_target(const IpRange& range, EntryMeaning& meaning) {
  const bool whole =
      range.prefix_length() == (range.base().family() == IpAddress::Family::kV4 ? 32U : 128U);
  meaning.kind = whole ? "address" : "range";
  meaning.target = whole ? range.base().text() : range.text();
  return (whole ? "the address " : "every address of ") + meaning.target;
}

EntryMeaning describe(const PolicyEntry& entry) {
  EntryMeaning meaning;
  meaning.text = std::visit([&](const auto& target) { return describe_target(target, meaning); },
                            entry.target);
  return meaning;
}

}  // namespace

EntryMeaning meaning_of_allow_entry(const PolicyEntry& entry) {
  EntryMeaning meaning = describe(entry);
  const auto& scope = entry.scope;
  const std::string named = scope.port ? std::to_string(*scope.port) : std::string();
  if (scope.opaque()) {
    meaning.protocol = "any";
    meaning.ports = {*scope.port};
    meaning.text += ": any TCP on port " + named + ", unread";
  } else if (scope.limit == Limit::kHttp) {
    meaning.protocol = "http";
    meaning.ports = {scope.port.value_or(kHttpPort)};
    meaning.text += ": HTTP on port " + std::to_string(meaning.ports.front());
  } else if (scope.limit == Limit::kTls) {
    meaning.protocol = "https";
    meaning.ports = {scope.port.value_or(kTlsPort)};
    meaning.text += ": TLS on port " + std::to_string(meaning.ports.front());
  } else {
    meaning.protocol = "both";
    meaning.ports = {kHttpPort, kTlsPort};
    meaning.text += ": HTTP on port 80, TLS on port 443";
  }
  return meaning;
}

EntryMeaning meaning_of_block_entry(const PolicyEntry& entry) {
  EntryMeaning meaning = describe(entry);
  meaning.protocol = "any";
  if (entry.scope.port) meaning.ports = {*entry.scope.port};
  meaning.text += entry.scope.port ? ": every protocol on port " + std::to_string(*entry.scope.port)
                                   : ": every protocol on every port";
  return meaning;
}

}  // namespace awf::policy
