#include "credential-mask/git_config.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/text.hpp"
#include "policy/secret_shapes.hpp"

namespace awf::mask {
namespace {

constexpr auto kNone = std::string_view::npos;

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name_byte(char c) noexcept {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

// One file, read from the front; every method leaves the text behind what it has read.
class Parser {
 public:
  explicit Parser(std::string text) : text_(std::move(text)) {}

  Result<std::vector<GitConfigEntry>> parse() {
    while (!failed_ && skip_blank_and_comments()) {
      if (at() == '[') {
        read_header();
      } else {
        read_variable();
      }
    }
    if (failed_) return Error{"line " + std::to_string(line_) + " is not understood"};
    return std::move(entries_);
  }

 private:
  [[nodiscard]] char at() const noexcept { return position_ < text_.size() ? text_[position_] : 0; }
  [[nodiscard]] bool ended() const noexcept { return position_ >= text_.size(); }
  void fail() noexcept { failed_ = true; }

  char take() noexcept {
    const char c = at();
    ++position_;
    if (c == '\n') ++line_;
    return c;
  }

  // Up to the next header or variable; false at the end of the file.
  bool skip_blank_and_comments() {
    while (!ended()) {
      if (at() == '#' || at() == ';') {
        while (!ended() && at() != '\n')
          take();
      } else if (is_blank(at()) || at() == '\n') {
        take();
      } else {
        return true;
      }
    }
    return false;
  }

  void skip_blank() {
    while (is_blank(at()))
      take();
  }

  // "[core]", "[remote "origin"]", and the old "[branch.main]", whose whole name has no case.
  void read_header() {
    take();
    header_ = {};
    while (is_name_byte(at()) || at() == '.')
      header_.section += take();
    header_.section = ascii_lower(header_.section);
    if (header_.section.empty()) return fail();
    if (is_blank(at())) {
      skip_blank();
      if (take() != '"' || !read_subsection()) return fail();
    } else if (const auto dot = header_.section.find('.'); dot != std::string::npos) {
      header_.subsection = header_.section.substr(dot + 1);
      header_.section.resize(dot);
    }
    if (take() != ']') return fail();
    entries_.push_back(header_);
  }

  bool read_subsection() {
    header_.subsection.emplace();
    while (!ended()) {
      char c = take();
      if (c == '"') return true;
      if (c == '\\') c = take();
      if (c == '\n' || c == '\0') return false;
      *header_.subsection += c;
    }
    return false;
  }

  void read_variable() {
    if (header_.section.empty() || !is_letter(at())) return fail();
    GitConfigEntry entry = header_;
    while (is_name_byte(at()))
      entry.key += take();
    entry.key = ascii_lower(entry.key);
    skip_blank();
    if (at() == '=') {
      take();
      entry.value = read_value();
    } else if (!ended() && at() != '\n' && at() != '#' && at() != ';') {
      return fail();
    }
    entries_.push_back(std::move(entry));
  }

  std::string read_value() {
    std::string value;
    std::size_t kept = 0;  // blanks at the end do not count, unless they are quoted
    bool quoted_part = false;
    skip_blank();
    while (!ended()) {
      char c = take();
      if (c == '\n') break;
      if (c == '\0') fail();
      if (c == '"') {
        quoted_part = !quoted_part;
        kept = value.size();
        continue;
      }
      if (!quoted_part && (c == '#' || c == ';')) {
        while (!ended() && at() != '\n')
          take();
        continue;
      }
      if (c == '\\' && !read_escape(c)) continue;
      value += c;
      if (quoted_part || !is_blank(c)) kept = value.size();
    }
    if (quoted_part) fail();
    value.resize(kept);
    return value;
  }

  // False for a line that goes on.
  bool read_escape(char& c) {
    c = take();
    if (c == '\n') return false;
    constexpr std::string_view kNames = "\"\\ntb";
    constexpr std::string_view kMeanings = "\"\\\n\t\b";
    const auto name = kNames.find(c);
    if (name == kNone) {
      fail();
      return false;
    }
    c = kMeanings[name];
    return true;
  }

  std::string text_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
  bool failed_ = false;
  GitConfigEntry header_;
  std::vector<GitConfigEntry> entries_;
};

// A carriage return before a line's end is no part of it (git reads it so on every system).
std::string with_plain_line_ends(std::string_view text) {
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    plain += text[i];
  }
  return plain;
}

bool is_ssh(std::string_view before_colon) {
  std::size_t start = before_colon.size();
  while (start > 0 && (is_name_byte(before_colon[start - 1]) || before_colon[start - 1] == '+'))
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
    const auto end = std::min(text.find_first_of("/?# \t\n\"'", start), text.size());
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

bool is_named_like_a_secret(std::string_view key) {
  constexpr std::array<std::string_view, 9> kWords = {"token",      "password",   "passwd",
                                                      "secret",     "apikey",     "extraheader",
                                                      "credential", "privatekey", "oauth"};
  const bool ends_with_pass = key.size() >= 4 && key.substr(key.size() - 4) == "pass";
  return ends_with_pass || std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
           return key.find(word) != kNone;
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

std::string header_of(const GitConfigEntry& entry) {
  std::string text = "[" + entry.section;
  if (entry.subsection) {
    text += ' ';
    write_quoted(text, *entry.subsection);
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

Result<std::vector<GitConfigEntry>> parse_git_config(std::string_view text) {
  return Parser(with_plain_line_ends(text)).parse();
}

CleanGitConfig without_credentials(const std::vector<GitConfigEntry>& entries,
                                   std::string_view runner_temp) {
  CleanGitConfig clean;
  std::string header;
  for (GitConfigEntry entry : entries) {
    if (is_hidden_include(entry, runner_temp)) continue;
    const auto before = std::pair(entry.subsection, entry.value);
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
