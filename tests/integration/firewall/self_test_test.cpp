// awf-self-test where the command will stand, and where it must refuse.
#include <gmock/gmock.h>
#include <poll.h>

#include "common/check.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "host_network.hpp"
#include "resolver_stub.hpp"
#include "sandbox.hpp"
#include "sender.hpp"

namespace awf::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::chrono::seconds kGenerous{20};
constexpr const char* kAllowed = "allowed.example";

// What the sandbox's resolver says: a mapped address for kAllowed, NXDOMAIN for all else.
std::string resolve(const std::string& query) {
  std::string answer = query;
  answer[2] = '\x81';
  const bool allowed = query.find(
                           "\x07"
                           "allowed") != std::string::npos;
  answer[3] = allowed ? '\x80' : '\x83';
  if (!allowed) return answer;
  answer[7] = 1;  // one record: the name above, A, IN, 60 seconds, 198.18.0.9
  return answer + std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc6\x12\0\x09", 16);
}

// The chain without the file system view; the command says that it ran.
std::vector<std::string> chain(const std::vector<std::string>& self_test_options) {
  const std::string programs = AWF_BIN_DIR;
  std::vector<std::string> words = {programs + "/awf-exit-relay",
                                    "--",
                                    programs + "/awf-confine",
                                    "--uid",
                                    "33",
                                    "--gid",
                                    "33",
                                    "--keep-fd",
                                    "5",
                                    "--",
                                    programs + "/awf-self-test",
                                    "--control-fd",
                                    "5"};
  words.insert(words.end(), self_test_options.begin(), self_test_options.end());
  words.insert(words.end(), {"--", "echo", "ran"});
  return words;
}

class SelfTest : public testing::TestWithParam<Mode> {
 protected:
  void start(const std::vector<std::string>& options,
             const std::vector<std::string>& firewall_options = {}) {
    auto [ours, theirs] = MessageChannel::make_pair();
    channel_.emplace(std::move(ours));
    firewall_.emplace(
        start_firewall(GetParam(), firewall_options, chain(options), {{5, theirs.fd()}}));
    auto message = firewall_->control.receive(kGenerous);
    if (!message) throw Refusal(read_output(firewall_->output.get()));
    sockets_ = net::SandboxSockets::from(std::move(message->fds));
  }

  // Answers DNS queries until the tally comes.
  std::string tally() {
    firewall_->control.send("go");
    for (;;) {
      std::array<pollfd, 2> waited{pollfd{channel_->fd(), POLLIN, 0},
                                   pollfd{sockets_.dns_udp4.get(), POLLIN, 0}};
      verify(::poll(waited.data(), waited.size(), 20000) > 0, "the self-test goes on");
      if (waited[1].revents != 0) (void)answer_query(sockets_.dns_udp4.get(), resolve);
      if (waited[0].revents == 0) continue;
      const auto message = channel_->receive();
      return message ? message->text : "no tally: " + read_output(firewall_->output.get());
    }
  }

  int exit_code() { return exit_code::from_wait_status(firewall_->process.wait()); }
  std::string output() { return read_output(firewall_->output.get()); }

  std::optional<MessageChannel> channel_;
  std::optional<Firewall> firewall_;
  net::SandboxSockets sockets_;
};
INSTANTIATE_TEST_SUITE_P(, SelfTest, testing::Values(Mode::kRoot, Mode::kRootless),
                         testing::PrintToStringParamName());

// "contained N of N" with N of 8 or more, and every probe's line says ok.
void expect_all_contained(const std::string& tally) {
  const std::string first_line = tally.substr(0, tally.find('\n'));
  const auto words = split(first_line, ' ');
  ASSERT_EQ(words.size(), 4U) << tally;
  EXPECT_EQ(words[1], words[3]) << tally;
  EXPECT_GE(parse_number<unsigned>(words[3]).value_or(0), 8U) << tally;
  EXPECT_THAT(tally, AllOf(Not(HasSubstr("\nESCAPED")), Not(HasSubstr("\nFAILED"))));
}

TEST_P(SelfTest, RUN_15_in_the_chain_every_probe_is_contained_and_the_command_runs_on_go) {
  start({"--allowed-name", kAllowed});
  expect_all_contained(tally());
  channel_->send("go");
  EXPECT_EQ(output(), "ran\n");
  EXPECT_EQ(exit_code(), 0);
  EXPECT_THAT(host_network().seen(), testing::IsEmpty());
}

TEST_P(SelfTest, RUN_15_without_an_allowed_name_the_proxy_must_answer) {
  start({});
  expect_all_contained(tally());
}

TEST_P(SelfTest, RUN_15_addresses_that_the_policy_lists_are_not_taken_for_escapes) {
  const std::vector<std::string> listed = {"--intercept-range", "1.1.1.1",
                                           "--intercept-range", "10.0.0.0/8",
                                           "--intercept-range", "2606:4700::/32"};
  start(listed, listed);
  expect_all_contained(tally());
}

TEST_P(SelfTest, RUN_15_a_listener_that_does_not_answer_stops_the_run) {
  start({});
  sockets_.proxy.reset();
  EXPECT_THAT(tally(), HasSubstr("\nFAILED entry"));
  channel_->send("go");
  EXPECT_EQ(exit_code(), exit_code::kRefused);
  EXPECT_THAT(output(), Not(HasSubstr("ran")));
}

TEST_P(SelfTest, RUN_15_the_command_does_not_run_without_go) {
  start({});
  expect_all_contained(tally());
  channel_.reset();
  EXPECT_EQ(exit_code(), exit_code::kRefused);
  EXPECT_THAT(output(), AllOf(StartsWith("awf-self-test: "), Not(HasSubstr("ran\n"))));
}

TEST(SelfTestOutside, RUN_15_on_a_host_with_a_wire_it_finds_the_ways_out_and_runs_nothing) {
  (void)host_network();
  auto [ours, theirs] = MessageChannel::make_pair();
  Pipe out = make_pipe();
  SpawnPlan plan;
  plan.program = AWF_BIN_DIR "/awf-self-test";
  plan.argv = {"awf-self-test", "--control-fd", "5", "--", "echo", "ran"};
  plan.fds = {{1, out.write_end.get()}, {2, out.write_end.get()}, {5, theirs.fd()}};
  Child child = Child::spawn(plan);
  out.write_end.reset();
  const auto message = ours.receive(kGenerous);
  ASSERT_TRUE(message);
  ours.send("go");
  for (const auto* probe : {"tcp-ipv4", "tcp-ipv6", "metadata", "udp-ipv4", "interfaces",
                            "process-view", "privileges"}) {
    EXPECT_THAT(message->text, HasSubstr("\nESCAPED " + std::string(probe))) << message->text;
  }
  EXPECT_THAT(read_output(out.read_end.get()), Not(HasSubstr("ran")));
  EXPECT_EQ(exit_code::from_wait_status(child.wait()), exit_code::kRefused);
  // The positive control of every "seen() is empty" here: what leaves is seen.
  EXPECT_THAT(host_network().seen(), testing::IsSupersetOf({"1.1.1.1", "8.8.8.8"}));
}

}  // namespace
}  // namespace awf::tests
