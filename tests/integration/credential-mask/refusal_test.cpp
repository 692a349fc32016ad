// What cannot be given is refused in one line, and the next program is not run.
#include <gmock/gmock.h>

#include <algorithm>

#include "machine.hpp"

namespace awf::mask_test {
namespace {

using ::testing::HasSubstr;

class Refusals : public Machine {
 protected:
  static void expect_refused(const Outcome& outcome, const std::string& reason) {
    EXPECT_EQ(outcome.exit_code, 125) << outcome;
    EXPECT_EQ(outcome.output, "") << outcome;
    EXPECT_THAT(outcome.errors, HasSubstr(reason));
    EXPECT_EQ(std::count(outcome.errors.begin(), outcome.errors.end(), '\n'), 1) << outcome;
  }
};

TEST_P(Refusals, a_workspace_that_is_the_home_or_above_it) {
  for (const char* workspace : {"/srv/home/runner", "/srv/home", "/"}) {
    expect_refused(run_bare("echo run", {"--home", kHome, "--workspace", workspace}), "contains");
  }
}

TEST_P(Refusals, a_workspace_that_does_not_exist) {
  expect_refused(run_bare("echo run", {"--workspace", "/srv/none"}), "does not exist");
}

TEST_P(Refusals, a_mount_of_what_does_not_exist) {
  expect_refused(run("echo run", {"--mount", "/srv/none:/tmp/x"}), "does not exist");
}

TEST_P(Refusals, a_mount_at_a_place_that_cannot_be_made) {
  plant("/srv/data/file");
  expect_refused(run("echo run", {"--mount", "/srv/data:/none/here"}), "choose a target");
}

TEST_P(Refusals, a_mount_of_a_directory_over_a_file) {
  plant("/srv/file");
  plant("/srv/data/file");
  expect_refused(run("echo run", {"--mount", "/srv/data:/srv/file"}), "is a file");
}

TEST_P(Refusals, a_mount_over_what_the_view_is_made_of) {
  plant("/srv/data/file");
  for (const std::string target :
       {"/", "/proc", "/proc/sys", "/sys", "/dev", "/run", "/run/awf/bin"})
    expect_refused(run("echo run", {"--mount", "/srv/data:" + target}), "AWF's own");
}

TEST_P(Refusals, a_mount_of_another_form) {
  plant("/srv/data/file");
  for (const char* mount :
       {"srv/data:/tmp/x", "/srv/data:tmp/x", "/srv/data:/tmp/x:rwx", "/srv/data"})
    EXPECT_EQ(run("echo run", {"--mount", mount}).exit_code, 125) << mount;
}

TEST_P(Refusals, S4_E4_of_a_path_that_is_hidden_though_the_command_needs_it) {
  for (const char* path : {kHome, kWorkspace, "/srv", "/usr", "/"})
    expect_refused(run("echo run", {"--hide", path}), "holds");
}

TEST_P(Refusals, a_path_with_two_dots) {
  expect_refused(run("echo run", {"--hide", "/srv/../etc"}), "\"..\"");
}

TEST_P(Refusals, an_unknown_option_is_answered_with_the_nearest_known_one) {
  expect_refused(run("echo run", {"--hidden", "/srv/x"}), "--hide");
}

TEST_P(Refusals, a_home_that_is_a_file) {
  plant("/srv/file");
  expect_refused(run_bare("echo run", {"--home", "/srv/file"}), "not a directory");
}

INSTANTIATE_IN_BOTH_MODES(Refusals);

}  // namespace
}  // namespace awf::mask_test
