#include "credential-mask/mount_table.hpp"

#include <algorithm>

#include "common/check.hpp"
#include "common/text.hpp"

namespace awf::mask {
namespace {

// Space, tab, newline and backslash stand in mountinfo as three octal digits.
std::string unescaped(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const auto digit = [&](std::size_t n) { return static_cast<unsigned>(field[i + n] - '0'); };
    if (field[i] == '\\' && i + 3 < field.size() && digit(1) < 4 && digit(2) < 8 && digit(3) < 8) {
      text += static_cast<char>(digit(1) * 64 + digit(2) * 8 + digit(3));
      i += 3;
    } else {
      text += field[i];
    }
  }
  return text;
}

Mount parse_line(std::string_view line) {
  const auto fields = split(line, ' ');
  // "id parent major:minor root point options [optional fields] - type source options"
  const auto dash = std::find(fields.begin(), fields.end(), std::string_view("-"));
  const auto id = parse_number<std::uint64_t>(fields[0]);
  if (!id || dash - fields.begin() < 6 || fields.end() - dash < 4) {
    throw Refusal("a line of mountinfo has a form unknown to us: " + quoted(line));
  }
  return {*id,
          std::string(fields[2]),
          unescaped(fields[3]),
          unescaped(fields[4]),
          unescaped(fields[5]),
          unescaped(*(dash + 1)),
          unescaped(*(dash + 2))};
}

}  // namespace

bool Mount::read_only() const {
  const auto words = split(options, ',');
  return std::find(words.begin(), words.end(), std::string_view("ro")) != words.end();
}

std::vector<Mount> parse_mount_table(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  for (const auto line : split(mountinfo, '\n')) {
    if (!line.empty()) mounts.push_back(parse_line(line));
  }
  return mounts;
}

bool is_at_or_below(std::string_view path, std::string_view directory) {
  if (directory == "/") return !path.empty() && path.front() == '/';
  if (path.substr(0, directory.size()) != directory) return false;
  return path.size() == directory.size() || path[directory.size()] == '/';
}

std::string join(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (name.empty()) return path;
  if (path.empty() || path.back() != '/') path += '/';
  return path += name;
}

std::string moved(std::string_view path, std::string_view old_top, std::string_view new_top) {
  std::string_view rest = path.substr(old_top == "/" ? 0 : old_top.size());
  if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
  return join(new_top, rest);
}

std::optional<Place> locate(const std::vector<Mount>& mounts, std::string_view path) {
  const Mount* best = nullptr;
  for (const auto& mount : mounts) {
    if (!is_at_or_below(path, mount.mount_point)) continue;
    if (best == nullptr || mount.mount_point.size() >= best->mount_point.size()) best = &mount;
  }
  if (best == nullptr) return std::nullopt;
  return Place{best->device, moved(path, best->mount_point, best->root)};
}

std::vector<Alias> aliases_of(const std::vector<Mount>& mounts, const Place& place) {
  std::vector<Alias> aliases;
  for (const auto& mount : mounts) {
    if (mount.device != place.device) continue;
    if (is_at_or_below(place.path, mount.root)) {
      aliases.push_back({moved(place.path, mount.root, mount.mount_point), "", mount.id});
    } else if (is_at_or_below(mount.root, place.path)) {
      const std::size_t top = place.path == "/" ? 1 : place.path.size() + 1;
      aliases.push_back({mount.mount_point, mount.root.substr(top), mount.id});
    }
  }
  return aliases;
}

}  // namespace awf::mask
