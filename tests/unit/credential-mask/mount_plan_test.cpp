#include "credential-mask/mount_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/check.hpp"

namespace awf::mask {
namespace {

using ::testing::HasSubstr;

Options some_options() {
  Options options;
  options.home = "/home/u";
  options.workspace = "/home/u/work/repo";
  options.runner_temp = "/home/u/work/_temp";
  options.programs = "/opt/awf";
  options.mounts = {{"/srv/data", "/data", Access::kReadOnly}};
  return options;
}

// The position of a step, or a failure.
long position(const std::vector<Step>& plan, Action action, const std::string& target) {
  const auto found = std::find_if(plan.begin(), plan.end(), [&](const Step& step) {
    return step.action == action && step.target == target;
  });
  EXPECT_NE(found, plan.end()) << target;
  return found - plan.begin();
}

TEST(Plan, begins_with_the_namespace_so_that_the_host_sees_nothing) {
  EXPECT_EQ(make_plan(some_options()).front().action, Action::kEnterNamespace);
}

TEST(Plan, takes_everything_of_the_host_before_the_root_changes_and_covers_it_afterwards) {
  const auto plan = make_plan(some_options());
  const auto change = position(plan, Action::kChangeRoot, "/");
  for (long i = 0; i < static_cast<long>(plan.size()); ++i) {
    const auto action = plan[static_cast<std::size_t>(i)].action;
    const bool takes = action == Action::kTakeTree || action == Action::kTakeDevices ||
                       action == Action::kMakeHome;
    const bool covers = action == Action::kPrivate || action == Action::kShow;
    EXPECT_TRUE(!takes || i < change);
    EXPECT_TRUE(!covers || i > change);
  }
}

TEST(Plan, everything_that_is_shown_was_taken_or_made_before) {
  const auto plan = make_plan(some_options());
  for (const auto& step : plan) {
    if (step.action != Action::kShow) continue;
    const auto taken = std::any_of(plan.begin(), plan.end(), [&](const Step& other) {
      return (other.action == Action::kTakeTree || other.action == Action::kMakeHome) &&
             other.source == step.source && other.target == step.target;
    });
    EXPECT_TRUE(taken) << step.target;
  }
}

TEST(Plan, a_directory_comes_before_what_lies_in_it) {
  auto options = some_options();
  options.home = "/tmp/home";
  options.workspace = "/tmp/home/work";
  options.runner_temp = "/tmp/home/work/_temp";
  // The workspace must not be refused for holding the runner's directory.
  EXPECT_THROW((void)make_plan(options), Refusal);
  options.runner_temp = "/tmp/home/_temp";
  const auto plan = make_plan(options);
  EXPECT_LT(position(plan, Action::kPrivate, "/tmp"), position(plan, Action::kShow, "/tmp/home"));
  EXPECT_LT(position(plan, Action::kShow, "/tmp/home"),
            position(plan, Action::kPrivate, "/tmp/home/_temp"));
  EXPECT_LT(position(plan, Action::kShow, "/tmp/home"),
            position(plan, Action::kShow, "/tmp/home/work"));
}

TEST(Plan, hides_after_everything_that_shows) {
  const auto plan = make_plan(some_options());
  const auto hide = position(plan, Action::kHide, "");
  for (std::size_t i = static_cast<std::size_t>(hide); i < plan.size(); ++i) {
    EXPECT_NE(plan[i].action, Action::kShow);
    EXPECT_NE(plan[i].action, Action::kPrivate);
  }
}

TEST(Plan, shows_the_home_and_the_workspace_writable_and_programs_read_only) {
  const auto plan = make_plan(some_options());
  const auto access = [&](const std::string& target) {
    return plan[static_cast<std::size_t>(position(plan, Action::kShow, target))].access;
  };
  EXPECT_EQ(access("/home/u"), Access::kReadWrite);
  EXPECT_EQ(access("/home/u/work/repo"), Access::kReadWrite);
  EXPECT_EQ(access("/run/awf/bin"), Access::kReadOnly);
  EXPECT_EQ(access("/data"), Access::kReadOnly);
}

class UncoveringWorkspace : public ::testing::TestWithParam<const char*> {};

TEST_P(UncoveringWorkspace, is_refused) {
  auto options = some_options();
  options.workspace = GetParam();
  EXPECT_THROW((void)make_plan(options), Refusal);
}

INSTANTIATE_TEST_SUITE_P(Places, UncoveringWorkspace,
                         ::testing::Values("/", "/home", "/home/u", "/home/u/work", "/tmp", "/var",
                                           "/run", "/etc", "/usr", "/dev", "/proc"));

TEST(Plan, of_a_home_that_is_a_private_directory_makes_no_overlay_over_it) {
  auto options = some_options();
  options.home = "/tmp";
  const auto plan = make_plan(options);
  EXPECT_TRUE(std::none_of(plan.begin(), plan.end(), [](const Step& step) {
    return step.action == Action::kMakeHome ||
           (step.action == Action::kShow && step.target == "/tmp");
  }));
}

TEST(Plan, of_a_home_that_is_the_root_or_missing_has_no_overlay) {
  for (const char* home : {"", "/"}) {
    auto options = some_options();
    options.home = home;
    const auto plan = make_plan(options);
    EXPECT_TRUE(std::none_of(plan.begin(), plan.end(),
                             [](const Step& step) { return step.action == Action::kMakeHome; }));
  }
}

TEST(Plan, FS_01_makes_a_view_of_every_home_and_only_that_of_the_command_is_writable) {
  auto options = some_options();
  options.other_homes = {"/root", "/home/u/inner"};
  const auto plan = make_plan(options);
  EXPECT_THAT(homes_with_views(plan), ::testing::ElementsAre("/home/u", "/root", "/home/u/inner"));
  const auto access = [&](const std::string& target) {
    return plan[static_cast<std::size_t>(position(plan, Action::kShow, target))].access;
  };
  EXPECT_EQ(access("/home/u"), Access::kReadWrite);
  EXPECT_EQ(access("/root"), Access::kReadOnly);
  EXPECT_LT(position(plan, Action::kShow, "/home/u"),
            position(plan, Action::kShow, "/home/u/inner"));
  EXPECT_LT(position(plan, Action::kChangeRoot, "/"), position(plan, Action::kViewTree, "/"));
}

TEST(Plan, of_a_home_whose_changes_last_takes_it_as_it_is) {
  auto options = some_options();
  options.home_writable = true;
  const auto plan = make_plan(options);
  EXPECT_TRUE(homes_with_views(plan).empty());
  EXPECT_LT(position(plan, Action::kTakeTree, "/home/u"), position(plan, Action::kChangeRoot, "/"));
  EXPECT_LT(position(plan, Action::kShow, "/home/u"),
            position(plan, Action::kShow, "/home/u/work/repo"));
}

TEST(Plan, that_would_hide_what_the_command_needs_is_refused) {
  for (const char* hidden : {"/home/u/work/repo", "/home/u/work", "/home", "/", "/opt", "/usr"}) {
    auto options = some_options();
    options.hidden = {hidden};
    EXPECT_THROW((void)make_plan(options), Refusal) << hidden;
  }
}

TEST(Plan, with_two_mounts_at_one_place_is_refused) {
  auto options = some_options();
  options.mounts.push_back({"/srv/other", "/data", Access::kReadOnly});
  EXPECT_THROW((void)make_plan(options), Refusal);
}

TEST(Plan, is_printed_one_numbered_line_a_step) {
  const auto plan = make_plan(some_options());
  const auto text = shown(plan);
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), plan.size());
  EXPECT_THAT(text, HasSubstr("show read-only /srv/data at /data: "));
  EXPECT_THAT(text, HasSubstr("show read-write /home/u/work/repo: "));
}

}  // namespace
}  // namespace awf::mask
