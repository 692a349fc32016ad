// Which files of this machine hold credentials or lead out of the sandbox: the catalogue of
// policy/credential_paths.hpp laid over the real tree, with symbolic links followed and patterns
// expanded, and the sockets on which servers listen.
#pragma once

#include <string>
#include <vector>

#include "credential-mask/options.hpp"

namespace awf::mask {

// A path that must not be seen inside. Canonical: no component before the last is a link.
struct HiddenPath {
  std::string path;
  bool is_there = false;      // on the host, now
  bool is_directory = false;  // it is one, or where nothing is yet, it would become one
  bool is_asked_for = false;  // by --hide
};

struct HiddenPaths {
  std::vector<HiddenPath> in_homes;   // at or below a home, sorted by path
  std::vector<HiddenPath> elsewhere;  // sorted
};

// What is looked for. All paths are canonical.
struct Search {
  std::vector<std::string> homes;  // each has the catalogue; "/" may be among them
  std::vector<Relocation> relocations;
  std::vector<std::string> known;  // more of the kind of the catalogue
  std::vector<std::string> more;   // from --hide
  // Never hidden, nor anything above it: what a setting names by mistake.
  std::vector<std::string> needed;
};

// `homes_with_views` are those homes whose paths are reported as in_homes. Changes nothing.
HiddenPaths find_hidden_paths(const Search& search,
                              const std::vector<std::string>& homes_with_views);

}  // namespace awf::mask
