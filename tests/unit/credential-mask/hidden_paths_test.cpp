#include "credential-mask/hidden_paths.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace awf::mask {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::Not;

// A home of its own in a temporary directory, which is resolved, since paths are compared.
class HiddenPathsInHome : public ::testing::Test {
 protected:
  HiddenPathsInHome() {
    std::string name = ::testing::TempDir() + "awf-hidden-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    top_ = fs::canonical(name);
    home_ = top_ / "home";
    fs::create_directories(home_);
  }
  ~HiddenPathsInHome() override { fs::remove_all(top_); }
  HiddenPathsInHome(const HiddenPathsInHome&) = delete;
  HiddenPathsInHome& operator=(const HiddenPathsInHome&) = delete;

  void write(const fs::path& path, const std::string& content = "secret") const {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }

  [[nodiscard]] std::vector<std::string> in_home(const std::vector<std::string>& more = {}) const {
    const auto found = find_hidden_paths({{home_}, {}, {}, more, {}}, {home_}).in_homes;
    std::vector<std::string> paths;
    paths.reserve(found.size());
    for (const auto& hidden : found) {
      paths.push_back(hidden.path.substr(home_.string().size() + 1));
    }
    return paths;
  }

  [[nodiscard]] std::vector<std::string> elsewhere() const {
    const auto found = find_hidden_paths({{home_}, {}, {}, {}, {}}, {home_}).elsewhere;
    std::vector<std::string> paths;
    paths.reserve(found.size());
    for (const auto& hidden : found)
      paths.push_back(hidden.path);
    return paths;
  }

  fs::path top_;
  fs::path home_;
};

TEST_F(HiddenPathsInHome, S4_04_are_those_of_the_catalogue) {
  write(home_ / ".docker/config.json");
  write(home_ / ".docker/other.json");
  EXPECT_THAT(in_home(), Contains(".docker/config.json"));
  EXPECT_THAT(in_home(), Not(Contains(".docker/other.json")));
}

TEST_F(HiddenPathsInHome, S4_G8_that_are_absent_are_hidden_at_the_first_missing_directory) {
  EXPECT_THAT(in_home(), Contains(".docker"));
  fs::create_directories(home_ / ".docker");
  EXPECT_THAT(in_home(), Contains(".docker/config.json"));
}

TEST_F(HiddenPathsInHome, S4_E1_that_are_links_are_hidden_with_what_they_lead_to) {
  write(top_ / "elsewhere/token");
  write(home_ / "dotfiles/npmrc");
  fs::create_symlink(top_ / "elsewhere/token", home_ / ".netrc");
  fs::create_symlink("dotfiles/npmrc", home_ / ".npmrc");
  EXPECT_THAT(in_home(), Contains(".netrc"));
  EXPECT_THAT(in_home(), Contains(".npmrc"));
  EXPECT_THAT(in_home(), Contains("dotfiles/npmrc"));
  EXPECT_THAT(elsewhere(), Contains((top_ / "elsewhere/token").string()));
}

TEST_F(HiddenPathsInHome, S4_E1_below_a_linked_directory_are_hidden_where_they_really_lie) {
  write(top_ / "config/gh/hosts.yml");
  fs::create_symlink(top_ / "config", home_ / ".config");
  EXPECT_THAT(elsewhere(), Contains((top_ / "config/gh/hosts.yml").string()));
}

TEST_F(HiddenPathsInHome, a_link_to_a_file_where_a_directory_should_be_hides_nothing_below_it) {
  write(home_ / "notes");
  fs::create_symlink("notes", home_ / ".config");
  for (const auto& path : in_home())
    EXPECT_THAT(path, Not(::testing::StartsWith("notes")));
}

TEST_F(HiddenPathsInHome, a_history_that_is_linked_to_the_null_device_does_not_hide_the_device) {
  fs::create_symlink("/dev/null", home_ / ".bash_history");
  EXPECT_THAT(in_home(), Contains(".bash_history"));
  EXPECT_THAT(elsewhere(), Not(Contains("/dev/null")));
}

TEST_F(HiddenPathsInHome, a_link_to_a_directory_above_the_home_does_not_hide_the_home) {
  fs::create_symlink(top_, home_ / ".aws");
  EXPECT_THAT(in_home(), Contains(".aws"));
  EXPECT_THAT(elsewhere(), Not(Contains(top_.string())));
}

TEST_F(HiddenPathsInHome, S4_G4_hold_every_private_key_of_ssh_and_not_known_hosts) {
  write(home_ / ".ssh/id_ed25519");
  write(home_ / ".ssh/deploy", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
  write(home_ / ".ssh/keys/old", "-----BEGIN RSA PRIVATE KEY-----\n");
  write(home_ / ".ssh/known_hosts", "github.com ssh-ed25519 AAAA\n");
  write(home_ / ".ssh/config", "Host *\n");
  const auto hidden = in_home();
  EXPECT_THAT(hidden, Contains(".ssh/id_ed25519"));
  EXPECT_THAT(hidden, Contains(".ssh/deploy"));
  EXPECT_THAT(hidden, Contains(".ssh/keys/old"));
  EXPECT_THAT(hidden, Not(Contains(".ssh/known_hosts")));
  EXPECT_THAT(hidden, Not(Contains(".ssh/config")));
}

TEST_F(HiddenPathsInHome, S4_E4_can_be_extended_by_option) {
  write(home_ / "my/own.token");
  EXPECT_THAT(in_home({(home_ / "my/own.token").string()}), Contains("my/own.token"));
  EXPECT_THAT(in_home({(home_ / "my/later").string()}), Contains("my/later"));
}

TEST_F(HiddenPathsInHome, of_a_home_that_is_the_root_are_hidden_like_those_of_the_system) {
  EXPECT_TRUE(find_hidden_paths({{"/"}, {}, {}, {}, {}}, {}).in_homes.empty());
}

}  // namespace
}  // namespace awf::mask
