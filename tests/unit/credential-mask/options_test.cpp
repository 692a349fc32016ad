#include "credential-mask/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/check.hpp"

namespace awf::mask {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::optional<Options> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "awf-mask-credentials");
  return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(Options, of_the_whole_chain_are_read) {
  const auto options = parse({"--programs",    "/opt/awf",  "--home",   "/home/u/", "--workspace",
                              "/home/u//work", "--mount",   "/a:/b:ro", "--mount",  "/c:/d",
                              "--hide",        "/home/u/x", "--uid",    "1000",     "--gid",
                              "1001",          "--",        "next",     "--home",   "/not/ours"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->home, "/home/u");
  EXPECT_EQ(options->workspace, "/home/u/work");
  ASSERT_EQ(options->mounts.size(), 2U);
  EXPECT_EQ(options->mounts[0].access, Access::kReadOnly);
  EXPECT_EQ(options->mounts[1].access, Access::kReadWrite);
  EXPECT_EQ(options->mounts[1].target, "/d");
  EXPECT_THAT(options->hidden, ElementsAre("/home/u/x"));
  EXPECT_EQ(options->uid, 1000U);
  EXPECT_EQ(options->gid, 1001U);
  EXPECT_THAT(options->command, ElementsAre("next", "--home", "/not/ours"));
}

TEST(Options, of_homes_are_read) {
  const auto options =
      parse({"--home", "/h", "--other-home", "/root/", "--other-home", "/b", "--home-size", "4096",
             "--home-writable", "--relocated", ".config=/srv//cfg", "--", "next"});
  ASSERT_TRUE(options);
  EXPECT_THAT(options->other_homes, ElementsAre("/root", "/b"));
  EXPECT_EQ(options->home_size, 4096U);
  EXPECT_TRUE(options->home_writable);
  ASSERT_EQ(options->relocations.size(), 1U);
  EXPECT_EQ(options->relocations[0].prefix, ".config");
  EXPECT_EQ(options->relocations[0].directory, "/srv/cfg");
}

TEST(Options, of_homes_in_another_form_are_refused) {
  for (const char* value : {".config", "=/srv", "/etc=/srv", ".config=srv", ".config=/a/../b"}) {
    EXPECT_THROW((void)parse({"--relocated", value, "--", "true"}), Refusal) << value;
  }
  for (const char* value : {"0", "-1", "4k", ""})
    EXPECT_THROW((void)parse({"--home-size", value, "--", "true"}), Refusal) << value;
}

TEST(Options, without_a_command_are_refused) {
  EXPECT_THROW((void)parse({"--home", "/h"}), Refusal);
  EXPECT_THROW((void)parse({"--home", "/h", "--"}), Refusal);
}

class BadPath : public ::testing::TestWithParam<const char*> {};

TEST_P(BadPath, is_refused_in_every_option) {
  for (const char* option : {"--home", "--other-home", "--workspace", "--programs", "--hide",
                             "--workdir", "--runner-temp"}) {
    EXPECT_THROW((void)parse({option, GetParam(), "--", "true"}), Refusal) << option;
  }
  EXPECT_THROW((void)parse_mount(std::string("/a:") + GetParam()), Refusal);
  EXPECT_THROW((void)parse_mount(std::string(GetParam()) + ":/a"), Refusal);
}

INSTANTIATE_TEST_SUITE_P(Forms, BadPath, ::testing::Values("relative", "/a/../b", "/..", "./x"));

TEST(Mount, of_another_form_is_refused) {
  for (const char* value : {"/a", "/a:/b:rx", "/a:/b:ro:x", ":", "/a:"}) {
    EXPECT_THROW((void)parse_mount(value), Refusal) << value;
  }
}

TEST(Help, names_every_option) {
  for (const char* option :
       {"--programs", "--home", "--workspace", "--workdir", "--runner-temp", "--mount", "--hide",
        "--hide-known", "--other-home", "--home-size", "--home-writable", "--relocated", "--uid",
        "--gid", "--print-plan", "--verbose"}) {
    EXPECT_THAT(help_text(), HasSubstr(option));
  }
}

}  // namespace
}  // namespace awf::mask
