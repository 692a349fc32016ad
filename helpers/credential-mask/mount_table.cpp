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
          unescaped(*(dash + 2)),
          std::string(*(dash + 3)),
          {}};
}

const Mount* mount_of(const std::vector<Mount>& mounts, std::string_view path) {
  const Mount* best = nullptr;
  for (const auto& mount : mounts) {
    if (!is_at_or_below(path, mount.mount_point)) continue;
    if (best == nullptr || mount.mount_point.size() >= best->mount_point.size()) best = &mount;
  }
  return best;
}

// What `layer`, seen at the root of an overlay, shows at `path` of the overlay.
Place within(const Place& layer, std::string_view path) {
  return {layer.device, join(layer.path, path.substr(1))};
}

// "/a:/b\\:c" is "/a", "/b:c" (overlayfs.rst, "Multiple lower layers").
void add_layers(std::vector<std::string>& directories, std::string_view list) {
  std::string directory;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (i == list.size() || list[i] == ':') {
      if (!directory.empty()) directories.push_back(directory);
      directory.clear();
    } else {
      if (list[i] == '\\' && i + 1 < list.size()) ++i;
      directory += list[i];
    }
  }
}

void add_alias(std::vector<Alias>& aliases, const Mount& mount, const Place& shown,
               const Place& place) {
  if (shown.device != place.device) return;
  if (is_at_or_below(place.path, shown.path)) {
    aliases.push_back({moved(place.path, shown.path, mount.mount_point), "", mount.id});
  } else if (is_at_or_below(shown.path, place.path)) {
    const std::size_t top = place.path == "/" ? 1 : place.path.size() + 1;
    aliases.push_back({mount.mount_point, shown.path.substr(top), mount.id});
  }
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
  const Mount* mount = mount_of(mounts, path);
  if (mount == nullptr) return std::nullopt;
  return Place{mount->device, moved(path, mount->mount_point, mount->root)};
}

std::vector<Place> places_of(const std::vector<Mount>& mounts, std::string_view path) {
  const Mount* mount = mount_of(mounts, path);
  if (mount == nullptr) return {};
  std::vector<Place> places = {{mount->device, moved(path, mount->mount_point, mount->root)}};
  for (const auto& layer : mount->layers)
    places.push_back(within(layer, places.front().path));
  return places;
}

std::vector<std::string> overlay_directories(const Mount& mount) {
  std::vector<std::string> directories;
  if (mount.type != "overlay") return directories;
  for (const auto option : split(mount.filesystem_options, ',')) {
    const auto equals = option.find('=');
    const auto key = option.substr(0, equals);
    // "lowerdir+" is what Linux 6.8 and later say of layers that were given one by one.
    const bool is_layer = key == "lowerdir" || key == "lowerdir+" || key == "upperdir";
    if (is_layer && equals != std::string_view::npos) {
      add_layers(directories, unescaped(option.substr(equals + 1)));
    }
  }
  return directories;
}

std::vector<Alias> aliases_of(const std::vector<Mount>& mounts, const Place& place) {
  std::vector<Alias> aliases;
  for (const auto& mount : mounts) {
    add_alias(aliases, mount, {mount.device, mount.root}, place);
    for (const auto& layer : mount.layers)
      add_alias(aliases, mount, within(layer, mount.root), place);
  }
  return aliases;
}

}  // namespace awf::mask
