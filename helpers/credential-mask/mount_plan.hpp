// The whole recipe of the file system view as an ordered list of steps. Pure: what is done is
// exactly what is printed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "credential-mask/options.hpp"

namespace awf::mask {

enum class Action : std::uint8_t {
  kEnterNamespace,
  kTakeTree,  // copy the mounts at source while they can be seen, for the kShow with this target
  kTakeDevices,
  kMakeHome,  // the overlay over source
  kChangeRoot,
  kViewTree,  // overlays over what is left of the host's tree
  kPrivate,   // an empty directory in memory at target
  kMakeDevices,
  kShow,  // what was taken or made for target is put there
  kNameService,
  kHide,
  kGit,   // git's configurations without credentials
  kSeal,  // target becomes read-only
};

// Where --programs is shown inside.
inline constexpr const char* kProgramsInside = "/run/awf/bin";

enum class Owner : std::uint8_t { kCaller, kCommand };

struct Step {
  Action action;
  std::string target;
  std::string source;
  Access access = Access::kReadOnly;
  Owner owner = Owner::kCaller;  // of a private directory
  const char* mode = "";         // of a private directory, octal
  std::string size = {};         // its limit, as tmpfs(5) reads it
  bool if_there = false;         // no error when the host has no such directory
  const char* why = "";
};

// Throws Refusal when the workspace would uncover what must stay hidden. `options` are resolved.
std::vector<Step> make_plan(const Options& options);

// The homes that get an overlay in this plan.
std::vector<std::string> homes_with_views(const std::vector<Step>& plan);

// One line a step: "3. take /srv/work: before …".
std::string shown(const std::vector<Step>& plan);

}  // namespace awf::mask
