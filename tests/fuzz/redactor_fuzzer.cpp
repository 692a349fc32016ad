// Any values, any stream, cut anywhere: no form of a value is left, what holds none passes
// unchanged, and the pieces change nothing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/check.hpp"
#include "fuzz_input.hpp"
#include "redact/redactor.hpp"
#include "redact/secrets.hpp"

namespace {

using namespace awf::redact;

std::string in_pieces(const Matcher& matcher, std::string_view text, std::size_t size) {
  Redactor redactor(matcher);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += size)
    redactor.feed(text.substr(at, size), out);
  redactor.finish(out);
  return out;
}

// "LENGTH value LENGTH value 0 stream": up to four values of 6 to 37 bytes.
std::vector<std::string_view> take_values(std::string_view& bytes) {
  std::vector<std::string_view> values;
  while (values.size() < 4 && !bytes.empty()) {
    const std::size_t size = static_cast<unsigned char>(bytes[0]) % 33U;
    bytes.remove_prefix(1);
    if (size == 0 || bytes.size() < size + 5) break;
    const auto value = bytes.substr(0, size + 5);
    bytes.remove_prefix(value.size());
    // A value with our own mask in it can come about by masking another.
    if (value.find('*') == std::string_view::npos) values.push_back(value);
  }
  return values;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  auto bytes = awf::fuzz::as_text(data, size).substr(1);
  const auto values = take_values(bytes);
  // The stream: every form once, then what the fuzzer made, which may repeat them.
  const Forms forms = forms_of(values);
  const Matcher matcher(forms_of(values));
  std::string stream(bytes);
  if (data[0] % 2 == 1) {
    for (std::size_t i = 0; i < forms.size(); ++i)
      stream += std::string(forms[i]) + std::string(bytes.substr(0, 3));
  }
  const std::string whole = in_pieces(matcher, stream, stream.size() + 1);
  bool held_any = false;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    held_any = held_any || stream.find(forms[i]) != std::string::npos;
    awf::verify(whole.find(forms[i]) == std::string::npos, "no form is left");
  }
  if (!held_any) awf::verify(whole == stream, "what holds no secret passes unchanged");
  awf::verify(in_pieces(matcher, stream, 1 + data[0] / 2U % 16U) == whole,
              "pieces give what the whole gives");
  return 0;
}
