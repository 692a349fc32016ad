#include "credential-mask/git_config.hpp"

#include <utility>

#include "common/text.hpp"

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
  [[nodiscard]] char at() const noexcept {
    return position_ < text_.size() ? text_[position_] : '\0';
  }
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

}  // namespace

Result<std::vector<GitConfigEntry>> parse_git_config(std::string_view text) {
  return Parser(with_plain_line_ends(text)).parse();
}

}  // namespace awf::mask
