#include "workspace/report.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "common/message_channel.hpp"
#include "temporary_tree.hpp"

namespace awf::workspace {
namespace {

using testing::HasSubstr;
using testing::Not;

using ReportTest = TemporaryTree;

TEST_F(ReportTest, S4_E4_tells_paths_and_kinds_and_never_a_value) {
  const std::string value = std::string("ghp") + "_" + std::string(36, 'q');
  plant("dir/.env", "TOKEN=" + value);
  SecretScan scan(top_.get());
  while (scan.advance()) {
  }
  const auto text = as_json({"/w", true, {{".envrc", "added", "direnv"}}}, &scan);
  EXPECT_THAT(text, Not(HasSubstr(value)));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["schema"], "awf-workspace/1");
  EXPECT_EQ(json["complete"], true);
  EXPECT_EQ(json["secrets"][0]["path"], "dir/.env");
  EXPECT_EQ(json["secrets"][0]["kinds"][0], "github-token");
  EXPECT_EQ(json["secretScan"]["complete"], true);
  EXPECT_EQ(json["changedExecutables"][0]["path"], ".envrc");
  EXPECT_EQ(json["changedExecutables"][0]["change"], "added");
  EXPECT_EQ(json["changedExecutables"][0]["runBy"], "direnv");
  EXPECT_EQ(as_message({"/w", true, {{".envrc", "added", "direnv"}}}, &scan),
            "finished 1 1\n.envrc");
}

TEST_F(ReportTest, names_of_any_bytes_and_number_stay_data) {
  std::vector<Change> changes{{"a\nb\xff\x1b[31m", "added", "git"}};
  const auto text = as_json({"/w", true, changes}, nullptr);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_TRUE(nlohmann::json::accept(text));
  EXPECT_THAT(as_message({"/w", true, changes}, nullptr), HasSubstr("\na?b"));
  for (int i = 0; i < 5000; ++i)
    changes.push_back({std::string(200, 'x'), "added", "git"});
  EXPECT_LE(as_message({"/w", true, changes}, nullptr).size(), MessageChannel::kMaxText);
}

}  // namespace
}  // namespace awf::workspace
