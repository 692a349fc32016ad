#include "policy/secret_shapes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace awf::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Assembled at run time, so that no scanner takes this file for a leak.
std::string token(const std::string& prefix, std::size_t length) {
  std::string text = prefix;
  for (std::size_t i = 0; i < length; ++i)
    text += "A1b2C3d4E5"[i % 10];
  return text;
}

std::string key_id(const std::string& prefix) {
  return prefix + "ABCDEFGH" + "IJ234567";
}

TEST(SecretShapes, S4_E4_the_known_kinds_are_found_by_name_wherever_they_stand) {
  EXPECT_THAT(secret_kinds_in("TOKEN=" + token("ghp_", 36) + "\n"), ElementsAre("github-token"));
  EXPECT_THAT(secret_kinds_in("\"" + token("github_pat_", 82) + "\""), ElementsAre("github-token"));
  EXPECT_THAT(secret_kinds_in(token("sk-ant-api03-", 40)), ElementsAre("anthropic-key"));
  EXPECT_THAT(secret_kinds_in(token("sk-", 48)), ElementsAre("api-key"));
  EXPECT_THAT(secret_kinds_in(key_id("AKIA")), ElementsAre("aws-access-key-id"));
  EXPECT_THAT(secret_kinds_in("x: " + token("xoxb-", 40)), ElementsAre("slack-token"));
  EXPECT_THAT(secret_kinds_in(token("AIza", 35)), ElementsAre("google-api-key"));
  EXPECT_THAT(secret_kinds_in("//r/:_authToken=" + token("npm_", 36)), ElementsAre("npm-token"));
  EXPECT_THAT(secret_kinds_in(token("glpat-", 20)), ElementsAre("gitlab-token"));
  EXPECT_THAT(secret_kinds_in("extraheader = AUTHORIZATION: basic " + token("eC1h", 24)),
              ElementsAre("http-authorization"));
  EXPECT_THAT(secret_kinds_in("https" + token("://x-access-token:", 40) + "@github.com"),
              ElementsAre("http-authorization"));
}

TEST(SecretShapes, S4_E4_private_keys_and_json_web_tokens_are_found) {
  const std::string begin = std::string("-----BEGIN ") + "OPENSSH PRIVATE KEY-----";
  EXPECT_THAT(secret_kinds_in(begin + "\n" + token("b3Bl", 60)), ElementsAre("private-key"));
  EXPECT_THAT(secret_kinds_in("{\"k\":\"" + begin + "\\n" + token("b3Bl", 60) + "\"}"),
              ElementsAre("private-key"));
  EXPECT_THAT(secret_kinds_in(token("eyJ", 20) + "." + token("eyJ", 30) + "." + token("s", 40)),
              ElementsAre("json-web-token"));
}

TEST(SecretShapes, what_only_resembles_them_is_not_reported) {
  for (const std::string& harmless :
       {std::string("sk-loading-indicator-primary-button-large"), token("task-", 48),
        std::string("ghp_short"), "x" + token("AIza", 35), std::string("AKIAlowercase0123456"),
        std::string("grep '-----BEGIN RSA PRIVATE KEY-----' file"),
        token("eyJ", 20) + "." + token("abc", 30) + "." + token("s", 40), std::string()}) {
    EXPECT_THAT(secret_kinds_in(harmless), IsEmpty()) << harmless;
  }
}

TEST(SecretShapes, several_kinds_are_told_once_each_and_their_values_never) {
  const std::string text = token("ghp_", 36) + " " + token("gho_", 36) + " " + key_id("ASIA");
  EXPECT_THAT(secret_kinds_in(text), ElementsAre("github-token", "aws-access-key-id"));
}

}  // namespace
}  // namespace awf::policy
