// Sources: GitHub, "Behind GitHub's new authentication token formats" (2021) and "Supported secret
// scanning patterns"; AWS IAM, "Unique identifiers"; GitLab, "Token overview"; Slack, "Token
// types"; npm, "Announcing npm's new access token format"; RFC 7468 (PEM), RFC 7519 (JWT).
// Lengths are lower bounds: a longer run of the same characters is a token all the same.
#include "policy/secret_shapes.hpp"

#include <array>

namespace awf::policy {
namespace {

constexpr auto kNone = std::string_view::npos;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

bool is_word(char c) noexcept {
  return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}

bool is_capital_or_digit(char c) noexcept {
  return is_digit(c) || is_upper(c);
}

bool is_word_or_underscore(char c) noexcept {
  return is_word(c) || c == '_';
}

bool is_url_safe(char c) noexcept {
  return is_word(c) || c == '_' || c == '-';
}

bool is_dotted(char c) noexcept {
  return is_url_safe(c) || c == '.';
}

bool is_base64(char c) noexcept {
  return is_word(c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
}

struct Shape {
  std::string_view kind;
  std::string_view prefix;
  bool (*body)(char) noexcept;  // what may follow the prefix …
  std::size_t least;            // … and how much of it at least
  bool has_digit;               // words such as "sk-loading-indicator-primary" have none
};

constexpr std::array<Shape, 26> kShapes{{
    {"github-token", "ghp_", is_word, 36, false},
    {"github-token", "gho_", is_word, 36, false},
    {"github-token", "ghu_", is_word, 36, false},
    {"github-token", "ghs_", is_dotted, 36, false},
    {"github-token", "ghr_", is_word, 36, false},
    {"github-token", "github_pat_", is_word_or_underscore, 40, false},
    {"anthropic-key", "sk-ant-", is_url_safe, 24, true},
    {"openai-key", "sk-proj-", is_url_safe, 32, true},
    {"openai-key", "sk-svcacct-", is_url_safe, 32, true},
    {"api-key", "sk-", is_word, 32, true},
    {"aws-access-key-id", "AKIA", is_capital_or_digit, 16, false},
    {"aws-access-key-id", "ASIA", is_capital_or_digit, 16, false},
    {"google-api-key", "AIza", is_url_safe, 35, false},
    {"slack-token", "xoxb-", is_url_safe, 24, true},
    {"slack-token", "xoxp-", is_url_safe, 24, true},
    {"slack-token", "xapp-", is_url_safe, 24, true},
    {"npm-token", "npm_", is_word, 36, false},
    {"gitlab-token", "glpat-", is_dotted, 20, false},
    {"pypi-token", "pypi-AgE", is_url_safe, 50, false},
    {"hugging-face-token", "hf_", is_word, 30, false},
    {"stripe-key", "sk_live_", is_word, 20, false},
    {"stripe-key", "rk_live_", is_word, 20, false},
    {"sendgrid-key", "SG.", is_dotted, 60, true},
    {"http-authorization", "AUTHORIZATION: basic ", is_base64, 16, false},
    {"http-authorization", "://x-access-token:", is_dotted, 16, false},
    {"http-authorization", "://oauth2:", is_dotted, 16, false},
}};

bool fits(const Shape& shape, std::string_view text, std::size_t at) noexcept {
  // Inside a longer word the prefix is chance: "task-…", base64 of a picture.
  const bool stands_anywhere = !is_word(shape.prefix.front());
  if (at > 0 && !stands_anywhere && is_word_or_underscore(text[at - 1])) return false;
  // A bound on how far is looked for a digit keeps the whole linear ("sk-ant-sk-ant-…").
  constexpr std::size_t kFurther = 64;
  const auto body = text.substr(at + shape.prefix.size(), shape.least + kFurther);
  std::size_t length = 0;
  bool digit = false;
  for (; length < body.size() && shape.body(body[length]); ++length)
    digit = digit || is_digit(body[length]);
  return length >= shape.least && (digit || !shape.has_digit);
}

bool occurs(const Shape& shape, std::string_view text) noexcept {
  for (auto at = text.find(shape.prefix); at != kNone; at = text.find(shape.prefix, at + 1)) {
    if (fits(shape, text, at)) return true;
  }
  return false;
}

// "-----BEGIN OPENSSH PRIVATE KEY-----" and something after it on a further line (or a "\n" that is
// written out, as in JSON): the marker alone is what programs that read keys contain.
bool holds_private_key(std::string_view text) noexcept {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kEnd = "PRIVATE KEY-----";
  constexpr std::size_t kLongestLabel = 32;
  constexpr std::size_t kLeastBody = 32;
  for (auto at = text.find(kBegin); at != kNone; at = text.find(kBegin, at + 1)) {
    const auto label = text.substr(at + kBegin.size(), kLongestLabel + kEnd.size());
    const auto end = label.find(kEnd);
    if (end == kNone) continue;
    auto rest = text.substr(at + kBegin.size() + end + kEnd.size());
    while (!rest.empty() && (rest.front() == '\r' || rest.front() == '\n' || rest.front() == '\\' ||
                             rest.front() == 'n' || rest.front() == 'r')) {
      rest.remove_prefix(1);
    }
    std::size_t body = 0;
    while (body < rest.size() && body < kLeastBody && (is_base64(rest[body]) || rest[body] == ':'))
      ++body;
    if (body == kLeastBody || rest.substr(0, 10) == "Proc-Type:") return true;
  }
  return false;
}

// Three parts, the first two JSON objects in Base64 ("{\"" is eyJ).
bool holds_json_web_token(std::string_view text) noexcept {
  constexpr std::string_view kStart = "eyJ";
  constexpr std::size_t kLeastPart = 10;
  for (auto at = text.find(kStart); at != kNone; at = text.find(kStart, at + 1)) {
    if (at > 0 && is_dotted(text[at - 1])) continue;
    std::size_t from = at;
    std::size_t parts = 0;
    while (parts < 3) {
      std::size_t length = 0;
      while (from + length < text.size() && is_url_safe(text[from + length]))
        ++length;
      if (length < kLeastPart || (parts == 1 && text.substr(from, 3) != kStart)) break;
      ++parts;
      from += length;
      if (parts < 3 && (from >= text.size() || text[from++] != '.')) break;
    }
    if (parts == 3) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string_view> secret_kinds_in(std::string_view text) {
  std::vector<std::string_view> kinds;
  for (const auto& shape : kShapes) {
    // The table has the shapes of one kind side by side.
    if (!kinds.empty() && kinds.back() == shape.kind) continue;
    if (occurs(shape, text)) kinds.push_back(shape.kind);
  }
  if (holds_private_key(text)) kinds.emplace_back("private-key");
  if (holds_json_web_token(text)) kinds.emplace_back("json-web-token");
  return kinds;
}

}  // namespace awf::policy
