#include "token-unset/records.hpp"

#include <optional>

#include "common/text.hpp"

namespace awf::unset {
namespace {

std::optional<Origin> origin_of(char letter) {
  switch (letter) {
    case 'h':
      return Origin::kHost;
    case 'o':
      return Origin::kOpenHost;
    case 'f':
      return Origin::kFile;
    case 'e':
      return Origin::kAsked;
    case 'a':
      return Origin::kOwn;
    case 'g':
      return Origin::kGrant;
    case 's':
      return Origin::kSecret;
    case 'x':
      return Origin::kExclude;
    default:
      return std::nullopt;
  }
}

std::optional<Record> parse_record(std::string_view text) {
  if (text.size() < 4 || text[1] != ':') return std::nullopt;
  const auto origin = origin_of(text.front());
  const auto variable = text.substr(2);
  const auto equals = variable.find('=');
  if (!origin || equals == 0 || equals == std::string_view::npos) return std::nullopt;
  return Record{*origin, std::string(variable.substr(0, equals)),
                std::string(variable.substr(equals + 1))};
}

}  // namespace

Result<std::vector<Record>> parse_records(std::string_view text) {
  std::vector<Record> records;
  if (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  if (text.empty()) return records;
  std::size_t number = 0;
  for (const auto piece : split(text, '\0')) {
    ++number;
    auto record = parse_record(piece);
    if (!record) {
      return Error{"record " + std::to_string(number) +
                   " of the environment is not one of h: o: f: e: a: g: s: x: and NAME=VALUE"};
    }
    records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace awf::unset
