// The text that libnftables prints for a ruleset is not the text it was given, and it changes with
// its version. Its byte code does not have this freedom: what the kernel runs is what is compared.
// Forms (libnftnl 1.2): a rule is a line "FAMILY TABLE CHAIN [HANDLE [POSITION]]" and one line
// "  [ EXPRESSION ]" for each expression; a set element is "element KEY  : FLAGS [end]".
#include "firewall/ruleset_proof.hpp"

#include <algorithm>

#include "common/check.hpp"
#include "common/text.hpp"

namespace awf::firewall {
namespace {

// Some versions print the flags of a lookup when they read it and not when they send it.
std::string normalised(std::string_view expression) {
  constexpr std::string_view kNoFlags = " 0x0 ]";
  std::string text(expression);
  const bool is_lookup = text.starts_with("[ lookup ") && text.ends_with(kNoFlags);
  if (is_lookup) text.replace(text.size() - kNoFlags.size(), kNoFlags.size(), " ]");
  return text;
}

void take_elements(std::string_view line, std::vector<std::string>& elements) {
  constexpr std::string_view kStart = "element ";
  constexpr std::string_view kEnd = "[end]";
  for (auto at = line.find(kStart); at != std::string_view::npos; at = line.find(kStart, at)) {
    const auto end = std::min(line.find(kEnd, at), line.size());
    elements.emplace_back(trimmed(line.substr(at, end - at)));
    at = end;
  }
}

// "inet awf output 27 26" → "inet awf output".
std::string chain_of(std::string_view header) {
  const auto words = split(header, ' ');
  if (words.size() < 3) return std::string(header);
  return std::string(words[0]) + ' ' + std::string(words[1]) + ' ' + std::string(words[2]);
}

}  // namespace

ByteCode read_byte_code(std::string_view debug_text) {
  ByteCode code;
  std::string_view header;
  bool in_rule = false;
  for (const auto line : split(debug_text, '\n')) {
    const auto text = trimmed(line);
    if (!text.starts_with('[')) {
      take_elements(text, code.elements);
      header = text;
      in_rule = false;
      continue;
    }
    auto& rules = code.rules[chain_of(header)];
    if (!in_rule) rules.emplace_back();
    rules.back() += normalised(text) + '\n';
    in_rule = true;
  }
  std::sort(code.elements.begin(), code.elements.end());
  return code;
}

std::vector<std::string> read_frame(std::string_view ruleset_text) {
  std::vector<std::string> frame;
  std::string chain;
  for (const auto line : split(ruleset_text, '\n')) {
    const auto text = trimmed(line);
    if (text.starts_with("chain ")) chain = trimmed(text.substr(6, text.find('{') - 6));
    const bool opens = text.ends_with('{');
    if (opens && !text.starts_with("chain ") && !text.starts_with("elements"))
      frame.emplace_back(trimmed(text.substr(0, text.size() - 1)));
    if (text.find(" hook ") != std::string_view::npos && text.starts_with("type ")) {
      frame.push_back(chain + ": " + std::string(text));
    }
  }
  std::sort(frame.begin(), frame.end());
  return frame;
}

void verify_held(std::string_view asked, std::string_view sent_text, std::string_view held_text) {
  const ByteCode sent = read_byte_code(sent_text);
  verify(!sent.rules.empty() && !sent.elements.empty(), "the rules sent to the kernel are known");
  const ByteCode held = read_byte_code(held_text);
  verify(held.elements == sent.elements, "the kernel holds the address sets that were sent");
  verify(held.rules == sent.rules, "the kernel holds the packet rules that were sent");
  verify(read_frame(held_text) == read_frame(asked),
         "the kernel holds the tables, sets, hooks and policies that were sent, and no other");
}

}  // namespace awf::firewall
