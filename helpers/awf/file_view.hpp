// What the command sees of the files around it, beyond the workspace and mounts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "awf/identity.hpp"

namespace awf::supervisor {

struct Options;

struct FileView {
  // Besides the command's own home: where the same person's credentials may lie.
  std::vector<std::string> other_homes;
  std::vector<std::string> relocations;   // PREFIX=DIR, for a DIR that stands for ~/PREFIX
  std::vector<std::string> known_hidden;  // hidden where that is possible, never an error
  std::vector<std::string> asked_hidden;  // --hide, absolute
  std::vector<std::string> mounts;        // PATH:PATH:ro|rw, of --show and --keep-home
  std::optional<std::uint64_t> home_size;
  bool home_writable = false;
  std::vector<std::string> warnings;
};

// Reads nothing but the names of directories. Throws Refusal for an option that cannot be meant.
FileView judge_file_view(const Options& options, const Identity& identity,
                         const GetVariable& variable);

// The homes that awf knows of besides `identity.home`: HOME, the account's, SUDO_USER's. Those of
// system accounts that lie in system directories are none.
std::vector<std::string> other_homes(const Identity& identity, const GetVariable& variable);

}  // namespace awf::supervisor
