#include "egress-proxy/audit_budget.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "common/check.hpp"
#include "egress-proxy/audit_log.hpp"
#include "net/asio.hpp"

namespace awf::egress {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using testing::HasSubstr;

AuditRecord refusal(const std::string& name) {
  AuditRecord record;
  record.time = system_clock::now();
  record.name = name;
  record.rule = "default";
  record.reason = "not allowed";
  record.client = "127.0.0.1:40000";
  return record;
}

std::string content_of(int fd) {
  std::string text(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  EXPECT_EQ(::pread(fd, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return text;
}

// A log into memory files with little to spend.
class SmallLog : public testing::Test {
 protected:
  static constexpr std::size_t kRefusals = 20000;
  static constexpr std::size_t kAll = 60000;
  net::asio::io_context context;
  int audit = ::memfd_create("audit", MFD_CLOEXEC);
  int access = ::memfd_create("access", MFD_CLOEXEC);
  AuditLog log{context, UniqueFd(audit), UniqueFd(access), AuditBudget(kRefusals, kAll)};
};

TEST_F(SmallLog, FS_09_a_flood_of_refusals_keeps_the_first_ones_and_counts_the_rest) {
  log.arm();
  constexpr int kFlood = 5000;
  for (int i = 0; i < kFlood; ++i)
    log.record(refusal("n" + std::to_string(i) + ".example"));
  log.finish();
  const auto text = content_of(audit);
  EXPECT_LT(text.size() + content_of(access).size(), kRefusals + 8000);
  std::istringstream lines(text);
  std::uint64_t told = 0;
  nlohmann::json last;
  for (std::string line; std::getline(lines, line); told += 1 + last.value("repeats", 0UL)) {
    last = nlohmann::json::parse(line);
    if (told == 0) {
      EXPECT_EQ(last["name"], "n0.example");
    }
  }
  EXPECT_EQ(last["name"], "*");
  EXPECT_THAT(last["reason"].get<std::string>(), HasSubstr("more refusals than are recorded"));
  EXPECT_EQ(told - 1, static_cast<std::uint64_t>(kFlood));
}

TEST_F(SmallLog, FS_09_an_allowed_connection_is_recorded_after_a_flood) {
  log.arm();
  for (int i = 0; i < 5000; ++i)
    log.record(refusal("n" + std::to_string(i) + ".example"));
  auto allowed = refusal("allowed.example");
  allowed.verdict = policy::Verdict::kAllow;
  log.record(allowed);
  log.finish();
  EXPECT_THAT(content_of(audit), HasSubstr("allowed.example"));
}

TEST_F(SmallLog, FS_09_what_can_no_longer_be_recorded_ends_the_proxy) {
  log.arm();
  auto allowed = refusal("allowed.example");
  allowed.verdict = policy::Verdict::kAllow;
  EXPECT_THROW(
      {
        for (int i = 0; i < 5000; ++i)
          log.record(allowed);
      },
      Refusal);
}

TEST(AuditBudget, FS_09_the_rest_is_told_from_time_to_time_and_at_the_end) {
  AuditBudget budget(1, 1000000);
  EXPECT_TRUE(budget.admits(refusal("first.example")));
  budget.spend(policy::Verdict::kDeny, 300);
  EXPECT_FALSE(budget.admits(refusal("a.example")));
  const auto start = system_clock::now();
  EXPECT_EQ(budget.rest(start, false)->repeats, 1U);
  EXPECT_FALSE(budget.rest(start, true));
  auto repeated = refusal("b.example");
  repeated.repeats = 4;
  EXPECT_FALSE(budget.admits(repeated));
  EXPECT_FALSE(budget.rest(start + AuditBudget::kBetweenRests - seconds(1), false));
  EXPECT_EQ(budget.rest(start + AuditBudget::kBetweenRests, false)->repeats, 5U);
}

}  // namespace
}  // namespace awf::egress
