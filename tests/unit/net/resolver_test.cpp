#include "net/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "dns_responder.hpp"

namespace awf::net {
namespace {

using namespace std::chrono_literals;
using policy::HostName;
using policy::IpAddress;
using ::testing::Contains;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using Status = ResolveAnswer::Status;

HostName name(std::string_view text) {
  return HostName::parse(text).or_refuse();
}
IpAddress address(std::string_view text) {
  return IpAddress::parse(text).or_refuse();
}

class ResolverTest : public ::testing::Test {
 protected:
  ResolverTest() {
    dns.zones["a.example"].v4 = {std::string("\x08\x08\x08\x08", 4),
                                 std::string("\x01\x01\x01\x01", 4)};
    dns.zones["a.example"].v6 = {std::string("\x26\x06\x47\0\0\0\0\0\0\0\0\0\0\0\0\1", 16)};
  }

  ResolverOptions options() {
    ResolverOptions chosen;
    chosen.servers = {dns.server()};
    chosen.timeout = 2s;
    chosen.tries = 1;
    return chosen;
  }

  ResolveAnswer resolve(Resolver& resolver, std::string_view host) {
    std::optional<ResolveAnswer> answer;
    resolver.resolve(name(host), [&](const ResolveAnswer& given) { answer = given; });
    EXPECT_FALSE(answer.has_value()) << "called back from inside resolve()";
    run_until([&] { return answer.has_value(); });
    return answer.value_or(ResolveAnswer{});
  }

  template <typename Condition>
  void run_until(Condition condition) {
    io.restart();
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && io.run_one_until(deadline) > 0) {
    }
    EXPECT_TRUE(condition());
  }

  asio::io_context io{1};
  testing::DnsResponder dns{io};
};

TEST_F(ResolverTest, S2_03_gives_the_addresses_of_both_families) {
  Resolver resolver(io, options());
  const ResolveAnswer answer = resolve(resolver, "a.example");
  EXPECT_TRUE(answer.ok()) << answer.detail;
  EXPECT_THAT(answer.addresses, UnorderedElementsAre(address("8.8.8.8"), address("1.1.1.1"),
                                                     address("2606:4700::1")));
}

TEST_F(ResolverTest, one_family_is_enough) {
  dns.zones["a.example"].v6.clear();
  Resolver resolver(io, options());
  EXPECT_EQ(resolve(resolver, "a.example").addresses.size(), 2U);
}

TEST_F(ResolverTest, S8_03_failures_are_told_apart) {
  dns.zones["empty.example"];
  dns.zones["broken.example"].rcode = 2;
  dns.zones["refused.example"].rcode = 5;
  Resolver resolver(io, options());
  EXPECT_EQ(resolve(resolver, "missing.example").status, Status::kNoSuchName);
  EXPECT_EQ(resolve(resolver, "empty.example").status, Status::kNoAddress);
  EXPECT_EQ(resolve(resolver, "broken.example").status, Status::kServerFailure);
  EXPECT_EQ(resolve(resolver, "refused.example").status, Status::kServerFailure);
  EXPECT_FALSE(resolve(resolver, "missing.example").detail.empty());
}

TEST_F(ResolverTest, a_silent_server_is_a_timeout) {
  dns.zones["silent.example"].silent = true;
  ResolverOptions impatient = options();
  impatient.timeout = 20ms;
  Resolver resolver(io, impatient);
  EXPECT_EQ(resolve(resolver, "silent.example").status, Status::kTimeout);
}

TEST_F(ResolverTest, DNS_14_a_name_is_asked_for_as_it_is) {
  // $LOCALDOMAIN is a search list (resolv.conf(5)); a one-label name would be the first to get it.
  ASSERT_EQ(setenv("LOCALDOMAIN", "search.example", 1), 0);
  Resolver resolver(io, options());
  EXPECT_EQ(resolve(resolver, "single").status, Status::kNoSuchName);
  EXPECT_EQ(resolve(resolver, "missing.example").status, Status::kNoSuchName);
  ASSERT_EQ(unsetenv("LOCALDOMAIN"), 0);
  EXPECT_THAT(dns.questions, UnorderedElementsAre("single A", "single AAAA", "missing.example A",
                                                  "missing.example AAAA"));
}

TEST_F(ResolverTest, concurrent_questions_for_a_name_are_one_query) {
  Resolver resolver(io, options());
  int answers = 0;
  for (int i = 0; i < 50; ++i) {
    resolver.resolve(name("a.example"), [&](const ResolveAnswer& answer) {
      EXPECT_TRUE(answer.ok());
      ++answers;
    });
  }
  run_until([&] { return answers == 50; });
  EXPECT_EQ(dns.questions.size(), 2U);
}

TEST_F(ResolverTest, DNS_13_nothing_is_remembered_after_its_answer) {
  Resolver resolver(io, options());
  EXPECT_EQ(resolve(resolver, "a.example").addresses.size(), 3U);
  dns.zones["a.example"].v4 = {std::string("\x09\x09\x09\x09", 4)};
  EXPECT_THAT(resolve(resolver, "a.example").addresses,
              UnorderedElementsAre(address("9.9.9.9"), address("2606:4700::1")));
}

TEST_F(ResolverTest, S2_02_S2_09_given_servers_take_turns_and_a_dead_one_is_passed_over) {
  testing::DnsResponder other(io);
  other.zones = dns.zones;
  ResolverOptions chosen = options();
  chosen.timeout = 100ms;
  chosen.tries = 3;
  // Nothing listens there: the kernel's answer makes it fail at once.
  DnsServer dead = dns.server();
  dead.address = address("127.0.0.9");
  chosen.servers = {dead, dns.server(), other.server()};
  Resolver resolver(io, chosen);
  for (int i = 0; i < 6; ++i)
    EXPECT_TRUE(resolve(resolver, "a.example").ok());
  EXPECT_FALSE(dns.questions.empty());
  EXPECT_FALSE(other.questions.empty());
}

// What is proven is who was asked, not how long it took: a machine may stand still.
TEST_F(ResolverTest, S2_02_a_server_that_kept_silent_is_asked_last_until_it_answers) {
  testing::DnsResponder black_hole(io);
  black_hole.zones["a.example"].silent = true;
  ResolverOptions chosen = options();
  chosen.timeout = 10s;
  chosen.patience = 100ms;
  chosen.retry_failing = 1h;
  chosen.servers = {black_hole.server(), dns.server()};
  Resolver resolver(io, chosen);
  EXPECT_TRUE(resolve(resolver, "a.example").ok()) << "the other one is asked after a while";
  ASSERT_EQ(black_hole.questions.size(), 2U) << "the first server was asked";
  for (const char* host : {"b.example", "c.example", "d.example"}) {
    dns.zones[host] = dns.zones["a.example"];
    black_hole.zones[host].silent = true;
    EXPECT_TRUE(resolve(resolver, host).ok());
  }
  EXPECT_EQ(black_hole.questions.size(), 2U) << "nobody waits for it any more";
}

TEST_F(ResolverTest, S2_02_a_silent_server_gets_a_question_now_and_then_and_comes_back) {
  testing::DnsResponder asleep(io);
  asleep.zones["a.example"].silent = true;
  ResolverOptions chosen = options();
  chosen.timeout = 10s;
  chosen.patience = 100ms;
  chosen.retry_failing = 0ms;
  chosen.servers = {asleep.server(), dns.server()};
  Resolver resolver(io, chosen);
  EXPECT_TRUE(resolve(resolver, "a.example").ok());
  // Awake again: one lookup asks it beside the other server.
  dns.zones["b.example"] = asleep.zones["b.example"] = dns.zones["a.example"];
  EXPECT_TRUE(resolve(resolver, "b.example").ok());
  run_until([&] { return asleep.questions.size() == 4; });
  io.poll();  // its answer
  asleep.zones["c.example"] = asleep.zones["b.example"];
  EXPECT_TRUE(resolve(resolver, "c.example").ok());
  EXPECT_THAT(asleep.questions, Contains("c.example A")) << "its turn has come";
  EXPECT_THAT(dns.questions, Not(Contains("c.example A")));
}

TEST_F(ResolverTest, S2_02_when_every_server_keeps_silent_that_is_a_timeout) {
  testing::DnsResponder other(io);
  dns.zones["s.example"].silent = other.zones["s.example"].silent = true;
  ResolverOptions chosen = options();
  chosen.timeout = 50ms;
  chosen.patience = 20ms;
  chosen.servers = {dns.server(), other.server()};
  Resolver resolver(io, chosen);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(resolve(resolver, "s.example").status, Status::kTimeout);
    other.zones["r.example"].rcode = 5;
    dns.zones["r.example"].silent = true;
    EXPECT_EQ(resolve(resolver, "r.example").status, Status::kServerFailure)
        << "a refusal tells more than silence";
  }
}

TEST_F(ResolverTest, a_server_may_know_what_another_one_fails_to_look_up) {
  testing::DnsResponder broken(io);
  broken.zones["a.example"].rcode = 2;
  ResolverOptions chosen = options();
  chosen.servers = {broken.server(), dns.server()};
  Resolver resolver(io, chosen);
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(resolve(resolver, "a.example").ok());
  EXPECT_EQ(broken.questions.size(), 2U) << "asked last from then on";
}

TEST_F(ResolverTest, S2_11_a_zone_that_does_not_exist_is_refused) {
  ResolverOptions chosen = options();
  chosen.servers = {DnsServer::parse("fe80::1%nosuchif").or_refuse()};
  try {
    Resolver resolver(io, chosen);
    FAIL() << "accepted";
  } catch (const Refusal& refusal) {
    EXPECT_NE(std::string(refusal.what()).find("nosuchif"), std::string::npos) << refusal.what();
  }
}

TEST_F(ResolverTest, DNS_09_the_number_of_open_lookups_is_bounded) {
  ResolverOptions impatient = options();
  impatient.timeout = 50ms;
  Resolver resolver(io, impatient);
  std::size_t refused = 0;
  std::size_t answered = 0;
  const auto count = [&](const ResolveAnswer& answer) {
    ++answered;
    if (answer.detail == "too many names are being looked up") ++refused;
  };
  for (std::size_t i = 0; i < kMaxPendingLookups + 5; ++i) {
    const std::string host = "n" + std::to_string(i) + ".example";
    dns.zones[host].silent = true;
    resolver.resolve(name(host), count);
  }
  run_until([&] { return answered == kMaxPendingLookups + 5; });
  EXPECT_EQ(refused, 5U);
}

TEST_F(ResolverTest, a_destroyed_resolver_calls_nobody_back) {
  bool called = false;
  {
    Resolver resolver(io, options());
    resolver.resolve(name("a.example"), [&](const ResolveAnswer&) { called = true; });
    // The query is out and its answer is on its way back.
    run_until([&] { return dns.questions.size() == 2; });
    EXPECT_FALSE(called);
  }
  io.restart();
  while (io.poll_one() > 0) {
  }
  EXPECT_FALSE(called);
}

TEST_F(ResolverTest, a_callback_may_destroy_the_resolver) {
  auto resolver = std::make_unique<Resolver>(io, options());
  int called = 0;
  for (int i = 0; i < 2; ++i) {
    resolver->resolve(name("a.example"), [&](const ResolveAnswer&) {
      ++called;
      resolver.reset();
    });
  }
  run_until([&] { return called > 0; });
  io.poll();
  EXPECT_EQ(called, 1);
}

}  // namespace
}  // namespace awf::net
