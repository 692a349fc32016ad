#include "egress-proxy/name_ledger.hpp"

#include <utility>

namespace awf::egress {

NameLedger::Verdict NameLedger::enter(const policy::HostName& name) {
  if (names_.count(name.text()) != 0) return Verdict::kFine;
  const std::size_t size = name.text().size();
  if (names_.size() >= kMostNames || size > kMostBytes - bytes_) return Verdict::kSpent;
  names_.insert(name.text());
  bytes_ += size;
  const std::string domain = domain_of(name);
  Below& below = below_[domain];
  below.bytes += size - domain.size();
  const bool unusual = ++below.names > kAlarmNames || below.bytes > kAlarmBytes;
  return unusual && !std::exchange(below.said, true) ? Verdict::kAlarm : Verdict::kFine;
}

std::string NameLedger::domain_of(const policy::HostName& name) {
  const std::string& text = name.text();
  const auto last = text.rfind('.');
  if (last == std::string::npos || last == 0) return text;
  const auto before = text.rfind('.', last - 1);
  return before == std::string::npos ? text : text.substr(before + 1);
}

}  // namespace awf::egress
