// Looks for files with secrets of known shapes, a file at a time, so that it can run beside the
// command without getting into its way.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "workspace/tree.hpp"

namespace awf::workspace {

struct FileWithSecrets {
  std::string path;
  std::vector<std::string_view> kinds;  // policy/secret_shapes.hpp
};

class SecretScan {
 public:
  // Borrows `top`. Nothing is read yet.
  explicit SecretScan(int top) : top_(top) { directories_.emplace_back(); }

  // One more file, or one more directory's names. False when there is nothing left, or a bound is
  // reached: 50,000 files, 512 MiB, 1000 findings; of a file the first MiB is read.
  bool advance();

  [[nodiscard]] const std::vector<FileWithSecrets>& found() const noexcept { return found_; }
  [[nodiscard]] std::size_t files() const noexcept { return files_read_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  // Has everything been looked at?
  [[nodiscard]] bool complete() const noexcept {
    return directories_.empty() && files_.empty() && !cut_;
  }

 private:
  void list(const std::string& directory);
  void read(const std::string& path);

  int top_;
  std::deque<std::string> directories_;
  std::deque<std::string> files_;
  std::vector<FileWithSecrets> found_;
  std::size_t files_read_ = 0;
  std::size_t bytes_ = 0;
  bool cut_ = false;
};

}  // namespace awf::workspace
