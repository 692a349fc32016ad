#include "policy/host_pattern.hpp"

#include <optional>

#include "common/text.hpp"
#include "policy/host_name.hpp"

namespace awf::policy {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool has_star(std::string_view text) noexcept {
  return text.find('*') != kNone;
}

// "**" means what "*" means; one spelling is kept.
std::string with_single_stars(std::string_view text) {
  std::string single;
  for (const char c : text) {
    if (c != '*' || !single.ends_with('*')) single += c;
  }
  return single;
}

// Label by label, since a label with a '*' cannot be converted by IDNA's rules: what it covers is
// the A-label, not what a person reads.
Result<std::string> canonical_glob(std::string_view text) {
  std::string joined;
  for (const std::string_view label : split(text, '.')) {
    if (!joined.empty()) joined += '.';
    if (!has_star(label)) {
      auto canonical = canonical_labels(label);
      if (!canonical) return canonical;
      joined += *canonical;
      continue;
    }
    for (const char c : ascii_lower(label)) {
      const bool fits =
          c == '*' || c == '-' || c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (!fits) return Error{"has " + quoted(std::string_view(&c, 1)) + " in a label with '*'"};
    }
    joined += with_single_stars(ascii_lower(label));
  }
  return joined;
}

// The whole pattern must be able to cover a host name: '*' stands for a letter here.
std::optional<std::string> complaint_about_glob(std::string glob) {
  for (char& c : glob) {
    if (c == '*') c = 'x';
  }
  const auto example = HostName::parse(glob);
  return example ? std::nullopt : std::optional(example.error());
}

// Greedy matching with one place to return to: linear in practice, never exponential.
bool glob_covers(std::string_view glob, std::string_view name) noexcept {
  std::size_t g = 0;
  std::size_t n = 0;
  std::size_t last_star = kNone;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (g < glob.size() && glob[g] == '*') {
      last_star = g++;
      resume = n;
    } else if (g < glob.size() && glob[g] == name[n]) {
      ++g;
      ++n;
    } else if (last_star != kNone) {
      g = last_star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') {
    ++g;
  }
  return g == glob.size();
}

}  // namespace

Result<HostPattern> HostPattern::parse(std::string_view text) {
  const bool exact = text.starts_with('=');
  if (exact) text.remove_prefix(1);
  if (text.ends_with('.')) text.remove_suffix(1);
  if (!has_star(text)) {
    auto name = HostName::parse(text);
    if (!name) return Error{name.error()};
    return HostPattern(exact ? Kind::kExact : Kind::kTree, name->text());
  }
  if (exact) return Error{"has a '*' after '=', which means exactly one host"};
  auto glob = canonical_glob(text);
  if (!glob) return Error{glob.error()};
  if (auto complaint = complaint_about_glob(*glob)) return Error{std::move(*complaint)};
  const bool below = glob->starts_with("*.") && !has_star(std::string_view(*glob).substr(1));
  if (below) return HostPattern(Kind::kBelow, glob->substr(2));
  return HostPattern(Kind::kGlob, std::move(glob).value());
}

std::string_view HostPattern::fixed_tail() const noexcept {
  if (kind_ != Kind::kGlob) return body_;
  const std::size_t dot = body_.find('.', body_.rfind('*'));
  return dot == kNone ? std::string_view() : std::string_view(body_).substr(dot + 1);
}

std::string HostPattern::text() const {
  if (kind_ == Kind::kExact) return "=" + body_;
  if (kind_ == Kind::kBelow) return "*." + body_;
  return body_;
}

bool HostPattern::covers(std::string_view name) const noexcept {
  if (kind_ == Kind::kGlob) return glob_covers(body_, name);
  if (name == body_) return kind_ != Kind::kBelow;
  return kind_ != Kind::kExact && name.size() > body_.size() && name.ends_with(body_) &&
         name[name.size() - body_.size() - 1] == '.';
}

}  // namespace awf::policy
