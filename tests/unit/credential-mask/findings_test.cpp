#include "credential-mask/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace awf::mask {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Findings, warn_of_a_mount_that_shows_what_would_be_hidden_once_for_each) {
  const Survey survey{{{{"/h/.aws", true, true}, {"/h/.npmrc", true}}, {{"/etc/x", true}}}, {}, {}};
  const auto lines =
      view_warnings({{"/h/.aws/config", "/h/.aws/config"}, {"/h", "/h"}}, survey, {});
  EXPECT_THAT(lines, ElementsAre(HasSubstr("\"/h/.aws/config\"")));
}

TEST(Findings, warn_of_places_where_no_overlay_can_stand) {
  EXPECT_THAT(view_warnings({}, {}, {"/data"}), ElementsAre(HasSubstr("\"/data\"")));
  EXPECT_THAT(view_warnings({}, {}, {}), IsEmpty());
}

TEST(Findings, warn_of_a_hidden_file_that_has_another_name_somewhere) {
  EXPECT_THAT(view_warnings({}, {{}, {}, {"/h/.netrc"}}, {}), ElementsAre(HasSubstr("/h/.netrc")));
}

TEST(Findings, FS_14_say_whether_a_path_would_be_seen_by_the_deepest_place_that_holds_it) {
  const Cover cover{{"/h/work/repo", "/tmp/gh-aw"}, {"/h", "/tmp", "/h/work/repo/tmp"}};
  EXPECT_EQ(is_seen_later("/h/.netrc", cover), false);
  EXPECT_EQ(is_seen_later("/h/work/repo/.env", cover), true);
  EXPECT_EQ(is_seen_later("/h/work/repo/tmp/.env", cover), false);
  EXPECT_EQ(is_seen_later("/tmp/gh-aw/x", cover), true);
  EXPECT_EQ(is_seen_later("/srv/x", cover), std::nullopt);
}

}  // namespace
}  // namespace awf::mask
