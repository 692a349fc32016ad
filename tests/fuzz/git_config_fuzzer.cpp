// Any bytes as a git configuration: what is shown of it can be read again, says the same, and holds
// nothing that would be taken out of it again.
#include <cstddef>
#include <cstdint>

#include "common/check.hpp"
#include "credential-mask/git_config.hpp"
#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace awf::mask;
  const auto entries = parse_git_config(awf::fuzz::as_text(data, size));
  if (!entries) {
    awf::verify(!entries.error().empty(), "a refusal has a reason");
    return 0;
  }
  const auto clean = without_credentials(*entries, "/runner/_temp");
  const auto again = parse_git_config(clean.text);
  awf::verify(again.ok(), "what is shown can be read");
  const auto twice = without_credentials(*again, "/runner/_temp");
  awf::verify(twice.removed == 0, "nothing is left to be taken out");
  awf::verify(twice.text == clean.text, "what is shown is shown as it is");
  return 0;
}
