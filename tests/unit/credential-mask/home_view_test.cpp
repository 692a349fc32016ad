#include "credential-mask/home_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace awf::mask {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> paths(const std::vector<HiddenPath>& hidden) {
  std::vector<std::string> texts;
  texts.reserve(hidden.size());
  for (const auto& path : hidden)
    texts.push_back(path.path + (path.is_there ? " there" : ""));
  return texts;
}

TEST(HiddenPaths, below_a_hidden_directory_need_nothing_of_their_own) {
  EXPECT_THAT(paths(without_nested({{"/h/.aws/credentials", true, false},
                                    {"/h/.aws-x", true, false},
                                    {"/h/.aws", true, true},
                                    {"/h/.a", false, false}})),
              ElementsAre("/h/.a", "/h/.aws there", "/h/.aws-x there"));
}

TEST(HiddenPaths, that_are_named_twice_count_once_and_as_the_one_that_is_there) {
  EXPECT_THAT(paths(without_nested({{"/h/x", false, true}, {"/h/x", true, true}})),
              ElementsAre("/h/x there"));
}

}  // namespace
}  // namespace awf::mask
