#include "workspace/tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>

namespace awf::workspace {
namespace {

constexpr std::size_t kMostSeen = 65536;

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { (void)::closedir(directory); }
};

UniqueFd open_below(int top, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(O_CLOEXEC | flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  const char* name = path.empty() ? "." : path.c_str();
  return UniqueFd(static_cast<int>(::syscall(SYS_openat2, top, name, &how, sizeof how)));
}

Kind kind_of_mode(mode_t mode) {
  if (S_ISREG(mode)) return Kind::kFile;
  if (S_ISDIR(mode)) return Kind::kDirectory;
  return S_ISLNK(mode) ? Kind::kLink : Kind::kOther;
}

Kind kind_of(int directory, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return Kind::kFile;
    case DT_DIR:
      return Kind::kDirectory;
    case DT_LNK:
      return Kind::kLink;
    case DT_UNKNOWN:
      break;  // file systems need not tell (readdir(3))
    default:
      return Kind::kOther;
  }
  struct stat status {};
  if (::fstatat(directory, static_cast<const char*>(entry.d_name), &status, AT_SYMLINK_NOFOLLOW) !=
      0) {
    return Kind::kOther;
  }
  return kind_of_mode(status.st_mode);
}

}  // namespace

UniqueFd open_directory(int top, const std::string& path) {
  return open_below(top, path, O_RDONLY | O_DIRECTORY);
}

std::optional<File> open_file(int top, const std::string& path) {
  File file;
  // O_NONBLOCK: a pipe in the place of a file must not hold us up.
  file.fd = open_below(top, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (!file.fd || ::fstat(file.fd.get(), &file.status) != 0) return std::nullopt;
  if (!S_ISREG(file.status.st_mode)) return std::nullopt;
  return file;
}

UniqueFd open_place(int top, const std::string& path) {
  return open_below(top, path, O_PATH | O_DIRECTORY);
}

bool is_directory(int top, const std::string& path) {
  return static_cast<bool>(open_place(top, path));
}

bool may_exist(int top, const std::string& path) {
  struct stat status {};
  return ::fstatat(top, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

std::optional<std::string> link_target(int top, const std::string& path) {
  // openat2(2): with these two flags a link at the end is opened itself.
  const UniqueFd link = open_below(top, path, O_PATH | O_NOFOLLOW);
  if (!link) return std::nullopt;
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(link.get(), "", target.data(), target.size());
  if (length < 0) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(length));
}

Listing entries_of(const UniqueFd& directory, std::size_t limit,
                   const std::function<bool(const Entry&)>& wanted) {
  Listing listing;
  auto& entries = listing.entries;
  const int copy = directory ? ::fcntl(directory.get(), F_DUPFD_CLOEXEC, 3) : -1;
  if (copy < 0) return listing;
  const std::unique_ptr<DIR, DirectoryCloser> stream(::fdopendir(copy));
  if (!stream) {
    (void)::close(copy);
    return listing;
  }
  std::size_t seen = 0;
  while (const dirent* found = ::readdir(stream.get())) {
    std::string name = static_cast<const char*>(found->d_name);
    if (name == "." || name == "..") continue;
    listing.complete = ++seen <= kMostSeen;
    if (!listing.complete) break;
    Entry entry{std::move(name), kind_of(directory.get(), *found)};
    if (!wanted(entry)) continue;
    listing.complete = entries.size() < limit;
    if (!listing.complete) break;
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return listing;
}

std::string head_of(const File& file, std::size_t limit) {
  std::string content(std::min(limit, static_cast<std::size_t>(file.status.st_size)), '\0');
  std::size_t length = 0;
  while (length < content.size()) {
    const ssize_t got = ::pread(file.fd.get(), content.data() + length, content.size() - length,
                                static_cast<off_t>(length));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  content.resize(length);
  return content;
}

std::string below(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

}  // namespace awf::workspace
