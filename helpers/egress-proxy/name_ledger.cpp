#include "egress-proxy/name_ledger.hpp"

namespace awf::egress {

NameLedger::Verdict NameLedger::enter(const policy::HostName& name) {
  if (names_.count(name.text()) != 0) return Verdict::kFine;
  if (names_.size() >= kMostNames) return Verdict::kSpent;
  names_.insert(name.text());
  return ++below_[domain_of(name)] == kAlarmAt + 1 ? Verdict::kAlarm : Verdict::kFine;
}

std::string NameLedger::domain_of(const policy::HostName& name) {
  const std::string& text = name.text();
  const auto last = text.rfind('.');
  if (last == std::string::npos || last == 0) return text;
  const auto before = text.rfind('.', last - 1);
  return before == std::string::npos ? text : text.substr(before + 1);
}

}  // namespace awf::egress
