#include "confine/options.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "common/check.hpp"

namespace awf::confine {
namespace {

std::optional<Options> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "awf-confine");
  return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(ConfineOptions, ids_groups_descriptors_and_the_command_are_read) {
  const auto options = parse({"--uid", "1000", "--gid=1001", "--groups", "4,27", "--keep-fd", "0",
                              "--keep-fd", "1", "--", "ls", "--uid", "0"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->uid, 1000U);
  EXPECT_EQ(options->gid, 1001U);
  EXPECT_EQ(options->groups, (std::vector<gid_t>{4, 27}));
  EXPECT_EQ(options->keep_fds, (std::vector<int>{0, 1}));
  EXPECT_EQ(options->command, (std::vector<std::string>{"ls", "--uid", "0"}));
}

TEST(ConfineOptions, a_terminal_is_taken_only_when_asked_for) {
  EXPECT_FALSE(parse({"--uid", "1", "--gid", "1", "--", "ls"})->terminal);
  EXPECT_TRUE(parse({"--uid", "1", "--gid", "1", "--terminal", "--", "ls"})->terminal);
}

TEST(ConfineOptions, limits_are_numbers_and_none_is_the_default) {
  const auto options = parse(
      {"--uid", "1", "--gid", "1", "--process-limit", "40", "--file-size-limit", "0", "--", "ls"});
  EXPECT_EQ(options->process_limit, 40U);
  EXPECT_EQ(options->file_size_limit, 0U);
  EXPECT_FALSE(parse({"--uid", "1", "--gid", "1", "--", "ls"})->process_limit);
  for (const char* bad : {"0", "-1", "many", "18446744073709551615"}) {
    EXPECT_THROW(parse({"--uid", "1", "--gid", "1", "--process-limit", bad, "--", "ls"}), Refusal)
        << bad;
  }
}

TEST(ConfineOptions, PROC_04_no_groups_is_the_default) {
  EXPECT_TRUE(parse({"--uid", "1", "--gid", "1", "--", "ls"})->groups.empty());
}

TEST(ConfineOptions, ids_that_mean_unchanged_to_the_kernel_are_refused) {
  EXPECT_THROW(parse({"--uid", "4294967295", "--gid", "1", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--uid", "-1", "--gid", "1", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--uid", "1", "--gid", "4294967295", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--uid", "1", "--gid", "1", "--groups", "4294967295", "--", "ls"}), Refusal);
}

TEST(ConfineOptions, missing_and_malformed_options_are_refused) {
  EXPECT_THROW(parse({"--gid", "1", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--uid", "1", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--uid", "root", "--gid", "1", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--uid", "1", "--gid", "1", "--groups", "4,,5", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--uid", "1", "--gid", "1", "--keep-fd", "987654", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--uid", "1", "--gid", "1", "ls"}), Refusal);
  EXPECT_THROW(parse({"--uid", "1", "--gid", "1", "--"}), Refusal);
  EXPECT_THROW(parse({"--uid", "1", "--gid", "1"}), Refusal);
}

}  // namespace
}  // namespace awf::confine
