#include "credential-mask/private_key.hpp"

namespace awf::mask {
namespace {

constexpr auto kNone = std::string_view::npos;

}  // namespace

bool looks_like_private_key(std::string_view head) noexcept {
  if (head.substr(0, 20) == "PuTTY-User-Key-File-") return true;
  constexpr std::string_view kBegin = "BEGIN ";
  for (auto at = head.find(kBegin); at != kNone; at = head.find(kBegin, at + 1)) {
    // The label ends on the same line: "-----BEGIN OPENSSH PRIVATE KEY-----" (RFC 7468 §2) and
    // "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----" of ssh.com; public keys say "PUBLIC KEY".
    const auto label = head.substr(at + kBegin.size());
    const auto line = label.substr(0, label.find_first_of("\r\n"));
    if (line.find("PRIVATE KEY") != kNone) return true;
  }
  return false;
}

bool matches_glob(std::string_view pattern, std::string_view name) noexcept {
  const auto star = pattern.find('*');
  if (star == kNone) return pattern == name;
  const auto before = pattern.substr(0, star);
  const auto after = pattern.substr(star + 1);
  if (name.size() < before.size() + after.size() || name.find('/') != kNone) return false;
  return name.substr(0, before.size()) == before &&
         name.substr(name.size() - after.size()) == after;
}

}  // namespace awf::mask
