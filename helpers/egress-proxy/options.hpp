// The command line of awf-egress-proxy.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace awf::egress {

struct Options {
  bool help = false;
  int control_fd = -1;
  int policy_fd = -1;
  int audit_fd = -1;
  int access_log_fd = -1;
  int mapped_names_fd = -1;
  std::string doh_program;  // absolute path of awf-doh; empty when it was not given
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
};

// Throws Refusal. With help set, nothing else is.
Options parse_options(int argc, const char* const* argv);
std::string help_text();

}  // namespace awf::egress
