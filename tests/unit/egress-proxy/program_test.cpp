// The program itself: its channel with the supervisor, locked down, on loopback sockets.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <csignal>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/file.hpp"
#include "common/message_channel.hpp"
#include "doors_fixture.hpp"

namespace awf::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

UniqueFd make_socket(int family, int type, int protocol = 0) {
  return UniqueFd(
      check(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol), "a socket"));
}

UniqueFd listener6() {
  UniqueFd socket = make_socket(AF_INET6, SOCK_STREAM);
  check(::listen(socket.get(), 8), "listening");  // on a port of the kernel's choice
  return socket;
}

std::string content(const UniqueFd& file) {
  check(::lseek(file.get(), 0, SEEK_SET), "rewinding");
  return read_rest(file.get(), std::size_t{1} << 20U, "a log");
}

class Program : public testing::Test {
 protected:
  void start(const std::string& policy) {
    auto [ours, theirs] = MessageChannel::make_pair();
    control_.emplace(std::move(ours));
    const UniqueFd policy_file = make_sealed_file("policy", policy);
    const UniqueFd theirs_fd = std::move(theirs).take();
    SpawnPlan plan;
    plan.program = AWF_EGRESS_PROXY;
    plan.argv = {"awf-egress-proxy",
                 "--control-fd",
                 "3",
                 "--policy-fd",
                 "4",
                 "--audit-fd",
                 "5",
                 "--access-log-fd",
                 "6",
                 "--mapped-names-fd",
                 "7"};
    plan.fds = {{3, theirs_fd.get()},
                {4, policy_file.get()},
                {5, audit_.get()},
                {6, access_.get()},
                {7, mapped_names_.get()}};
    child_.emplace(Child::spawn(plan));
  }

  void send_listeners() {
    std::vector<UniqueFd> fds;
    std::uint16_t unused = 0;
    fds.push_back(listen_on_loopback(proxy_port_));
    fds.push_back(listen_on_loopback(unused));
    fds.push_back(listener6());
    fds.push_back(make_socket(AF_INET, SOCK_DGRAM));
    fds.push_back(make_socket(AF_INET6, SOCK_DGRAM));
    fds.push_back(listen_on_loopback(unused));
    fds.push_back(listener6());
    fds.push_back(make_socket(AF_NETLINK, SOCK_RAW, 12));  // NETLINK_NETFILTER
    fds.push_back(make_socket(AF_NETLINK, SOCK_RAW, 4));   // NETLINK_SOCK_DIAG
    std::vector<int> borrowed;
    borrowed.reserve(fds.size());
    for (const auto& fd : fds)
      borrowed.push_back(fd.get());
    control_->send("listeners", borrowed);
  }

  std::string next_message() {
    const auto message = control_->receive(std::chrono::seconds(5));
    return message ? message->text : "(end)";
  }

  // Questions about processes are not answered.
  std::string reply() {
    std::string text = next_message();
    while (text.starts_with("who "))
      text = next_message();
    return text;
  }

  void start_armed() {
    start(kPolicy);
    send_listeners();
    ASSERT_EQ(reply(), "ready");
    control_->send("armed");
    ASSERT_EQ(reply(), "armed");
  }

  void finish() {
    control_->send("finish");
    EXPECT_EQ(reply(), "finished");
  }

  int exit_code() {
    const auto status = child_->wait_for(std::chrono::seconds(5));
    return status && WIFEXITED(*status) ? WEXITSTATUS(*status) : -1;
  }

  std::string denied_request() const {
    const Peer client = Peer::connect(proxy_port_);
    client.send("CONNECT evil.net:443 HTTP/1.1\r\nHost: evil.net:443\r\n\r\n");
    return client.read_to_end();
  }

  static constexpr const char* kPolicy =
      R"({"allow":[{"text":"example.com","origin":"test"}],"block":[],"dnsServers":["192.0.2.1"]})";

  UniqueFd audit_{check(::memfd_create("audit", MFD_CLOEXEC), "a memory file")};
  UniqueFd access_{check(::memfd_create("access", MFD_CLOEXEC), "a memory file")};
  UniqueFd mapped_names_{check(::memfd_create("names", MFD_CLOEXEC), "a memory file")};
  std::optional<MessageChannel> control_;
  std::optional<Child> child_;
  std::uint16_t proxy_port_ = 0;
};

TEST_F(Program, serves_records_from_armed_on_and_finishes_with_its_logs_written) {
  start(kPolicy);
  send_listeners();
  ASSERT_EQ(reply(), "ready");
  EXPECT_THAT(denied_request(), StartsWith("HTTP/1.1 403 "));  // a probe of the self-test
  control_->send("armed");
  ASSERT_EQ(reply(), "armed");
  EXPECT_EQ(content(audit_), "");
  EXPECT_THAT(denied_request(), StartsWith("HTTP/1.1 403 "));
  control_->send("finish");
  EXPECT_EQ(reply(), "finished");
  EXPECT_EQ(exit_code(), 0);
  EXPECT_THAT(content(audit_), HasSubstr(R"("name":"evil.net")"));
  EXPECT_THAT(content(access_), HasSubstr("TCP_DENIED:HIER_NONE evil.net:443"));
}

TEST_F(Program, asks_whose_the_socket_of_a_refused_client_is_and_writes_the_answer) {
  start_armed();
  const Peer client = Peer::connect(proxy_port_);
  client.send("CONNECT evil.net:443 HTTP/1.1\r\nHost: evil.net:443\r\n\r\n");
  struct stat status {};
  check(::fstat(client.fd(), &status), "identifying the client's socket");
  const std::string inode = std::to_string(status.st_ino);
  EXPECT_EQ(next_message(), "who " + inode);
  // The client was refused without waiting for the answer.
  EXPECT_THAT(client.read_until("\r\n"), StartsWith("HTTP/1.1 403 "));
  control_->send("process " + inode + " 42 my \"tool\"\x1b\n");
  finish();
  EXPECT_THAT(content(audit_), HasSubstr(R"("process":{"name":"my \"tool\"\u001b\n","pid":42})"));
}

TEST_F(Program, NET_35_wrong_answers_about_processes_change_nothing) {
  start_armed();
  for (const char* wrong : {"process ", "process x", "process 1", "process 1 2 curl",
                            "process 4294967296 1 a", "process -1 1 a", "process 1 -1 a"}) {
    control_->send(wrong);
    EXPECT_THAT(denied_request(), StartsWith("HTTP/1.1 403 ")) << wrong;
  }
  finish();
  EXPECT_EQ(exit_code(), 0);
  EXPECT_THAT(content(audit_), testing::Not(HasSubstr("process")));
  EXPECT_THAT(content(audit_), testing::Not(HasSubstr(R"("verdict":"allow")")));
}

TEST_F(Program, a_refusal_whose_process_nobody_names_is_recorded_without_it) {
  start_armed();
  EXPECT_THAT(denied_request(), StartsWith("HTTP/1.1 403 "));
  // Not finished: the record is written when patience ends.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (content(audit_).empty() && std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_THAT(content(audit_), HasSubstr(R"("name":"evil.net")"));
}

TEST_F(Program, is_locked_down_before_it_serves) {
  start(kPolicy);
  send_listeners();
  ASSERT_EQ(reply(), "ready");
  const std::string status = read_file("/proc/" + std::to_string(child_->pid()) + "/status", 65536);
  for (const char* line : {"NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000",
                           "CapPrm:\t0000000000000000", "CapInh:\t0000000000000000"}) {
    EXPECT_THAT(status, HasSubstr(line));
  }
}

TEST_F(Program, ends_with_its_supervisor) {
  start(kPolicy);
  send_listeners();
  ASSERT_EQ(reply(), "ready");
  control_.reset();
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(Program, leaves_the_terminal_s_signals_to_the_supervisor) {
  start(kPolicy);
  send_listeners();
  ASSERT_EQ(reply(), "ready");
  child_->signal(SIGINT);
  child_->signal(SIGHUP);
  EXPECT_THAT(denied_request(), StartsWith("HTTP/1.1 403 "));
}

TEST_F(Program, refuses_a_bad_policy_and_serves_nothing) {
  start(R"({"allow":[],"block":[],"unknown":1})");
  EXPECT_EQ(reply(), "(end)");
  EXPECT_EQ(exit_code(), 125);
}

TEST_F(Program, DNS_24_does_not_serve_without_the_helper_that_its_policy_needs) {
  start(R"({"allow":[],"block":[],"dnsOverHttps":"https://192.0.2.1/dns-query"})");
  EXPECT_EQ(reply(), "(end)");
  EXPECT_EQ(exit_code(), 125);
}

TEST_F(Program, refuses_another_message_than_it_expects) {
  start(kPolicy);
  control_->send("go");
  EXPECT_EQ(exit_code(), 125);
}

}  // namespace
}  // namespace awf::test
