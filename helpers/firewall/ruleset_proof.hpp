// Comparing the rules that the kernel holds with those that were sent. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace awf::firewall {

// The byte code of rules and the elements of sets, as libnftables describes its netlink messages
// under NFT_DEBUG_NETLINK: the same words for a message that it sends and for one that it reads.
struct ByteCode {
  std::map<std::string, std::vector<std::string>> rules;  // chain → rules in order
  std::vector<std::string> elements;                      // sorted

  friend bool operator==(const ByteCode&, const ByteCode&) = default;
};
ByteCode read_byte_code(std::string_view debug_text);

// The frame around the rules, of a ruleset as text: "table inet awf", "set intercept4",
// "output: type filter hook output priority 0; policy drop;".
std::vector<std::string> read_frame(std::string_view ruleset_text);

// Throws Refusal unless `held_text`, what "list ruleset" printed with NFT_DEBUG_NETLINK and numeric
// priorities, is exactly `asked`, which `sent_text` describes in byte code.
void verify_held(std::string_view asked, std::string_view sent_text, std::string_view held_text);

}  // namespace awf::firewall
