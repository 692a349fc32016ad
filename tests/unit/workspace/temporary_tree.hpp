// A workspace of a test's own.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/unique_fd.hpp"

namespace awf::workspace {

class TemporaryTree : public testing::Test {
 protected:
  TemporaryTree() {
    std::string pattern = std::filesystem::temp_directory_path() / "awf-workspace-XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    top_.reset(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  ~TemporaryTree() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;

  void plant(const std::string& path, const std::string& content) const {
    const auto place = std::filesystem::path(root_) / path;
    std::filesystem::create_directories(place.parent_path());
    std::ofstream(place) << content;
  }
  void link(const std::string& target, const std::string& path) const {
    const auto place = std::filesystem::path(root_) / path;
    std::filesystem::create_directories(place.parent_path());
    std::filesystem::create_symlink(target, place);
  }

  std::string root_;
  UniqueFd top_;
};

}  // namespace awf::workspace
