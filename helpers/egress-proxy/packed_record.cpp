#include "egress-proxy/packed_record.hpp"

#include <string_view>

namespace awf::egress {
namespace {

// The one list of the texts that are kept.
template <typename Record>
auto texts_of(Record& record) {
  return std::array{&record.name,   &record.rule,   &record.reason, &record.address,
                    &record.method, &record.client, &record.path,   &record.user_agent};
}

}  // namespace

PackedRecord::PackedRecord(const AuditRecord& record)
    : time_(record.time),
      bytes_up_(record.bytes_up),
      status_(record.status),
      port_(record.port),
      door_(record.door),
      protocol_(record.protocol),
      verdict_(record.verdict) {
  std::string texts;
  const auto all = texts_of(record);
  for (std::size_t i = 0; i < kTexts; ++i) {
    // One byte more than is shown, so that a text which was cut still shows that it was.
    const auto kept = std::string_view(*all[i]).substr(0, kMaxShownText + 1);
    sizes_[i] = static_cast<std::uint16_t>(kept.size());
    texts += kept;
  }
  texts_ = std::string(texts.data(), texts.size());  // without the room that growing leaves
}

AuditRecord PackedRecord::unpack() const {
  AuditRecord record;
  record.time = time_;
  record.bytes_up = bytes_up_;
  record.status = status_;
  record.port = port_;
  record.door = door_;
  record.protocol = protocol_;
  record.verdict = verdict_;
  std::string_view rest = texts_;
  const auto all = texts_of(record);
  for (std::size_t i = 0; i < kTexts; ++i) {
    *all[i] = rest.substr(0, sizes_[i]);
    rest.remove_prefix(sizes_[i]);
  }
  return record;
}

}  // namespace awf::egress
