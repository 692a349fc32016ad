#include "awf/runner_places.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "common/check.hpp"

namespace awf::supervisor {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

class Runner : public testing::Test {
 protected:
  Runner() {
    std::string name = testing::TempDir() + "awf-runner-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    top_ = fs::canonical(name);
  }
  ~Runner() override { fs::remove_all(top_); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  [[nodiscard]] std::string make(const std::string& directory) const {
    fs::create_directories(top_ / directory);
    return (top_ / directory).string();
  }
  void touch(const std::string& file) const {
    fs::create_directories((top_ / file).parent_path());
    std::ofstream(top_ / file) << "x";
  }
  [[nodiscard]] std::string at(const std::string& path) const { return (top_ / path).string(); }

  static RunnerPlaces find(const std::map<std::string, std::string>& variables,
                           const std::string& start,
                           const std::vector<std::string>& ancestors = {}) {
    const auto variable = [&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    return find_runner_places(variable, start, ancestors);
  }

  fs::path top_;
};

TEST_F(Runner, FS_03_is_known_by_its_variable) {
  const auto temp = make("work/_temp");
  EXPECT_EQ(find({{"RUNNER_TEMP", temp}}, "/nowhere").temp, temp);
  EXPECT_THROW((void)find({{"RUNNER_TEMP", at("none")}}, "/nowhere"), Refusal);
  touch("file");
  EXPECT_THROW((void)find({{"RUNNER_TEMP", at("file")}}, "/nowhere"), Refusal);
}

TEST_F(Runner, FS_03_is_known_by_the_shape_of_the_directories_above) {
  const auto start = make("runner/_work/repo/repo");
  const auto temp = make("runner/_work/_temp");
  (void)make("runner/_work/_actions");
  touch("runner/.runner");
  const auto places = find({}, start);
  EXPECT_EQ(places.temp, temp);
  EXPECT_THAT(places.hidden, Contains(at("runner/.credentials_rsaparams")));
  EXPECT_THAT(places.hidden, Contains(at("runner/_diag")));
}

TEST_F(Runner, FS_03_is_known_by_any_of_the_variables_that_name_its_directories) {
  const auto temp = make("runner/_work/_temp");
  (void)make("runner/_work/repo/repo");
  (void)make("runner/_work/_tool");
  touch("runner/.credentials");
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"RUNNER_WORKSPACE", at("runner/_work/repo")},
           {"GITHUB_WORKSPACE", at("runner/_work/repo/repo")},
           {"RUNNER_TOOL_CACHE", at("runner/_work/_tool")},
           {"AGENT_TOOLSDIRECTORY", at("runner/_work/_tool")},
           {"GITHUB_ACTION_PATH", at("runner/_work/_actions/a/b/v1")}}) {
    const auto places = find({{name, value}}, "/nowhere");
    EXPECT_EQ(places.temp, temp) << name;
    EXPECT_THAT(places.hidden, Contains(at("runner/.credentials"))) << name;
  }
}

TEST_F(Runner, FS_03_is_known_by_its_programs_above_us) {
  touch("hosted/cached/2.1/bin/Runner.Listener");
  const auto places =
      find({}, "/nowhere", {at("hosted/cached/2.1/bin/Runner.Worker"), "/bin/bash"});
  EXPECT_THAT(places.hidden, Contains(at("hosted/cached/2.1/_diag")));
}

TEST_F(Runner, a_second_temporary_directory_is_hidden) {
  const auto start = make("other/_work/repo/repo");
  (void)make("other/_work/_tool");
  const auto second = make("other/_work/_temp");
  EXPECT_THAT(find({{"RUNNER_TEMP", make("first/_temp")}}, start).hidden, Contains(second));
}

TEST_F(Runner, is_not_seen_in_a_checkout_that_has_such_names) {
  const auto start = make("repo");
  touch("repo/.runner");
  touch("repo/.env");
  (void)make("repo/_temp");
  (void)make("repo/_tool");
  const auto places = find({}, start);
  EXPECT_EQ(places.temp, std::nullopt);
  EXPECT_THAT(places.hidden, IsEmpty());
}

TEST(Ancestors, are_named_by_their_executables) {
  EXPECT_THAT(executables_above(), Not(IsEmpty()));
}

}  // namespace
}  // namespace awf::supervisor
