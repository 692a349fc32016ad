#include "workspace/secret_scan.hpp"

#include <algorithm>
#include <array>

#include "policy/secret_shapes.hpp"

namespace awf::workspace {
namespace {

constexpr std::size_t kMostFiles = 50000;
constexpr std::size_t kMostBytes = 512UL << 20U;
constexpr std::size_t kMostBytesOfFile = 1UL << 20U;
constexpr std::size_t kMostFindings = 1000;
constexpr std::size_t kMostDirectories = 50000;
constexpr std::size_t kMostEntries = 20000;  // of one directory

bool is_one_of(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Compressed, and full of chance.
bool is_skipped(const std::string& path) {
  constexpr std::array<std::string_view, 2> kNames{"objects", "lfs"};
  const auto slash = path.rfind('/');
  if (slash == std::string::npos || !is_one_of(kNames, std::string_view(path).substr(slash + 1)))
    return false;
  return path.find(".git/") != std::string::npos;
}

// Other people's code, in great quantity: after everything else.
bool is_late(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames{"node_modules", "vendor", "target",
                                                   ".venv",        "venv",   "third_party"};
  return is_one_of(kNames, name);
}

}  // namespace

bool SecretScan::advance() {
  if (cut_) return false;
  if (!files_.empty()) {
    const std::string path = std::move(files_.front());
    files_.pop_front();
    read(path);
  } else if (!directories_.empty()) {
    const std::string directory = std::move(directories_.front());
    directories_.pop_front();
    list(directory);
  } else {
    return false;
  }
  cut_ = files_read_ >= kMostFiles || bytes_ >= kMostBytes || found_.size() >= kMostFindings;
  return true;
}

void SecretScan::list(const std::string& directory) {
  const auto listing = entries_of(open_directory(top_, directory), kMostEntries);
  if (!listing.complete) cut_ = true;
  for (const auto& entry : listing.entries) {
    auto path = below(directory, entry.name);
    if (entry.kind == Kind::kFile) {
      files_.push_back(std::move(path));
    } else if (entry.kind == Kind::kDirectory && !is_skipped(path)) {
      if (directories_.size() >= kMostDirectories) {
        cut_ = true;
      } else if (is_late(entry.name)) {
        directories_.push_back(std::move(path));
      } else {
        directories_.push_front(std::move(path));
      }
    }
  }
}

void SecretScan::read(const std::string& path) {
  const auto file = open_file(top_, path);
  if (!file) return;
  const std::string content = head_of(*file, kMostBytesOfFile);
  ++files_read_;
  bytes_ += content.size();
  auto kinds = policy::secret_kinds_in(content);
  if (!kinds.empty()) found_.push_back({path, std::move(kinds)});
}

}  // namespace awf::workspace
