#include "credential-mask/ssh_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "credential-mask/mount_table.hpp"
#include "credential-mask/private_key.hpp"
#include "credential-mask/whiteouts.hpp"

namespace awf::mask {
namespace {

// What is larger, deeper or more is not copied, and so is absent: no ~/.ssh of a person comes near.
constexpr std::size_t kMostBytes = 1024UL * 1024;
constexpr int kMostEntries = 512;
constexpr int kMostDepth = 4;

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { (void)::closedir(directory); }
};

class Copier {
 public:
  explicit Copier(const std::vector<HiddenPath>& hidden) : hidden_(hidden) {}

  void copy_directory(const std::string& source, int at, const std::string& name, int depth) {
    const UniqueFd target = make_layer_directory(at, name);
    copy_owner_and_mode(target.get(), source);
    const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir(source.c_str()));
    if (!directory) return;  // not readable for us, and then not for the command
    while (const dirent* entry = ::readdir(directory.get())) {
      const std::string inner = static_cast<const char*>(entry->d_name);
      if (inner == "." || inner == ".." || --left_ < 0) continue;
      copy_entry(join(source, inner), target.get(), inner, depth);
    }
  }

 private:
  void copy_entry(const std::string& source, int at, const std::string& name, int depth) {
    struct stat status {};
    if (is_hidden(source) || ::lstat(source.c_str(), &status) != 0) return;
    if (S_ISDIR(status.st_mode) && depth < kMostDepth) {
      copy_directory(source, at, name, depth + 1);
    } else if (S_ISLNK(status.st_mode)) {
      std::array<char, PATH_MAX> target{};
      if (::readlink(source.c_str(), target.data(), target.size() - 1) < 0) return;
      check(::symlinkat(target.data(), at, name.c_str()), "copying a link of ~/.ssh");
    } else if (S_ISREG(status.st_mode)) {
      copy_file(source, at, name);
    }
  }

  static void copy_file(const std::string& source, int at, const std::string& name) {
    const UniqueFd from(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (!from || ::fstat(from.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    if (static_cast<std::size_t>(status.st_size) > kMostBytes) return;
    const std::string content = read_rest(from.get(), 2 * kMostBytes, "a file of ~/.ssh");
    // It may have been replaced since it was judged.
    if (looks_like_private_key(std::string_view(content).substr(0, kKeyHeadBytes))) return;
    constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    const UniqueFd to(check(::openat(at, name.c_str(), kNew, 0600), "copying a file of ~/.ssh"));
    write_all(to.get(), content, "a copy of ~/.ssh");
    copy_owner_and_mode(to.get(), source);
  }

  [[nodiscard]] bool is_hidden(const std::string& path) const {
    return std::any_of(hidden_.begin(), hidden_.end(),
                       [&](const HiddenPath& hidden) { return is_at_or_below(path, hidden.path); });
  }

  const std::vector<HiddenPath>& hidden_;
  int left_ = kMostEntries;
};

}  // namespace

void copy_ssh_directory(const std::string& source, int at, const std::string& name,
                        const std::vector<HiddenPath>& hidden) {
  Copier(hidden).copy_directory(source, at, name, 0);
}

}  // namespace awf::mask
