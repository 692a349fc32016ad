#include "awf/own_programs.hpp"

#include <filesystem>

#include "awf/log_place.hpp"
#include "common/check.hpp"
#include "common/text.hpp"

namespace fs = std::filesystem;

namespace awf::supervisor {
namespace {

// <checkout>/build/<preset>/bin: entrypoint/awf builds anew what changed in the checkout.
fs::path protected_directory(const fs::path& programs) {
  const fs::path checkout = programs.parent_path().parent_path().parent_path();
  std::error_code unreadable;  // then it is nobody's checkout
  return fs::exists(checkout / "entrypoint" / "awf", unreadable) ? checkout : programs;
}

}  // namespace

void keep_own_programs_out_of_reach(RunConfig& config, const std::string& programs,
                                    bool workspace_is_named) {
  const std::string own = protected_directory(programs).string();
  const auto reaches = [&](const std::string& directory) {
    return is_at_or_below(own, directory) || is_at_or_below(directory, own);
  };
  for (const auto& mount : config.mounts) {
    const auto parts = split(mount, ':');
    if (parts.back() == "rw" && reaches(std::string(parts.front()))) {
      throw Refusal("the mount " + quoted(mount) +
                    " would let the command change AWF's own programs (" + own +
                    "); show it read-only or install AWF elsewhere");
    }
  }
  for (const auto& area : writable_areas(config)) {
    if (area.host == config.workspace.value_or("") || !reaches(area.host)) continue;
    throw Refusal("AWF's own programs (" + own + ") lie where the command can write (" +
                  quoted(area.host) + "); install AWF elsewhere");
  }
  if (config.view.home_writable && reaches(config.identity.home)) {
    throw Refusal("--home rw would let the command change AWF's own programs (" + own +
                  "); install AWF outside the home");
  }
  if (!config.workspace || !reaches(*config.workspace)) return;
  if (workspace_is_named) {
    throw Refusal("GITHUB_WORKSPACE " + quoted(*config.workspace) + " holds AWF's own programs (" +
                  own + "), which the command could change; install AWF elsewhere");
  }
  config.workspace.reset();
}

}  // namespace awf::supervisor
