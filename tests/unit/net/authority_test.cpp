#include <gtest/gtest.h>

#include "net/http_head.hpp"

namespace awf::net {
namespace {

TEST(Authority, reads_hosts_ports_and_brackets) {
  const auto plain = read_authority("Example.com");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->host, "Example.com");
  EXPECT_FALSE(plain->port.has_value());
  EXPECT_FALSE(plain->bracketed);
  const auto with_port = read_authority("example.com:443");
  ASSERT_TRUE(with_port.ok());
  EXPECT_EQ(with_port->port, 443);
  const auto v6 = read_authority("[2001:db8::1]:8443");
  ASSERT_TRUE(v6.ok());
  EXPECT_EQ(v6->host, "2001:db8::1");
  EXPECT_EQ(v6->port, 8443);
  EXPECT_TRUE(v6->bracketed);
  EXPECT_TRUE(read_authority("[::1]").ok());
}

TEST(Authority, HTTP_01_refuses_what_has_two_readings) {
  for (const std::string& text : {
           std::string(""),          std::string(":443"),         std::string("a:"),
           std::string("a:0"),       std::string("a:0443"),       std::string("a:65536"),
           std::string("a:+1"),      std::string("a: 1"),         std::string("a:1:2"),
           std::string("a:b"),       std::string("a@b"),          std::string("a\\@b"),
           std::string("a/b"),       std::string("a?b"),          std::string("a#b"),
           std::string("a b"),       std::string(" a"),           std::string("a "),
           std::string("a%2eb"),     std::string("a,b"),          std::string("2001:db8::1"),
           std::string("[::1"),      std::string("::1]"),         std::string("[]"),
           std::string("[::1]443"),  std::string("[::1]:"),       std::string("[fe80::1%25eth0]"),
           std::string("[example]"), std::string("[::1]]:443"),   std::string("[[::1]]"),
           std::string("a\0b", 3),   std::string("\xc3\xa4.com"), std::string("a\r\nb"),
       }) {
    EXPECT_FALSE(read_authority(text).ok()) << text;
  }
}

TEST(AbsoluteTarget, splits_authority_and_origin_form) {
  const auto read = [](std::string_view text) {
    const auto target = read_absolute_target(text);
    return target.ok() ? target->authority.host + " " + target->origin_form : target.error();
  };
  EXPECT_EQ(read("http://a.example/x?y"), "a.example /x?y");
  EXPECT_EQ(read("HTTP://a.example"), "a.example /");
  EXPECT_EQ(read("http://a.example?q"), "a.example /?q");
  EXPECT_EQ(read("http://a.example:8080/@/:"), "a.example /@/:");
  EXPECT_EQ(read("http://[::1]/"), "::1 /");
  EXPECT_EQ(read("http://a.example?q@b.example/"), "a.example /?q@b.example/");
}

TEST(AbsoluteTarget, HTTP_01_refuses_targets_that_hide_their_host) {
  for (const std::string& text : {
           std::string("http://allowed@evil/"),
           std::string("http://allowed:x@evil/"),
           std::string("http://allowed\\@evil/"),
           std::string("http://allowed\\evil/"),
           std::string("http://allowed#@evil/"),
           std::string("http://allowed/#x"),
           std::string("//evil/"),
           std::string("http:///evil/"),
           std::string("http:////evil/"),
           std::string("http:/allowed/"),
           std::string("http:allowed"),
           std::string("https://allowed/"),
           std::string("ftp://allowed/"),
           std::string(" http://allowed/"),
           std::string("http://allowed /"),
           std::string("http://allowed/a b"),
           std::string("http://allowed/\x80"),
           std::string("http://allowed/\r\nHost: evil"),
           std::string("http://allowed/\0", 16),
           std::string("/"),
           std::string("*"),
           std::string(""),
       }) {
    EXPECT_FALSE(read_absolute_target(text).ok()) << text;
  }
}

}  // namespace
}  // namespace awf::net
