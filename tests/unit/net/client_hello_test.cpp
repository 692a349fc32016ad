#include "net/client_hello.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "hello_builder.hpp"

namespace awf::net {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the builder's vocabulary
using State = ClientHello::State;

TEST(ClientHello, gives_name_and_version_of_an_ordinary_hello) {
  const ClientHello read = read_client_hello(hello());
  EXPECT_EQ(read.state, State::kComplete) << read.fault;
  EXPECT_EQ(read.server_name, "example.com");
  EXPECT_EQ(read.highest_version, 0x0304);
  EXPECT_FALSE(read.encrypted_hello);
}

TEST(ClientHello, every_prefix_of_a_hello_needs_more) {
  const Bytes whole = hello();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(read_client_hello(std::span(whole).first(size)).state, State::kNeedMore) << size;
  }
}

TEST(ClientHello, every_split_into_records_reads_the_same) {
  const Bytes handshake = message({});
  for (std::size_t most = 1; most <= handshake.size(); ++most) {
    const ClientHello read = read_client_hello(records(handshake, most));
    EXPECT_EQ(read.state, State::kComplete) << most << ": " << read.fault;
    EXPECT_EQ(read.server_name, "example.com");
  }
}

TEST(ClientHello, bytes_behind_the_hello_are_not_its_business) {
  Bytes bytes = hello();
  append(bytes, {20, 3, 3, 0, 1, 1});  // change_cipher_spec before early data
  EXPECT_EQ(read_client_hello(bytes).state, State::kComplete);
}

TEST(ClientHello, a_post_quantum_key_share_larger_than_a_record_is_read) {
  const HelloParts parts =
      with_extensions({extension(51, Bytes(20000, 3)), server_name("example.com")});
  const ClientHello read = read_client_hello(hello(parts));
  EXPECT_EQ(read.state, State::kComplete) << read.fault;
  EXPECT_EQ(read.server_name, "example.com");
}

TEST(ClientHello, no_server_name_is_a_hello_without_name) {
  const ClientHello read = read_client_hello(hello(with_extensions({extension(10, {0, 0})})));
  EXPECT_EQ(read.state, State::kComplete);
  EXPECT_EQ(read.server_name, "");
}

TEST(ClientHello, TLS_08_without_supported_versions_the_legacy_version_counts) {
  HelloParts parts = with_extensions({server_name("example.com")});
  for (const std::uint16_t version : std::initializer_list<std::uint16_t>{0x0301, 0x0302, 0x0303}) {
    parts.version = version;
    EXPECT_EQ(read_client_hello(hello(parts)).highest_version, version);
  }
}

TEST(ClientHello, a_list_of_grease_versions_only_has_no_version) {
  const auto parts = with_extensions({supported_versions({0x1a1a, 0xfafa})});
  EXPECT_EQ(read_client_hello(hello(parts)).highest_version, 0);
}

TEST(ClientHello, TLS_05_an_outer_encrypted_hello_is_reported_with_its_outer_name) {
  // Real and GREASE ECH are alike on the wire; the rule is the proxy's.
  const ClientHello read =
      read_client_hello(hello(with_extensions({server_name("outer.example"), ech(0)})));
  EXPECT_EQ(read.state, State::kComplete) << read.fault;
  EXPECT_EQ(read.server_name, "outer.example");
  EXPECT_TRUE(read.encrypted_hello);
}

TEST(ClientHello, TLS_05_the_older_encrypted_server_name_is_reported_too) {
  EXPECT_TRUE(read_client_hello(hello(with_extensions({extension(0xffce, {1})}))).encrypted_hello);
}

TEST(ClientHello, a_name_is_given_as_sent_for_the_parser_of_names_to_judge) {
  const std::string_view raw("Ex\0ample.com.", 13);
  EXPECT_EQ(read_client_hello(hello(with_extensions({server_name(raw)}))).server_name, raw);
}

struct Hostile {
  const char* what;
  Bytes bytes;
};

std::vector<Hostile> hostile_structures() {
  HelloParts long_id;
  long_id.session_id = Bytes(33, 1);
  HelloParts no_suites;
  no_suites.cipher_suites = {};
  HelloParts odd_suites;
  odd_suites.cipher_suites = {0x13, 0x01, 0x13};
  HelloParts no_compression;
  no_compression.compression = {};
  HelloParts trailing;
  trailing.after = {0};
  HelloParts old_version;
  old_version.version = 0x0200;
  return {{"a session id of 33 bytes", hello(long_id)},
          {"no cipher suites", hello(no_suites)},
          {"half a cipher suite", hello(odd_suites)},
          {"no compression", hello(no_compression)},
          {"bytes behind the extensions", hello(trailing)},
          {"version 2.0", hello(old_version)},
          {"an empty message", records({1, 0, 0, 0, 0})},
          {"a message of one byte", records({1, 0, 0, 1, 3})}};
}

std::vector<Hostile> hostile_extensions() {
  const auto one = [](const Bytes& wrong) { return hello(with_extensions({wrong})); };
  const Bytes name = server_name("a.example");
  return {
      {"two names in one list",
       one(extension(0, sized(joined({name_entry("a.example"), name_entry("b.example")}), 2)))},
      {"two server_name extensions", hello(with_extensions({name, server_name("b.example")}))},
      {"any repeated extension",
       hello(with_extensions({extension(99, {}), name, extension(99, {})}))},
      {"an empty server_name extension", one(extension(0, {}))},
      {"an empty list of names", one(extension(0, {0, 0}))},
      {"an empty name", one(server_name(""))},
      {"an unknown type of name", one(extension(0, sized(name_entry("a.example", 1), 2)))},
      {"a name longer than its list", one(extension(0, {0, 4, 0, 0, 9, 'a'}))},
      {"a list longer than its extension", one(extension(0, {0, 9, 0, 0, 1, 'a'}))},
      {"bytes behind the list", one(extension(0, joined({sized(name_entry("a"), 2), {0}})))},
      {"an extension longer than the hello", one({0, 0, 0, 9, 1})},
      {"an extension without length", one({0, 0, 0})},
      {"an odd list of versions", one(extension(43, {3, 3, 4, 3}))},
      {"no versions", one(extension(43, {0}))},
      {"an inner encrypted hello", hello(with_extensions({name, ech(1)}))},
      {"an encrypted hello without payload", hello(with_extensions({name, ech(0, 0)}))},
      {"an encrypted hello cut short", one(extension(0xfe0d, {0, 0, 1}))},
      {"an empty encrypted hello", one(extension(0xfe0d, {}))},
  };
}

std::vector<Hostile> hostile_records() {
  Bytes alert_between = records(message({}), 50);
  alert_between[55] = 21;
  Bytes version_changes = records(message({}), 50);
  version_changes[56] = 2;
  Bytes empty_record = records({1, 0});
  append(empty_record, {22, 3, 1, 0, 0});
  const Bytes early = joined({message({}), {1}});
  return {{"an alert between the records of a hello", alert_between},
          {"a record of another version", version_changes},
          {"an empty record after the first", empty_record},
          {"bytes behind the hello in its record", records(early)},
          {"a ServerHello", records({2, 0, 0, 1, 0})},
          {"a message of 16 MiB announced", records({1, 0xff, 0xff, 0xff})}};
}

TEST(ClientHello, what_servers_might_read_differently_is_malformed) {
  for (const auto& table : {hostile_structures(), hostile_extensions(), hostile_records()}) {
    for (const Hostile& hostile : table) {
      const ClientHello read = read_client_hello(hostile.bytes);
      EXPECT_EQ(read.state, State::kMalformed) << hostile.what;
      EXPECT_FALSE(read.fault.empty()) << hostile.what;
      EXPECT_EQ(read.server_name, "") << hostile.what;
    }
  }
}

TEST(ClientHello, what_is_not_tls_is_known_at_its_first_wrong_byte) {
  for (const Bytes& bytes :
       {text("GET / HTTP/1.1\r\n"), text("SSH-2.0-x\r\n"), Bytes{0x80, 0x2e}, Bytes{22, 2},
        Bytes{22, 3, 1, 0, 0}, Bytes{22, 3, 1, 0x40, 1}, Bytes{21}, Bytes{0}}) {
    EXPECT_EQ(read_client_hello(bytes).state, State::kNotTls) << int{bytes.front()};
  }
}

TEST(ClientHello, more_than_the_limit_is_malformed_whatever_its_records) {
  const auto large = with_extensions({extension(51, Bytes(60000, 3)), server_name("a.example")});
  EXPECT_EQ(read_client_hello(hello(large)).state, State::kComplete);
  EXPECT_EQ(read_client_hello(records(message(large), 20)).state, State::kMalformed);
  auto too_large = with_extensions({extension(51, Bytes(65400, 3))});
  too_large.cipher_suites = Bytes(400, 1);
  EXPECT_EQ(read_client_hello(hello(too_large)).state, State::kMalformed);
}

TEST(ClientHelloReader, byte_by_byte_ends_as_all_at_once) {
  for (const std::size_t most : std::initializer_list<std::size_t>{1, 7, 16384}) {
    const Bytes whole = records(message({}), most);
    ClientHelloReader reader;
    for (std::size_t size = 1; size < whole.size(); ++size) {
      ASSERT_EQ(reader.read(std::span(whole).first(size)).state, State::kNeedMore);
    }
    EXPECT_EQ(reader.read(whole).state, State::kComplete);
    EXPECT_EQ(reader.read(whole).server_name, "example.com");
  }
}

TEST(ClientHelloReader, a_final_state_is_final) {
  ClientHelloReader reader;
  EXPECT_EQ(reader.read(Bytes{1}).state, State::kNotTls);
  EXPECT_EQ(reader.read(hello()).state, State::kNotTls);
}

TEST(ClientHelloReader, single_bytes_cost_no_more_than_their_number) {
  // The largest hello of one-byte records, one byte a call: quadratic work would be 2·10^9 steps.
  const Bytes whole = records(message(with_extensions({extension(51, Bytes(10000, 3))})), 1);
  ClientHelloReader reader;
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    (void)reader.read(std::span(whole).first(size));
  }
  EXPECT_EQ(reader.read(whole).state, State::kComplete);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
}

TEST(ClientHello, TLS_05_no_changed_byte_makes_the_reader_leave_its_bytes) {
  // Meant for AddressSanitizer: every byte of a hello takes extreme values in turn.
  const Bytes whole = hello(with_extensions({server_name("a.example"), ech(0, 4)}));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0, 1, 0x7f, 0xff}) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      const ClientHello read = read_client_hello(changed);
      EXPECT_LE(read.server_name.size(), changed.size());
    }
  }
}

}  // namespace
}  // namespace awf::net
