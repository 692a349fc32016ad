// What bounds a command that asks for ever more names.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/check.hpp"
#include "common/file.hpp"
#include "egress-proxy/mapped_names.hpp"
#include "egress-proxy/name_ledger.hpp"
#include "egress-proxy/rate_limit.hpp"

namespace awf::egress {
namespace {

using policy::HostName;
using std::chrono::milliseconds;
using Verdict = NameLedger::Verdict;

HostName name(const std::string& text) {
  return HostName::parse(text).or_refuse();
}

TEST(NameLedger, DNS_09_a_flood_of_names_below_one_domain_is_said_once) {
  NameLedger ledger;
  for (std::uint32_t i = 0; i < NameLedger::kAlarmNames; ++i)
    ASSERT_EQ(ledger.enter(name("n" + std::to_string(i) + ".x.example.org")), Verdict::kFine);
  EXPECT_EQ(ledger.enter(name("n0.x.example.org")), Verdict::kFine) << "known";
  EXPECT_EQ(ledger.enter(name("other.net")), Verdict::kFine);
  EXPECT_EQ(ledger.enter(name("one-more.example.org")), Verdict::kAlarm);
  EXPECT_EQ(ledger.enter(name("yet-one-more.example.org")), Verdict::kFine);
  EXPECT_EQ(NameLedger::domain_of(name("a.b.example.org")), "example.org");
  EXPECT_EQ(NameLedger::domain_of(name("example.org")), "example.org");
  EXPECT_EQ(NameLedger::domain_of(name("host")), "host");
}

// Few names of random labels as long as labels get: 190 bytes leave with each.
TEST(NameLedger, DNS_09_long_names_raise_the_alarm_by_their_bytes) {
  NameLedger ledger;
  const std::string filler = std::string(63, 'a') + "." + std::string(63, 'b') + ".";
  constexpr std::size_t kEach = 64 + 64 + 64;
  const auto long_name = [&](std::size_t i) {
    std::string label = std::to_string(i);
    label.resize(63, 'x');
    return name(label + "." + filler + "example.org");
  };
  std::size_t entered = 0;
  while ((entered + 1) * kEach <= NameLedger::kAlarmBytes)
    ASSERT_EQ(ledger.enter(long_name(entered++)), Verdict::kFine);
  EXPECT_LT(entered, NameLedger::kAlarmNames / 10);
  EXPECT_EQ(ledger.enter(long_name(0)), Verdict::kFine) << "known: nothing new leaves";
  EXPECT_EQ(ledger.enter(name("other.net")), Verdict::kFine);
  EXPECT_EQ(ledger.enter(long_name(entered++)), Verdict::kAlarm);
  EXPECT_EQ(ledger.enter(long_name(entered++)), Verdict::kFine) << "said once";
  // All together are bounded, whatever domain they are below.
  std::size_t bytes = entered * long_name(0).text().size() + name("other.net").text().size();
  for (std::size_t i = entered; bytes + long_name(i).text().size() <= NameLedger::kMostBytes; ++i) {
    ASSERT_EQ(ledger.enter(long_name(i)), Verdict::kFine);
    bytes += long_name(i).text().size();
  }
  EXPECT_EQ(ledger.enter(long_name(99'999)), Verdict::kSpent);
  EXPECT_EQ(ledger.enter(long_name(1)), Verdict::kFine);
}

TEST(NameLedger, DNS_09_beyond_the_limit_no_new_name_is_looked_up) {
  NameLedger ledger;
  for (std::size_t i = 0; i < NameLedger::kMostNames; ++i)
    (void)ledger.enter(name("n" + std::to_string(i) + ".example.org"));
  EXPECT_EQ(ledger.enter(name("new.example.org")), Verdict::kSpent);
  EXPECT_EQ(ledger.enter(name("n5.example.org")), Verdict::kFine);
}

TEST(RateLimit, DNS_18_a_second_s_worth_at_once_and_then_so_many_a_second) {
  RateLimit limit(100);
  auto now = RateLimit::Time{} + std::chrono::hours(1);
  int taken = 0;
  while (limit.take(now))
    ++taken;
  EXPECT_EQ(taken, 100);
  now += milliseconds(50);
  for (taken = 0; limit.take(now); ++taken) {
  }
  EXPECT_EQ(taken, 5);
  now += std::chrono::hours(1);
  for (taken = 0; limit.take(now); ++taken) {
  }
  EXPECT_EQ(taken, 100);
}

class MappedNames : public testing::Test {
 protected:
  MappedAddresses restored() const { return restore_mapped_addresses(UniqueFd(::dup(file.get()))); }
  std::string content() const {
    check(::lseek(file.get(), 0, SEEK_SET), "rewinding");
    return read_rest(file.get(), 1 << 20, "the file");
  }
  UniqueFd file{check(::memfd_create("names", MFD_CLOEXEC), "a memory file")};
};

TEST_F(MappedNames, DNS_19_a_second_proxy_gives_every_name_the_address_it_had) {
  std::vector<MappedPair> given;
  {
    MappedAddresses first = restored();
    for (const char* text : {"a.example", "b.example", "c.example"})
      given.push_back(*first.addresses_of(name(text)));
  }
  MappedAddresses second = restored();
  ASSERT_NE(second.name_of(given[1].v6), nullptr) << "before anybody asks again";
  EXPECT_EQ(second.name_of(given[1].v6)->text(), "b.example");
  EXPECT_EQ(second.addresses_of(name("c.example"))->v4, given[2].v4);
  const auto fresh = second.addresses_of(name("d.example"));
  for (const auto& pair : given)
    EXPECT_NE(fresh->v4, pair.v4);
  MappedAddresses third = restored();
  EXPECT_EQ(third.name_of(fresh->v4)->text(), "d.example");
}

TEST_F(MappedNames, what_a_killed_proxy_wrote_in_part_is_cut_off) {
  write_all(file.get(), "7\na.example\nb.exa", "the file");
  MappedAddresses mapped = restored();
  EXPECT_EQ(mapped.addresses_of(name("a.example"))->v4.text(), "198.18.0.8");
  EXPECT_EQ(mapped.addresses_of(name("x.example"))->v4.text(), "198.18.0.9");
  EXPECT_EQ(content(), "7\na.example\nx.example\n");
}

TEST_F(MappedNames, a_file_that_no_proxy_wrote_is_refused) {
  write_all(file.get(), "hello\n", "the file");
  EXPECT_THROW((void)restored(), Refusal);
  check(::ftruncate(file.get(), 0), "emptying");
  check(::lseek(file.get(), 0, SEEK_SET), "rewinding");
  write_all(file.get(), "7\nnot a name\n", "the file");
  EXPECT_THROW((void)restored(), Refusal);
}

}  // namespace
}  // namespace awf::egress
