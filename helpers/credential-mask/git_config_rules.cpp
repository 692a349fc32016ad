// Which entries of a git configuration let somebody in, and the writing of the others.
#include <algorithm>
#include <array>
#include <utility>

#include "common/text.hpp"
#include "credential-mask/git_config.hpp"
#include "policy/secret_shapes.hpp"

namespace awf::mask {
namespace {

bool is_scheme_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+';
}

bool is_ssh(std::string_view before_colon) {
  std::size_t start = before_colon.size();
  while (start > 0 && is_scheme_byte(before_colon[start - 1]))
    --start;
  const auto scheme = ascii_lower(before_colon.substr(start));
  return scheme == "ssh" || scheme == "git+ssh" || scheme == "ssh+git";
}

// "https://user:token@host" becomes "https://host". A name alone is how ssh knows whom to log in
// as, so "ssh://git@host" stays.
std::string without_user_info(std::string text) {
  constexpr std::string_view kMark = "://";
  for (auto mark = text.find(kMark); mark != std::string::npos; mark = text.find(kMark, mark + 1)) {
    const auto start = mark + kMark.size();
    const auto end = std::min(text.find_first_of("/?# \t\n", start), text.size());
    const auto sign = text.substr(start, end - start).rfind('@');
    if (sign == std::string::npos) continue;
    if (!is_ssh(std::string_view(text).substr(0, mark))) {
      text.erase(start, sign + 1);
      continue;
    }
    const auto colon = text.find(':', start);
    if (colon < start + sign) text.erase(colon, start + sign - colon);
  }
  return text;
}

// curl takes "user:password@proxy:3128" for a proxy as well (http.proxy, remote.*.proxy).
void strip_proxy_without_scheme(GitConfigEntry& entry) {
  if (!entry.value || entry.value->find("://") != std::string::npos) return;
  const auto sign = entry.value->rfind('@');
  if (sign != std::string::npos) entry.value->erase(0, sign + 1);
}

bool is_named_like_a_secret(std::string_view key) {
  constexpr std::array<std::string_view, 9> kWords = {"token",      "password",   "passwd",
                                                      "secret",     "apikey",     "extraheader",
                                                      "credential", "privatekey", "oauth"};
  const bool ends_with_pass = key.size() >= 4 && key.substr(key.size() - 4) == "pass";
  return ends_with_pass || std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
           return key.find(word) != std::string_view::npos;
         });
}

bool is_hidden_include(const GitConfigEntry& entry, std::string_view runner_temp) {
  if (entry.section != "include" && entry.section != "includeif") return false;
  // What checkout writes since v6; in its docker form the directory has another name.
  const std::string path = entry.value.value_or("");
  if (path.find("git-credentials-") != std::string::npos) return true;
  return !runner_temp.empty() && path.rfind(std::string(runner_temp) + "/", 0) == 0;
}

bool lets_somebody_in(const GitConfigEntry& entry) {
  if (entry.section == "credential" || is_named_like_a_secret(entry.key)) return true;
  const std::string value = entry.value.value_or("");
  return !policy::secret_kinds_in(value).empty() ||
         !policy::secret_kinds_in(entry.subsection.value_or("")).empty();
}

void write_quoted(std::string& text, std::string_view value) {
  text += '"';
  for (const char c : value) {
    switch (c) {
      case '\n':
        text += "\\n";
        break;
      case '\b':
        text += "\\b";
        break;
      case '"':
      case '\\':
        text += '\\';
        [[fallthrough]];
      default:
        text += c;
    }
  }
  text += '"';
}

// Here a backslash takes the meaning from the next byte and gives it none.
void write_subsection(std::string& text, std::string_view name) {
  text += '"';
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
}

std::string header_of(const GitConfigEntry& entry) {
  std::string text = "[" + entry.section;
  if (entry.subsection) {
    text += ' ';
    write_subsection(text, *entry.subsection);
  }
  return text + "]\n";
}

void write_entry(std::string& text, const GitConfigEntry& entry) {
  text += "\t" + entry.key;
  if (entry.value) {
    text += " = ";
    write_quoted(text, *entry.value);
  }
  text += '\n';
}

}  // namespace

CleanGitConfig without_credentials(const std::vector<GitConfigEntry>& entries,
                                   std::string_view runner_temp) {
  CleanGitConfig clean;
  std::string header;
  for (GitConfigEntry entry : entries) {
    if (is_hidden_include(entry, runner_temp)) continue;
    const auto before = std::pair(entry.subsection, entry.value);
    if (entry.key.ends_with("proxy")) strip_proxy_without_scheme(entry);
    if (entry.subsection) entry.subsection = without_user_info(*entry.subsection);
    if (entry.value) entry.value = without_user_info(*entry.value);
    // Headers of sections say nothing that their entries do not say.
    const bool is_header = entry.key.empty();
    const bool leaves = lets_somebody_in(entry);
    const bool changed = before != std::pair(entry.subsection, entry.value);
    if (!is_header && (leaves || changed)) ++clean.removed;
    if (is_header || leaves) continue;
    if (header_of(entry) != header) clean.text += header = header_of(entry);
    write_entry(clean.text, entry);
  }
  return clean;
}

}  // namespace awf::mask
