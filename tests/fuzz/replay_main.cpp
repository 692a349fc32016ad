// Feeds every file of a corpus to a fuzz target, without libFuzzer: what was found once is tried by
// every run of the tests, with any compiler.
//
// usage: fuzz-NAME CORPUS-DIRECTORY
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

int replay(const std::string& directory) {
  constexpr std::size_t kMuch = 1UL << 20U;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string bytes = awf::read_file(entry.path().string(), kMuch);
    try {
      (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                   bytes.size());
    } catch (const std::exception& failure) {
      throw awf::Refusal(awf::quoted(entry.path().filename().string()) + ": " + failure.what());
    }
    ++count;
  }
  if (count == 0) throw awf::Refusal("the corpus " + awf::quoted(directory) + " is empty");
  std::cout << count << " inputs\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return awf::run_main("replay", [&] {
    if (argc != 2) throw awf::Refusal("usage: fuzz-NAME CORPUS-DIRECTORY");
    return replay(argv[1]);
  });
}
