#include "net/lookup_messages.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/text.hpp"

namespace awf::net {
namespace {

using Status = ResolveAnswer::Status;
using Word = std::pair<Status, std::string_view>;

constexpr std::array<Word, 5> kWords{{{Status::kOk, "ok"},
                                      {Status::kNoSuchName, "no-such-name"},
                                      {Status::kNoAddress, "no-address"},
                                      {Status::kServerFailure, "failure"},
                                      {Status::kTimeout, "timeout"}}};
constexpr std::size_t kMaxDetail = 200;

// Cuts the first word off.
std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::string printable(std::string_view text) {
  std::string clean(text.substr(0, kMaxDetail));
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return clean;
}

}  // namespace

std::string write_question(const LookupQuestion& question) {
  return std::to_string(question.number) + " " + question.name.text();
}

Result<LookupQuestion> read_question(std::string_view text) {
  const auto number = parse_number<std::uint32_t>(take_word(text));
  auto name = policy::HostName::parse(text);
  if (!number || !name) return Error{"not a question"};
  return LookupQuestion{*number, std::move(name).value()};
}

std::string write_answer(const LookupAnswer& given) {
  const auto& answer = given.answer;
  const auto* word = std::find_if(kWords.begin(), kWords.end(), [&](const Word& candidate) {
    return candidate.first == answer.status;
  });
  std::string text = std::to_string(given.number) + " " + std::string(word->second);
  if (!answer.ok()) {
    return answer.detail.empty() ? text : text + " " + printable(answer.detail);
  }
  const auto count = std::min(answer.addresses.size(), kMaxAddressesPerName);
  for (std::size_t i = 0; i < count; ++i)
    text += " " + answer.addresses[i].text();
  return text;
}

Result<LookupAnswer> read_answer(std::string_view text) {
  const auto number = parse_number<std::uint32_t>(take_word(text));
  const auto status = take_word(text);
  const auto* word = std::find_if(kWords.begin(), kWords.end(), [&](const Word& candidate) {
    return candidate.second == status;
  });
  if (!number || word == kWords.end()) return Error{"not an answer"};
  LookupAnswer read{*number, {word->first, {}, {}}};
  if (word->first != Status::kOk) {
    read.answer.detail = printable(text);
    return read;
  }
  while (!text.empty()) {
    const auto address = policy::IpAddress::parse(take_word(text));
    if (!address || read.answer.addresses.size() == kMaxAddressesPerName) {
      return Error{"not an answer"};
    }
    read.answer.addresses.push_back(*address);
  }
  if (read.answer.addresses.empty()) return Error{"an answer without an address"};
  return read;
}

}  // namespace awf::net
