#include "egress-proxy/audit_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "common/text.hpp"
#include "egress-proxy/packed_record.hpp"

namespace awf::egress {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

AuditRecord tunnel() {
  AuditRecord record;
  record.time = std::chrono::system_clock::time_point(milliseconds(1760987995312));
  record.door = policy::Door::kProxy;
  record.protocol = AuditProtocol::kTls;
  record.name = "github.com";
  record.port = 443;
  record.verdict = policy::Verdict::kAllow;
  record.rule = "github.com";
  record.reason = "listed";
  record.address = "140.82.116.3";
  record.method = "CONNECT";
  record.bytes_up = 10;
  record.bytes_down = 20;
  record.duration = milliseconds(30);
  record.client = "127.0.0.1:55952";
  record.user_agent = "curl/7.81.0";
  record.status = 200;
  return record;
}

// Host names, paths and headers as an attacker would choose them.
const std::vector<std::string>& hostile_texts() {
  static const std::vector<std::string> kTexts{"a\"b",
                                               "a\\b",
                                               "a\nb",
                                               "a\r\nb",
                                               "::set-env name=x::y",
                                               "a|b",
                                               "<b>",
                                               "`x`",
                                               "\x1b[31mred",
                                               "\xc2\x9b[31m",
                                               "\xe2\x80\xa8",
                                               std::string("a\0b", 3),
                                               "\xff\xfe",
                                               "a b c",
                                               std::string(61440, 'x')};
  return kTexts;
}

TEST(AuditLine, holds_every_field_of_an_allowed_connection) {
  const std::string line = audit_line(tunnel());
  EXPECT_EQ(line, R"({"schema":"awf-audit/1","time":"2025-10-20T19:19:55.312Z","door":"proxy",)"
                  R"("protocol":"tls","name":"github.com","port":443,"verdict":"allow",)"
                  R"("rule":"github.com","reason":"listed","address":"140.82.116.3",)"
                  R"("method":"CONNECT","bytesUp":10,"bytesDown":20,"durationMs":30})"
                  "\n");
}

TEST(AuditLine, of_a_denial_has_a_null_address_and_its_repeats) {
  AuditRecord record = tunnel();
  record.verdict = policy::Verdict::kDeny;
  record.address.clear();
  record.repeats = 7;
  const json line = json::parse(audit_line(record));
  EXPECT_EQ(line["verdict"], "deny");
  EXPECT_TRUE(line["address"].is_null());
  EXPECT_EQ(line["repeats"], 7);
  EXPECT_FALSE(line.contains("error"));
}

TEST(AuditLine, FS_07_is_one_ascii_json_line_whatever_the_texts_hold) {
  for (const auto& text : hostile_texts()) {
    AuditRecord record = tunnel();
    record.name = record.reason = record.rule = record.method = record.error = text;
    const std::string line = audit_line(record);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_LT(line.size(), 20000U);
    for (const char c : line)
      EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F)) << line;
    EXPECT_TRUE(json::accept(line)) << line;
  }
}

TEST(AccessLine, of_a_tunnel_reads_as_squid_writes_it) {
  EXPECT_EQ(access_line(tunnel()),
            "1760987995.312 127.0.0.1:55952 github.com:443 140.82.116.3:443 1.1 CONNECT 200 "
            "TCP_TUNNEL:HIER_DIRECT github.com:443 \"curl/7.81.0\"\n");
}

TEST(AccessLine, of_a_denial_reads_as_squid_writes_it) {
  AuditRecord record = tunnel();
  record.time = std::chrono::system_clock::time_point(milliseconds(1760987995018));
  record.verdict = policy::Verdict::kDeny;
  record.name = "example.com";
  record.address.clear();
  record.status = 403;
  EXPECT_EQ(access_line(record),
            "1760987995.018 127.0.0.1:55952 example.com:443 -:- 1.1 CONNECT 403 "
            "TCP_DENIED:HIER_NONE example.com:443 \"curl/7.81.0\"\n");
}

TEST(AccessLine, of_plain_http_has_the_url_without_its_query) {
  AuditRecord record = tunnel();
  record.protocol = AuditProtocol::kHttp;
  record.method = "GET";
  record.port = 80;
  record.path = "/a/b";
  record.user_agent.clear();
  EXPECT_EQ(access_line(record),
            "1760987995.312 127.0.0.1:55952 github.com:80 140.82.116.3:80 1.1 GET 200 "
            "TCP_MISS:HIER_DIRECT http://github.com:80/a/b \"-\"\n");
}

TEST(AccessLine, FS_07_keeps_its_ten_fields_whatever_the_texts_hold) {
  for (const auto& text : hostile_texts()) {
    AuditRecord record = tunnel();
    record.protocol = AuditProtocol::kHttp;
    record.name = record.method = record.path = record.user_agent = text;
    const std::string line = access_line(record);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const std::string before_agent = line.substr(0, line.find(" \""));
    EXPECT_EQ(split(before_agent, ' ').size(), 9U) << line;
    EXPECT_EQ(std::count(line.begin(), line.end(), '"'), 2) << line;
    for (const char c : line)
      EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F)) << line;
    EXPECT_LT(line.size(), 9000U);
  }
}

TEST(PackedRecord, comes_back_as_it_was_and_shows_what_was_cut) {
  AuditRecord record = tunnel();
  record.path = "/p";
  const AuditRecord back = PackedRecord(record).unpack();
  EXPECT_EQ(access_line(back), access_line(record));
  record.bytes_down = 0;
  record.duration = milliseconds(0);
  EXPECT_EQ(audit_line(back), audit_line(record));
  record.user_agent = std::string(5000, 'x');
  EXPECT_EQ(access_line(PackedRecord(record).unpack()), access_line(record));
}

}  // namespace
}  // namespace awf::egress
