// DNS queries byte by byte, independent of the library under test, so that tests can also send what
// no library would.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace awf::test {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value & 0xFFU));
}

inline Bytes dns_header(unsigned questions, unsigned additional = 0, unsigned flags = 0x0100) {
  Bytes out;
  put16(out, 0x1234);
  put16(out, flags);
  put16(out, questions);
  put16(out, 0);
  put16(out, 0);
  put16(out, additional);
  return out;
}

// Labels separated by '|', so that a label may hold a dot.
inline void put_question(Bytes& out, std::string_view labels, unsigned type,
                         unsigned rr_class = 1) {
  while (!labels.empty()) {
    const auto label = labels.substr(0, labels.find('|'));
    out.push_back(static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    labels.remove_prefix(label.size() < labels.size() ? label.size() + 1 : label.size());
  }
  out.push_back(0);
  put16(out, type);
  put16(out, rr_class);
}

inline void put_edns(Bytes& out, unsigned version = 0, const Bytes& options = {}) {
  out.push_back(0);
  put16(out, 41);
  put16(out, 4096);
  put16(out, version);  // extended code 0, version
  put16(out, 0);
  put16(out, static_cast<unsigned>(options.size()));
  out.insert(out.end(), options.begin(), options.end());
}

inline Bytes dns_query(std::string_view labels, unsigned type, unsigned rr_class = 1) {
  Bytes out = dns_header(1);
  put_question(out, labels, type, rr_class);
  return out;
}

inline Bytes dns_query_with_edns(std::string_view labels, unsigned type, unsigned version = 0,
                                 const Bytes& options = {}) {
  Bytes out = dns_header(1, 1);
  put_question(out, labels, type);
  put_edns(out, version, options);
  return out;
}

}  // namespace awf::test
