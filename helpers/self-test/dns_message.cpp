#include "self-test/dns_message.hpp"

#include "common/text.hpp"

namespace awf::self_test {
namespace {

constexpr std::size_t kHeaderSize = 12;
constexpr std::uint16_t kTypeA = 1;
constexpr std::uint16_t kClassIn = 1;

void append16(std::vector<std::uint8_t>& bytes, std::uint16_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8U));
  bytes.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

// Reads forwards only and never past the end; `good` turns false instead.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint16_t u16() {
    const auto high = u8();
    return static_cast<std::uint16_t>(high << 8U | u8());
  }
  std::uint8_t u8() {
    if (at_ >= bytes_.size()) {
      good = false;
      return 0;
    }
    return bytes_[at_++];
  }
  void skip(std::size_t count) {
    if (count > bytes_.size() - at_) good = false;
    at_ = good ? at_ + count : bytes_.size();
  }
  // A name ends with an empty label or with a pointer, which is two bytes and the last of the name.
  void skip_name() {
    while (good) {
      const std::uint8_t length = u8();
      if (length == 0) return;
      if ((length & 0xc0U) == 0xc0U) return skip(1);
      skip(length);
    }
  }

  bool good = true;

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::uint8_t> make_query(std::uint16_t id, std::string_view name) {
  std::vector<std::uint8_t> query;
  append16(query, id);
  append16(query, 0x0100);  // a standard query, recursion desired
  constexpr std::array<std::uint16_t, 4> kCounts = {1, 0, 0, 0};  // one question
  for (const std::uint16_t count : kCounts)
    append16(query, count);
  for (const auto label : split(name, '.')) {
    query.push_back(static_cast<std::uint8_t>(label.size()));
    query.insert(query.end(), label.begin(), label.end());
  }
  query.push_back(0);
  append16(query, kTypeA);
  append16(query, kClassIn);
  return query;
}

std::optional<Answer> read_answer(std::uint16_t id, std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeaderSize) return std::nullopt;
  Reader reader(bytes);
  if (reader.u16() != id) return std::nullopt;
  const std::uint16_t flags = reader.u16();
  if ((flags & 0x8000U) == 0) return std::nullopt;
  const std::uint16_t questions = reader.u16();
  const std::uint16_t answers = reader.u16();
  reader.skip(4);
  for (unsigned i = 0; i < questions && reader.good; ++i) {
    reader.skip_name();
    reader.skip(4);
  }
  Answer answer{flags & 0xfU, std::nullopt};
  for (unsigned i = 0; i < answers && reader.good; ++i) {
    reader.skip_name();
    const std::uint16_t type = reader.u16();
    reader.skip(6);
    const std::uint16_t length = reader.u16();
    if (type == kTypeA && length == 4 && !answer.address) {
      answer.address = {reader.u8(), reader.u8(), reader.u8(), reader.u8()};
    } else {
      reader.skip(length);
    }
  }
  if (!reader.good) return std::nullopt;
  return answer;
}

}  // namespace awf::self_test
