// Which files of this machine hold credentials or lead out of the sandbox: the catalogue of
// policy/credential_paths.hpp laid over the real tree, with symbolic links followed and patterns
// expanded, and the sockets on which servers listen.
#pragma once

#include <string>
#include <vector>

namespace awf::mask {

// A path that must not be seen inside. Canonical: no component before the last is a link.
struct HiddenPath {
  std::string path;
  bool is_there = false;      // on the host, now
  bool is_directory = false;  // it is one, or where nothing is yet, it would become one
};

struct HiddenPaths {
  std::vector<HiddenPath> in_home;    // at or below the home, sorted by path
  std::vector<HiddenPath> elsewhere;  // sorted; all of them are there
};

// `home` is canonical, or empty for none; "/" counts as none in the result, so that all paths are
// `elsewhere`. `more` are absolute paths from --hide; those that do not exist are kept for the home
// only, where they can be hidden before they appear. Changes nothing.
HiddenPaths find_hidden_paths(const std::string& home, const std::vector<std::string>& more);

}  // namespace awf::mask
