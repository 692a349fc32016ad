#include "common/cli.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/program_options/value_semantic.hpp>

#include "common/check.hpp"

namespace awf::cli {
namespace {

namespace po = boost::program_options;
using testing::ElementsAre;
using testing::HasSubstr;

po::options_description sample() {
  po::options_description all;
  all.add_options()("allow-domains", po::value<std::vector<std::string>>(), "")("tty", "")(
      "env,e", po::value<std::vector<std::string>>(), "");
  return all;
}

std::string refusal_of(const std::vector<std::string>& options) {
  try {
    (void)parse(options, sample());
  } catch (const Refusal& refusal) {
    return refusal.what();
  }
  return "accepted";
}

TEST(Cli, only_the_first_double_dash_ends_the_options) {
  const char* const argv[] = {"awf", "--tty", "--", "sh", "--", "--tty"};
  const auto split = split_arguments(6, argv);
  EXPECT_THAT(split.options, ElementsAre("--tty"));
  ASSERT_TRUE(split.command);
  EXPECT_THAT(*split.command, ElementsAre("sh", "--", "--tty"));
}

TEST(Cli, without_a_double_dash_there_is_no_command) {
  const char* const argv[] = {"awf", "ls"};
  EXPECT_FALSE(split_arguments(2, argv).command);
}

TEST(Cli, S8_G8_an_unknown_option_is_refused_with_the_nearest_one) {
  EXPECT_THAT(refusal_of({"--allow-domain", "x"}), HasSubstr("did you mean --allow-domains?"));
}

TEST(Cli, an_abbreviation_is_not_guessed) {
  EXPECT_THAT(refusal_of({"--tt"}), HasSubstr("unknown option \"--tt\""));
}

TEST(Cli, S8_G8_a_stray_word_is_named) {
  EXPECT_THAT(refusal_of({"--tty", "curl"}), HasSubstr("stray word \"curl\""));
}

TEST(Cli, a_repeated_list_keeps_all_its_values) {
  const auto values = parse({"-e", "A=1", "--env", "B=2"}, sample());
  EXPECT_THAT(values["env"].as<std::vector<std::string>>(), ElementsAre("A=1", "B=2"));
}

TEST(Cli, a_number_outside_its_range_is_refused_and_not_wrapped) {
  EXPECT_EQ(number_in("port", "65535", 1, 65535), 65535U);
  for (const auto* bad : {"-1", "65536", "0", "", "99999999999999999999"}) {
    EXPECT_THROW((void)number_in("port", bad, 1, 65535), Refusal) << bad;
  }
}

TEST(Cli, a_descriptor_that_is_not_open_is_refused) {
  EXPECT_EQ(open_fd("control-fd", "0"), 0);
  EXPECT_THROW((void)open_fd("control-fd", "1000000"), Refusal);
}

TEST(Cli, an_id_is_in_its_range_or_absent_and_the_option_is_named_as_it_was_written) {
  boost::program_options::options_description all;
  all.add_options()("uid", boost::program_options::value<std::string>(), "");
  const auto id = [&](const std::vector<std::string>& words, unsigned least) {
    return cli::id_option(cli::parse(words, all), "uid", least);
  };
  EXPECT_EQ(id({}, 0), std::nullopt);
  EXPECT_EQ(id({"--uid", "0"}, 0), 0U);
  EXPECT_EQ(id({"--uid", "4294967294"}, 1), 4294967294U);
  for (const auto* bad : {"0", "4294967295", "-1", "x"}) {
    try {
      (void)id({std::string("--uid=") + bad}, 1);
      ADD_FAILURE() << bad;
    } catch (const Refusal& refusal) {
      EXPECT_EQ(std::string(refusal.what()).find("--uid "), 0U) << refusal.what();
    }
  }
}

}  // namespace
}  // namespace awf::cli
