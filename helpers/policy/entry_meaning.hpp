// What one entry of a policy means, in words and in fields for machines. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/policy_entry.hpp"

namespace awf::policy {

struct EntryMeaning {
  std::string kind;                  // "tree", "exact", "below", "glob", "address", "range"
  std::string target;                // canonical, without the marks of its kind
  std::string protocol;              // "http", "https", "both", or "any": bytes pass unread
  std::vector<std::uint16_t> ports;  // empty: every port (of a block entry)
  std::string text;  // "github.com and every name below it: HTTP on port 80, TLS on port 443"
};

EntryMeaning meaning_of_allow_entry(const PolicyEntry& entry);
// A block entry means every protocol, and every port unless it names one.
EntryMeaning meaning_of_block_entry(const PolicyEntry& entry);

}  // namespace awf::policy
