#include "token-unset/hand_over.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "common/unique_fd.hpp"

namespace awf::unset {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Lookup, of_a_name_with_a_slash_is_that_file_alone) {
  EXPECT_THAT(candidates("./x", "/a:/b"), ElementsAre("./x"));
}

TEST(Lookup, goes_through_PATH_in_order_and_an_empty_element_is_the_working_directory) {
  EXPECT_THAT(candidates("x", "/a::/b"), ElementsAre("/a/x", "./x", "/b/x"));
}

TEST(Lookup, of_an_empty_name_finds_nothing) {
  EXPECT_THAT(candidates("", "/bin"), IsEmpty());
}

TEST(Lookup, uses_the_PATH_of_the_command_and_not_of_this_program) {
  EXPECT_EQ(path_in({"HOME=/h", "PATH=/only/here"}), "/only/here");
  EXPECT_EQ(path_in({"HOME=/h"}), "/usr/local/bin:/usr/bin:/bin");
}

TEST(RunCommand, that_does_not_exist_is_127) {
  EXPECT_EQ(run_command({"no-such-command"}, {"PATH=/usr/bin"}), 127);
  EXPECT_EQ(run_command({"/no/such/command"}, {}), 127);
}

// A file that execve(2) refuses whoever asks: nobody has the right to execute it.
class NotExecutable : public ::testing::Test {
 protected:
  NotExecutable() : fd_(::mkstemp(path_.data())) { EXPECT_TRUE(fd_); }
  ~NotExecutable() override { (void)::unlink(path_.c_str()); }
  NotExecutable(const NotExecutable&) = delete;
  NotExecutable& operator=(const NotExecutable&) = delete;

  std::string path_ = ::testing::TempDir() + "awf-hand-over-XXXXXX";
  UniqueFd fd_;
};

TEST_F(NotExecutable, command_is_126) {
  EXPECT_EQ(run_command({path_}, {}), 126);
}

TEST_F(NotExecutable, file_in_PATH_is_126_when_no_later_directory_has_one_that_runs) {
  const auto slash = path_.rfind('/');
  EXPECT_EQ(
      run_command({path_.substr(slash + 1)}, {"PATH=" + path_.substr(0, slash) + ":/nowhere"}),
      126);
}

TEST(RunCommand, that_is_a_directory_is_126) {
  EXPECT_EQ(run_command({"/etc"}, {}), 126);
}

}  // namespace
}  // namespace awf::unset
