#include "awf/file_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "awf/options.hpp"
#include "common/check.hpp"

namespace awf::supervisor {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Variables = std::map<std::string, std::string>;

// In a directory that is not below /tmp, whose homes are hidden whole.
class Files : public testing::Test {
 protected:
  Files() {
    std::string name = fs::current_path().string() + "/awf-view-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    top_ = fs::canonical(name);
    fs::create_directories(top_ / "home/.cache/tool");
    fs::create_directories(top_ / "account");
    fs::create_directories(top_ / "outside");
    identity_.uid = ::getuid();
    identity_.home = (top_ / "home").string();
    identity_.account_home = identity_.home;
  }
  ~Files() override { fs::remove_all(top_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  [[nodiscard]] FileView view(const Variables& variables = {}) const {
    return judge_file_view(options_, identity_, [&](const std::string& name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
  }
  [[nodiscard]] std::string at(const std::string& path) const { return (top_ / path).string(); }

  fs::path top_;
  Identity identity_;
  Options options_;
};

TEST_F(Files, FS_01_every_home_that_the_command_could_enter_is_known) {
  identity_.account_home = at("account");
  EXPECT_THAT(view({{"HOME", identity_.home}}).other_homes, ElementsAre(at("account")));
  EXPECT_THAT(view({{"HOME", at("outside")}}).other_homes,
              ElementsAre(at("account"), at("outside")));
  identity_.account_home = identity_.home;
  EXPECT_THAT(view({{"HOME", identity_.home + "/"}}).other_homes, IsEmpty());
  EXPECT_THAT(view({{"HOME", at("none")}}).other_homes, IsEmpty());
}

TEST_F(Files, FS_01_the_home_of_the_one_who_called_sudo_is_known) {
  identity_.uid = 0;  // as whom /root can be entered, be it open or not
  EXPECT_THAT(view({{"SUDO_USER", "root"}}).other_homes, ElementsAre("/root"));
  EXPECT_THAT(view({{"SUDO_USER", "nobody-of-that-name"}}).other_homes, IsEmpty());
}

TEST_F(Files, a_home_that_the_command_cannot_enter_needs_no_view) {
  fs::permissions(top_ / "account", fs::perms::owner_all);
  identity_.mode = Mode::kPrivileged;
  identity_.account_home = at("account");
  identity_.uid = ::getuid() + 1;
  identity_.gid = ::getgid() + 1;
  EXPECT_THAT(view().other_homes, IsEmpty());
  fs::permissions(top_ / "account", fs::perms::owner_all | fs::perms::group_exec);
  EXPECT_THAT(view().other_homes, IsEmpty());
  identity_.groups = {::getgid()};
  EXPECT_THAT(view().other_homes, ElementsAre(at("account")));
}

TEST_F(Files, system_directories_are_nobodys_home) {
  for (const char* home : {"/", "/usr", "/usr/sbin", "/dev", "/bin", "/proc", "relative", ""}) {
    identity_.account_home = home;
    EXPECT_THAT(view().other_homes, IsEmpty()) << home;
  }
}

TEST_F(Files, FS_01_variables_tell_which_directories_stand_for_those_of_the_home) {
  const auto judged = view({{"XDG_CONFIG_HOME", "/srv/xdg/"}, {"GNUPGHOME", "/srv/gpg"}});
  EXPECT_THAT(judged.relocations,
              testing::UnorderedElementsAre(".config=/srv/xdg", ".gnupg=/srv/gpg"));
}

TEST_F(Files, FS_01_files_that_variables_name_are_hidden) {
  const auto judged = view({{"GOOGLE_APPLICATION_CREDENTIALS", "/srv/key.json"},
                            {"KUBECONFIG", "/srv/a:/srv//b:"},
                            {"KRB5CCNAME", "FILE:/srv/ticket"},
                            {"NETRC", "relative/netrc"},
                            {"GIT_CONFIG_GLOBAL", "/dev/null"},
                            {"PGPASSFILE", ""},
                            {"HISTFILE", "/"}});
  EXPECT_THAT(judged.known_hidden,
              testing::UnorderedElementsAre("/srv/key.json", "/srv/a", "/srv/b", "/srv/ticket",
                                            (fs::current_path() / "relative/netrc").string()));
}

TEST_F(Files, FS_04_files_that_the_runner_reads_are_hidden) {
  for (const char* name : {"GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE",
                           "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_PATH"}) {
    EXPECT_THAT(view({{name, "/srv/file"}}).known_hidden, ElementsAre("/srv/file")) << name;
  }
}

TEST_F(Files, what_is_to_be_shown_is_mounted_read_only_with_a_warning) {
  options_.shown_paths = {at("outside")};
  const auto judged = view();
  EXPECT_THAT(judged.mounts, ElementsAre(at("outside") + ":" + at("outside") + ":ro"));
  EXPECT_THAT(judged.warnings, ElementsAre(HasSubstr("can read it")));
}

TEST_F(Files, a_part_of_the_home_is_kept_by_its_whole_path_or_from_the_home) {
  for (const std::string& path : {std::string(".cache"), at("home/.cache")}) {
    options_.kept_paths = {path};
    EXPECT_THAT(view().mounts, ElementsAre(at("home/.cache") + ":" + at("home/.cache") + ":rw"));
  }
}

TEST_F(Files, what_is_not_in_the_home_is_not_kept) {
  fs::create_directory_symlink(top_ / "outside", top_ / "home/link");
  for (const std::string& path :
       {std::string(""), std::string("."), std::string("none"), std::string("../outside"),
        std::string("link"), at("outside"), at("home"), std::string("/")}) {
    options_.kept_paths = {path};
    EXPECT_THROW((void)view(), Refusal) << path;
  }
}

TEST_F(Files, the_size_of_the_home_is_a_number_of_bytes) {
  options_.home_size = "512M";
  EXPECT_EQ(view().home_size, 512UL << 20U);
  for (const char* size : {"0", "many", "-1", "50%", "1T2"}) {
    options_.home_size = size;
    EXPECT_THROW((void)view(), Refusal) << size;
  }
}

TEST_F(Files, changes_in_the_home_last_only_when_that_is_said_plainly) {
  options_.home_mode = "rw";
  EXPECT_TRUE(view().home_writable);
  EXPECT_THAT(view().warnings, ElementsAre(HasSubstr("--home rw")));
  options_.home_size = "1M";
  EXPECT_THROW((void)view(), Refusal);
  options_.home_size.reset();
  options_.audit_directory = at("home/logs");
  EXPECT_THROW((void)view(), Refusal);
  options_.audit_directory.reset();
  options_.home_mode = "ro";
  EXPECT_THROW((void)view(), Refusal);
}

TEST_F(Files, paths_that_are_to_be_hidden_or_shown_are_absolute) {
  options_.hidden_paths = {"secret"};
  EXPECT_THROW((void)view(), Refusal);
  options_.hidden_paths = {"/srv/a/../secret"};
  EXPECT_THAT(view().asked_hidden, ElementsAre("/srv/secret"));
  options_.hidden_paths.clear();
  options_.shown_paths = {".npmrc"};
  EXPECT_THROW((void)view(), Refusal);
  options_.shown_paths = {at("none")};
  EXPECT_THROW((void)view(), Refusal);
}

}  // namespace
}  // namespace awf::supervisor
