#include "policy/upload_limit.hpp"

#include "common/text.hpp"
#include "policy/policy_entry.hpp"

namespace awf::policy {
namespace {

constexpr const char* kForm = "write HOST=BYTES, for example github.com=10M";

unsigned shift_of(char suffix) noexcept {
  switch (suffix) {
    case 'K':
    case 'k':
      return 10;
    case 'M':
    case 'm':
      return 20;
    case 'G':
    case 'g':
      return 30;
    default:
      return 0;
  }
}

}  // namespace

Result<std::uint64_t> parse_byte_count(std::string_view text) {
  const unsigned shift = text.empty() ? 0 : shift_of(text.back());
  if (shift != 0) text.remove_suffix(1);
  const auto number = parse_number<std::uint64_t>(text);
  if (!number || *number > UINT64_MAX >> shift) {
    return Error{"is not a number of bytes; write 1500, 64K, 10M or 2G"};
  }
  return *number << shift;
}

Result<UploadLimit> UploadLimit::parse(std::string_view text) {
  const auto equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0) {
    return Error{std::string("names no host and no bytes; ") + kForm};
  }
  const std::string_view host = text.substr(0, equals);
  auto entry = PolicyEntry::parse(host);
  if (!entry) return Error{"has a host that " + entry.error()};
  PolicyEntry parsed = std::move(entry).value();
  if (parsed.scope.port || parsed.scope.limit != ServiceScope::Limit::kNone) {
    return Error{std::string("names a protocol or a port; a budget is for all of them; ") + kForm};
  }
  const auto bytes = parse_byte_count(text.substr(equals + 1));
  if (!bytes) return Error{bytes.error()};
  return UploadLimit{std::string(host), std::move(parsed.target), *bytes};
}

bool UploadLimit::covers(const HostName& name) const noexcept {
  const auto* pattern = std::get_if<HostPattern>(&target);
  return pattern != nullptr && pattern->covers(name.text());
}

bool UploadLimit::covers(const IpAddress& address) const noexcept {
  const auto* range = std::get_if<IpRange>(&target);
  return range != nullptr && range->contains(address);
}

}  // namespace awf::policy
