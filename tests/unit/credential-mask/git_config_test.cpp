#include "credential-mask/git_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace awf::mask {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "PLANTEDs3cr3t";

std::string clean(const std::string& text, const std::string& runner_temp = "") {
  const auto entries = parse_git_config(text);
  return entries ? without_credentials(*entries, runner_temp).text : "refused: " + entries.error();
}

std::size_t removed_from(const std::string& text) {
  return without_credentials(parse_git_config(text).or_refuse(), "").removed;
}

// What git makes of a file: every key and value, each ended by NUL.
std::string read_by_git(const std::string& text) {
  std::string path = std::filesystem::temp_directory_path() / "awf-git-config-XXXXXX";
  const int fd = ::mkstemp(path.data());
  EXPECT_GE(fd, 0);
  (void)::close(fd);
  std::ofstream(path) << text;
  const std::string line = "git config --no-includes --list -z --file '" + path + "' 2>&1";
  FILE* pipe = ::popen(line.c_str(), "r");  // NOLINT(cert-env33-c): a test, and its own words
  std::string listing;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
    listing += static_cast<char>(c);
  (void)::pclose(pipe);
  (void)::unlink(path.c_str());
  return listing;
}

constexpr const char* kEverySyntax =
    "\xef\xbb\xbf# a comment\n"
    "[core]\r\n"
    "\trepositoryformatversion = 0\r\n"
    "\tfilemode = true ; and why\n"
    "\tbare\n"
    "; another\n"
    "[odd \"b\bt\t\\n\"]\n\tx = 1\n"
    "[Remote \"or\\\"ig\\\\in\"] URL = https://github.com/o/r.git\n"
    "\tfetch = +refs/heads/*:refs/remotes/origin/*   \n"
    "[branch.Main]\n"
    "  merge = \"refs/heads/main # no comment\" tail # comment\n"
    "[alias]\n"
    "\tlong = one \\\n"
    "two\\tthree\\n\\\"four\\\\\n"
    "\tempty =\n"
    "\tspaces = \"  kept  \"  \n"
    "\tquoted = a\"b;c\"d\n"
    "[user]\n\tname = J\xc3\xbcrgen";

TEST(GitConfig, what_is_written_means_to_git_what_the_file_meant) {
  const auto written = clean(kEverySyntax);
  EXPECT_EQ(read_by_git(written), read_by_git(kEverySyntax)) << written;
  EXPECT_THAT(written, HasSubstr("[remote \"or\\\"ig\\\\in\"]"));
}

TEST(GitConfig, FS_02_what_checkout_leaves_behind_is_not_there) {
  const std::string text =
      std::string("[core]\n\tbare = false\n") +
      "[http \"https://github.com/\"]\n\textraheader = AUTHORIZATION: basic " + kSecret +
      "\n[http]\n\textraHeader = \"X: " + kSecret + "\"\n" +
      "[includeIf \"gitdir:/w/.git\"]\n\tpath = /t/git-credentials-1.config\n" +
      "[include]\n\tpath = /runner/_temp/x\n\tpath = ../shared.config\n";
  const auto shown = clean(text, "/runner/_temp");
  EXPECT_THAT(shown, Not(HasSubstr(kSecret)));
  EXPECT_THAT(shown, Not(HasSubstr("git-credentials")));
  EXPECT_THAT(shown, Not(HasSubstr("_temp")));
  EXPECT_THAT(shown, HasSubstr("[include]\n\tpath = \"../shared.config\"\n"));
  EXPECT_THAT(shown, HasSubstr("bare = \"false\""));
  EXPECT_EQ(removed_from(text), 2U);
}

TEST(GitConfig, FS_02_users_and_passwords_leave_urls_and_the_names_of_sections) {
  const std::string secret = kSecret;
  const std::string text =
      "[remote \"origin\"]\n\turl = https://x-access-token:" + secret + "@github.com/o/r\n" +
      "\tpushurl = https://" + secret + "@github.com/o/r\n" +
      "[remote \"two\"]\n\turl = ssh://git:" + secret + "@host:22/r\n" +
      "[url \"https://u:" + secret + "@github.com/\"]\n\tinsteadOf = https://github.com/\n" +
      "[http]\n\tproxy = http://u:" + secret + "@proxy:3128\n" +
      "[http \"https://x\"]\n\tproxy = u:" + secret + "@proxy:3128\n" +
      "[alias]\n\tp = !curl https://a:" + secret + "@h/ http://b:" + secret + "@i\n";
  const auto shown = clean(text);
  EXPECT_THAT(shown, Not(HasSubstr(secret)));
  EXPECT_THAT(shown, HasSubstr("url = \"https://github.com/o/r\""));
  EXPECT_THAT(shown, HasSubstr("url = \"ssh://git@host:22/r\""));
  EXPECT_THAT(shown, HasSubstr("[url \"https://github.com/\"]"));
  EXPECT_THAT(shown, HasSubstr("!curl https://h/ http://i"));
  EXPECT_EQ(removed_from(text), 7U);
}

TEST(GitConfig, FS_02_credential_helpers_and_keys_named_like_secrets_are_left_out) {
  const auto shown =
      clean(std::string("[credential]\n\thelper = store\n") +
            "[credential \"https://x\"]\n\thelper = \"!f() { echo password=" + kSecret +
            "; }; f\"\n[sendemail]\n\tsmtpPass = " + kSecret +
            "\n\tsmtpServer = mail\n[github]\n\toauth-token = " + kSecret +
            "\n[some]\n\tvalue = ghp_" + std::string(36, 'a') + "\n");
  EXPECT_EQ(shown, "[sendemail]\n\tsmtpserver = \"mail\"\n");
}

TEST(GitConfig, what_is_needed_for_work_stays_as_it_is) {
  const std::string text =
      "[remote \"origin\"]\n\turl = git@github.com:o/r.git\n[branch \"main\"]\n\tremote = origin\n"
      "[core]\n\tsshCommand = ssh -i /k\n[user]\n\temail = a@b.c\n[submodule \"x\"]\n\tactive\n";
  EXPECT_EQ(removed_from(text), 0U);
  EXPECT_EQ(read_by_git(clean(text)), read_by_git(text));
}

TEST(GitConfig, what_git_would_not_read_is_not_understood_either) {
  for (const std::string& broken :
       {std::string("[core\nx = 1\n"), std::string("[core] ?\n"), std::string("[a \"b\nc\"]\n"),
        std::string("[a]\nx = \"open\n"), std::string("[a]\nx = \\q\n"), std::string("[a]\nx y\n"),
        std::string("[]\nx=1\n"), std::string("[a \"b\" c]\nx=1\n"),
        std::string("[a]\n1x = 1\n")}) {
    EXPECT_FALSE(parse_git_config(broken).ok()) << broken;
    EXPECT_THAT(read_by_git(broken), HasSubstr("fatal")) << broken;
  }
  // Stricter than git, which reads a key without a section and cuts a value at a NUL.
  EXPECT_FALSE(parse_git_config("key = before any section\n").ok());
  EXPECT_FALSE(parse_git_config(std::string("[a]\nx = 1\0 2\n", 13)).ok());
  EXPECT_THAT(parse_git_config("[a]\n\n?\n").error(), HasSubstr("line 3"));
}

}  // namespace
}  // namespace awf::mask
