#include "awf/command_environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/text.hpp"

namespace awf::supervisor {
namespace {

using testing::Contains;

std::vector<std::string> records_for(const std::vector<std::string>& host) {
  Options options;
  options.command = {"true"};
  options.environment = {"MODE=test"};
  auto config = configure(options, [](const std::string&) { return std::nullopt; });
  config.identity.home = "/home/me";
  config.identity.user_name = "me";
  const std::string text = environment_records(config, host);
  std::vector<std::string> records;
  for (const auto piece : split(text, '\0'))
    records.emplace_back(piece);
  return records;
}

TEST(CommandEnvironment, each_record_says_where_its_variable_came_from) {
  const auto records = records_for({"LANG=C", "PATH=/opt/tool:/usr/bin"});
  EXPECT_THAT(records, Contains("h:LANG=C"));
  EXPECT_THAT(records, Contains("e:MODE=test"));
  EXPECT_THAT(records, Contains("a:HOME=/home/me"));
  EXPECT_THAT(records, Contains("a:USER=me"));
  EXPECT_THAT(records, Contains("a:PATH=/opt/tool:/usr/bin"));
}

TEST(CommandEnvironment, the_proxy_is_named_in_both_spellings) {
  const auto records = records_for({});
  for (const auto* name : {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"}) {
    EXPECT_THAT(records, Contains(std::string("a:") + name + "=http://localhost:3128"));
  }
}

TEST(CommandEnvironment, a_caller_without_a_path_gets_the_usual_one) {
  EXPECT_THAT(records_for({}),
              Contains("a:PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
}

}  // namespace
}  // namespace awf::supervisor
