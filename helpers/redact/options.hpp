// The command line of awf-redact.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace awf::redact {

struct Stream {
  int in;
  int out;
};

struct Options {
  int secrets_fd = -1;
  std::vector<Stream> streams;  // at least one
  bool actions = false;         // take the meaning out of workflow commands
  bool add_masks = false;
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
};

// Nothing when --help was printed. Throws Refusal.
std::optional<Options> parse_options(int argc, const char* const* argv);

std::string help_text();

}  // namespace awf::redact
