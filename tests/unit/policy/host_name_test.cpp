#include "policy/host_name.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace awf::policy {
namespace {

using namespace std::string_literals;  // NUL inside a literal

struct Accepted {
  std::string written;
  std::string canonical;
};

struct Refused {
  std::string written;
  std::string because;  // part of the reason
};

void expect_accepted(const std::vector<Accepted>& cases) {
  for (const auto& [written, canonical] : cases) {
    const auto name = HostName::parse(written);
    ASSERT_TRUE(name) << written << ": " << name.error();
    EXPECT_EQ(name->text(), canonical) << written;
    const auto again = HostName::parse(name->text());
    ASSERT_TRUE(again) << written;
    EXPECT_EQ(*again, *name) << written;
  }
}

void expect_refused(const std::vector<Refused>& cases) {
  for (const auto& [written, because] : cases) {
    const auto name = HostName::parse(written);
    ASSERT_FALSE(name) << written << " became " << name->text();
    EXPECT_NE(name.error().find(because), std::string::npos) << written << ": " << name.error();
  }
}

std::string repeated(const std::string& piece, std::size_t times) {
  std::string all;
  while (times-- > 0) {
    all += piece;
  }
  return all;
}

TEST(HostName, has_one_form_whatever_the_case_and_the_trailing_dot) {
  expect_accepted({{"github.com", "github.com"},
                   {"GitHub.COM", "github.com"},
                   {"github.com.", "github.com"},
                   {"localhost.", "localhost"},
                   {"a", "a"},
                   {"1password.com", "1password.com"},
                   {"3.example.com", "3.example.com"},
                   {"a--b.example.com", "a--b.example.com"},
                   {"r3---sn-4g5e.example.com", "r3---sn-4g5e.example.com"}});
}

TEST(HostName, is_converted_by_IDNA_2008_without_transitional_mapping) {
  expect_accepted({{"bücher.ch", "xn--bcher-kva.ch"},
                   {"BÜCHER.ch", "xn--bcher-kva.ch"},
                   {"b\u0075\u0308cher.ch", "xn--bcher-kva.ch"},  // u and a combining diaeresis
                   {"xn--bcher-kva.ch", "xn--bcher-kva.ch"},
                   {"XN--BCHER-KVA.CH", "xn--bcher-kva.ch"},
                   {"straße.de", "xn--strae-oqa.de"},
                   {"例え.jp", "xn--r8jz45g.jp"},
                   {"a。b.com", "a.b.com"},
                   {"ａllowed.com", "allowed.com"},
                   {"r3---sn-4g5e.bücher.ch", "r3---sn-4g5e.xn--bcher-kva.ch"},
                   {"_dmarc.bücher.ch", "_dmarc.xn--bcher-kva.ch"}});
}

TEST(HostName, DNS_16_bytes_that_stand_in_no_name_are_refused) {
  expect_refused({{"a\0.com"s, "\\x00"},
                  {"allowed.com\0.evil.com"s, "\\x00"},
                  {"a\r\n.com", "\\x0d"},
                  {"a\n.com", "\\x0a"},
                  {"a b.com", "white space"},
                  {" a.com", "white space"},
                  {"a\t.com", "white space"},
                  {"%61.com", "%"},
                  {"a\\.com", "\\\\"},
                  {"a\\.b.com", "\\\\"},
                  {"a/b.com", "/"},
                  {"a@b.com", "@"},
                  {"a:443", "':'"},
                  {"a\x7f.com", "\\x7f"},
                  {"*.a.com", "*"},
                  {"\xff.com", "internationalised"},
                  {"\xc3.com", "internationalised"},
                  {"℀.com", "/"}});  // UTS 46 maps U+2100 to "a/c"
}

TEST(HostName, DNS_16_empty_labels_and_hyphens_at_the_ends_are_refused) {
  expect_refused({{"", "empty"},
                  {".", "empty"},
                  {"..", "empty label"},
                  {"a..com", "empty label"},
                  {".a.com", "empty label"},
                  {"a.com..", "empty label"},
                  {"a。。com", "empty label"},
                  {"-a.com", "'-'"},
                  {"a-.com", "'-'"},
                  {"a.-b-.com", "'-'"}});
}

TEST(HostName, DNS_16_underscores_are_taken_since_service_names_have_them) {
  expect_accepted({{"_dmarc.example.com", "_dmarc.example.com"},
                   {"_443._tcp.example.com", "_443._tcp.example.com"},
                   {"a_b.example.com", "a_b.example.com"}});
}

TEST(HostName, DNS_16_a_homograph_is_another_name_and_a_false_A_label_is_none) {
  const auto cyrillic = HostName::parse("g\u0456thub.com");
  ASSERT_TRUE(cyrillic);
  EXPECT_EQ(cyrillic->text(), "xn--gthub-n2e.com");
  expect_refused({{"xn--a.com", "internationalised"},
                  {"xn--.com", "internationalised"},
                  {"xn--github-.com", "internationalised"},  // decodes to plain "github"
                  {"xn--a-ecp.ru", "internationalised"},     // decodes to what UTS 46 maps away
                  {"xn--xn---epa.com", "internationalised"},
                  {"XN--A.com", "internationalised"}});
}

TEST(HostName, S1_E2_labels_over_63_bytes_and_names_over_253_are_refused) {
  expect_refused({{std::string(64, 'a') + ".com", "63"},
                  {"a." + std::string(64, 'b'), "63"},
                  {repeated("a.", 126) + "aa", "253"},
                  {std::string(100'000, 'a'), "longer"},
                  {repeated("ü", 60) + ".com", "internationalised"}});
  expect_accepted({{std::string(63, 'a') + ".com", std::string(63, 'a') + ".com"},
                   {repeated("a.", 126) + "a", repeated("a.", 126) + "a"},
                   {repeated("a.", 126) + "a.", repeated("a.", 126) + "a"}});
}

TEST(HostName, NET_04_no_spelling_of_an_address_is_a_host_name) {
  expect_refused({{"127.0.0.1", "number"},
                  {"127.0.0.1.", "number"},
                  {"127.1", "number"},
                  {"2130706433", "number"},
                  {"0177.0.0.1", "number"},
                  {"0x7f.0.0.1", "number"},
                  {"0x7f000001", "number"},
                  {"0X7F000001", "number"},
                  {"0x", "number"},
                  {"0", "number"},
                  {"1.2.3.08", "number"},
                  {"1.2.3.999", "number"},
                  {"example.com.1", "number"},
                  {"１２７.0.0.1", "number"},
                  {"127。0。0。1", "number"},
                  {"①②⑦.0.0.1", "number"},
                  {"%31%32%37.0.0.1", "%"},
                  {"[::1]", "["},
                  {"::1", "':'"},
                  {"::ffff:127.0.0.1", "':'"}});
}

TEST(HostName, only_a_last_label_that_is_a_number_counts) {
  expect_accepted({{"127.0.0.1.example.com", "127.0.0.1.example.com"},
                   {"0x7f.example.com", "0x7f.example.com"},
                   {"a.0xyz", "a.0xyz"},
                   {"a.1b", "a.1b"}});
}

TEST(CanonicalLabels, are_judged_without_the_rules_on_the_whole_name) {
  EXPECT_EQ(canonical_labels("1").value(), "1");
  EXPECT_EQ(canonical_labels("Bücher").value(), "xn--bcher-kva");
  EXPECT_FALSE(canonical_labels("a..b"));
  EXPECT_FALSE(canonical_labels("a.b."));
}

}  // namespace
}  // namespace awf::policy
