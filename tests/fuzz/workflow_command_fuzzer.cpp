// Any stream, cut anywhere: after the defuser a parser of its own finds no workflow command;
// without its backslashes the stream is what it was.
#include <cstddef>
#include <cstdint>
#include <string>

#include "../unit/redact/runner_parser.hpp"
#include "common/check.hpp"
#include "fuzz_input.hpp"
#include "redact/defuser.hpp"

namespace {

std::string in_pieces(std::string_view text, std::size_t size) {
  awf::redact::Defuser defuser;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += size)
    defuser.feed(text.substr(at, size), out);
  return out;
}

std::string without_backslashes(std::string_view text) {
  std::string rest;
  for (const char c : text)
    if (c != '\\') rest += c;
  return rest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = awf::fuzz::as_text(data, size).substr(1);
  const auto whole = in_pieces(text, text.size() + 1);
  awf::verify(!awf::redact::test::has_command(whole), "the runner finds no command");
  awf::verify(without_backslashes(whole) == without_backslashes(text), "nothing else is changed");
  awf::verify(in_pieces(text, 1 + data[0] % 16U) == whole, "pieces give what the whole gives");
  return 0;
}
