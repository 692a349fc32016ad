// The command line of awf-confine as one validated value.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace awf::confine {

struct Options {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary ones
  std::vector<int> keep_fds;  // open descriptors ≥ 3
  bool terminal = false;      // stdin becomes the controlling terminal
  std::optional<std::uint64_t> process_limit;
  std::optional<std::uint64_t> file_size_limit;
  std::vector<std::string> command;
};

// Nothing when --help was asked for (and printed). Throws Refusal.
std::optional<Options> parse_options(int argc, const char* const* argv);

}  // namespace awf::confine
