// The configuration files of git: read strictly, and written anew without what lets anybody in.
// Pure. Not git itself, nor a library of it: git may be missing on the machine or cost more than
// the rest of the view, and libgit2 has no archive that a program without shared libraries could
// take. What makes a parser of our own safe here is that nothing unread gets through: the command
// sees only what was written from the entries, never the bytes of the file, and a file that is not
// understood is not shown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace awf::mask {

// Larger than any that git writes itself.
inline constexpr std::size_t kMostGitConfigBytes = 1UL << 20U;

struct GitConfigEntry {
  std::string section;                    // in lower case
  std::optional<std::string> subsection;  // as written
  std::string key;                        // in lower case; empty: a section without entries
  std::optional<std::string> value;       // nothing: the key stands alone, which means true
};

// The syntax of git-config(1), "CONFIGURATION FILE". The error names the line.
Result<std::vector<GitConfigEntry>> parse_git_config(std::string_view text);

struct CleanGitConfig {
  std::string text;         // a configuration file
  std::size_t removed = 0;  // entries that were left out or changed since they let somebody in
};

// Without the section "credential", HTTP headers, user names and passwords in URLs (in values and
// in the names of sections), values of known secret shape, keys named like a secret, and without
// "include" of files below `runner_temp` (not counted: nothing is there inside).
CleanGitConfig without_credentials(const std::vector<GitConfigEntry>& entries,
                                   std::string_view runner_temp);

}  // namespace awf::mask
