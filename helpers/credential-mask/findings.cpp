#include "credential-mask/findings.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace awf::mask {
namespace {

// The length of the longest of `places` that holds `path`; 0 for none.
std::size_t depth_in(const std::vector<std::string>& places, const std::string& path) {
  std::size_t deepest = 0;
  for (const auto& place : places) {
    if (is_at_or_below(path, place)) deepest = std::max(deepest, place.size());
  }
  return deepest;
}

}  // namespace

std::vector<std::string> view_warnings(const std::vector<Show>& mounts, const Survey& survey,
                                       const std::vector<std::string>& plain) {
  std::vector<std::string> lines;
  lines.reserve(plain.size() + survey.linked.size() + mounts.size());
  for (const auto& path : plain) {
    lines.push_back("warning: no overlay can stand at " + quoted(path) +
                    ": sockets and pipes that the host has or makes there are in sight");
  }
  for (const auto& path : survey.linked) {
    lines.push_back("warning: the hidden file " + quoted(path) +
                    " has another name (a hard link) that was not found and is in sight");
  }
  for (const auto& mount : mounts) {
    for (const auto* paths : {&survey.hidden.in_homes, &survey.hidden.elsewhere}) {
      const bool shows_one = std::any_of(paths->begin(), paths->end(), [&](const auto& path) {
        return is_at_or_below(mount.source, path.path);
      });
      if (!shows_one) continue;
      lines.push_back("warning: --mount shows " + quoted(mount.source) +
                      ", which would be hidden: the command can read it");
    }
  }
  return lines;
}

std::optional<bool> is_seen_later(const std::string& path, const Cover& cover) {
  const auto bare = depth_in(cover.bare, path);
  const auto veiled = depth_in(cover.veiled, path);
  if (bare == 0 && veiled == 0) return std::nullopt;
  return bare >= veiled;
}

}  // namespace awf::mask
