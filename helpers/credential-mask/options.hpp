// The command line of awf-mask-credentials.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "credential-mask/mount_api.hpp"

namespace awf::mask {

// A directory or file of the host and where it is shown inside.
struct Show {
  std::string source;
  std::string target;
  Access access = Access::kReadOnly;
};

struct Options {
  std::string programs;   // empty: none are shown
  std::string home;       // empty: the command has none
  std::string workspace;  // empty: none
  std::string workdir;    // empty: workspace, else home, else "/"
  std::string runner_temp;
  std::vector<Show> mounts;
  std::vector<std::string> hidden;
  uid_t uid = 0;  // owner of what is made for the command
  gid_t gid = 0;
  bool allow_git_config = false;
  bool print_plan = false;
  bool verbose = false;
  std::vector<std::string> command;
};

// Nothing when --help was asked for and answered. Throws Refusal: a path that is not absolute or
// has "..", an option that is unknown, no command.
std::optional<Options> parse_options(int argc, const char* const* argv);

// "SOURCE:TARGET[:ro|rw]", read-write when nothing is said. Throws Refusal.
Show parse_mount(const std::string& value);

// The same with every symbolic link of the host resolved, so that paths can be compared. What must
// exist and does not is refused; a home that does not exist becomes none.
Options resolved_on_host(Options options);

std::string help_text();

}  // namespace awf::mask
