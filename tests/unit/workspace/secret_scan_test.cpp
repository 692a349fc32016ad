#include "workspace/secret_scan.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "temporary_tree.hpp"

namespace awf::workspace {
namespace {

using testing::ElementsAre;

std::string token() {
  return std::string("ghp") + "_" + std::string(18, 'a') + std::string(18, 'B');
}

class SecretScanTest : public TemporaryTree {
 protected:
  std::vector<std::string> paths_found() {
    SecretScan scan(top_.get());
    while (scan.advance()) {
    }
    complete_ = scan.complete();
    std::vector<std::string> paths;
    for (const auto& file : scan.found())
      paths.push_back(file.path);
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  bool complete_ = false;
};

TEST_F(SecretScanTest, S4_E4_files_with_known_shapes_are_found_at_any_depth) {
  plant("a/b/c/d/.env", "TOKEN=" + token());
  plant("node_modules/x/leak.js", token());
  plant(".git/config", "extraheader = " + token());
  plant("clean.txt", "nothing");
  EXPECT_THAT(paths_found(), ElementsAre(".git/config", "a/b/c/d/.env", "node_modules/x/leak.js"));
  EXPECT_TRUE(complete_);
}

TEST_F(SecretScanTest, S4_E4_git_objects_links_pipes_and_the_rest_of_huge_files_are_not_read) {
  plant(".git/objects/aa/bb", token());
  plant("outside/secret", token());
  link(root_ + "/outside/secret", "inside/link");
  link("..", "inside/up");
  ASSERT_EQ(::mkfifo((root_ + "/pipe").c_str(), 0666), 0);
  plant("huge", std::string(2UL << 20U, 'x') + token());
  EXPECT_THAT(paths_found(), ElementsAre("outside/secret"));
  EXPECT_TRUE(complete_);
}

TEST_F(SecretScanTest, S4_E4_a_bound_that_is_reached_is_said) {
  for (int i = 0; i < 1001; ++i)
    plant("d/" + std::to_string(i), token());
  EXPECT_EQ(paths_found().size(), 1000U);
  EXPECT_FALSE(complete_);
}

}  // namespace
}  // namespace awf::workspace
