// The command line of awf-mask-credentials.
#pragma once

#include <sys/types.h>

#include <cstdint>
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

// A directory that a tool uses in place of one of the home: "/srv/cfg" for ".config".
struct Relocation {
  std::string prefix;  // of entries of the catalogue
  std::string directory;
};

struct Options {
  std::string programs;  // empty: none are shown
  std::string home;      // empty: the command has none
  // Further homes of the same user, shown without credentials and read-only.
  std::vector<std::string> other_homes;
  std::optional<std::uint64_t> home_size;  // bytes that the command may write into its home
  bool home_writable = false;              // no overlay: changes in the home last
  std::vector<Relocation> relocations;
  std::string workspace;  // empty: none
  std::string workdir;    // empty: workspace, else home, else "/"
  std::string runner_temp;
  std::vector<Show> mounts;
  std::vector<std::string> hidden;
  std::vector<std::string> known_hidden;  // as the catalogue's: where it is possible
  uid_t uid = 0;                          // owner of what is made for the command
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
// exist and does not is refused; a home or relocation that does not exist becomes none.
Options resolved_on_host(Options options);

std::string help_text();

}  // namespace awf::mask
