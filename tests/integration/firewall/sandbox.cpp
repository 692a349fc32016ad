#include "sandbox.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>

#include "common/check.hpp"
#include "common/file.hpp"
#include "host_network.hpp"
#include "packet_log_reader.hpp"

namespace awf::tests {
namespace {

constexpr uid_t kUser = 33;
constexpr std::chrono::seconds kGenerous{20};

UniqueFd namespace_of(const Child& process, const char* kind) {
  const auto path = "/proc/" + std::to_string(process.pid()) + "/ns/" + kind;
  return UniqueFd(check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "opening " + path));
}

net::SandboxSockets receive_sockets(const Firewall& firewall) {
  auto message = firewall.control.receive(kGenerous);
  if (!message) throw Refusal("awf-firewall: " + read_output(firewall.output.get()));
  verify(message->text == "listeners", "the first message is the listeners");
  return net::SandboxSockets::from(std::move(message->fds));
}

// As awf-confine would leave it. The owner of a user namespace has every capability in it as long
// as it stands outside, user_namespaces(7): being uid 33 is not enough.
void become_command(int user_namespace) {
  check(::setgroups(0, nullptr), "dropping groups");
  if (user_namespace >= 0) check(::setns(user_namespace, CLONE_NEWUSER), "entering the sandbox");
  check(::setresgid(kUser, kUser, kUser), "changing the group");
  check(::setresuid(kUser, kUser, kUser), "changing the user");
  cap_t none = ::cap_init();
  const int rc = ::cap_set_proc(none);
  (void)::cap_free(none);
  check(rc, "dropping capabilities");
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Mode mode) {
  return out << (mode == Mode::kRoot ? "AsRoot" : "Rootless");
}

Firewall start_firewall(Mode mode, const std::vector<std::string>& options,
                        const std::vector<std::string>& next,
                        const std::vector<std::pair<int, int>>& fds) {
  (void)host_network();  // before the first fork, so that all start from there
  SpawnPlan plan;
  if (mode == Mode::kRootless) {
    plan.argv = {"/usr/bin/setpriv", "--reuid", "33", "--regid", "33", "--clear-groups", "--"};
  }
  plan.argv.push_back(AWF_BIN_DIR "/awf-firewall");
  if (mode == Mode::kRootless) plan.argv.emplace_back("--user-namespace");
  plan.argv.insert(plan.argv.end(), options.begin(), options.end());
  plan.argv.insert(plan.argv.end(), {"--control-fd", "3", "--"});
  plan.argv.insert(plan.argv.end(), next.begin(), next.end());
  plan.program = plan.argv.front();
  plan.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
  auto [ours, theirs] = MessageChannel::make_pair();
  Pipe output = make_pipe();
  plan.fds = {{1, output.write_end.get()}, {2, output.write_end.get()}, {3, theirs.fd()}};
  plan.fds.insert(plan.fds.end(), fds.begin(), fds.end());
  return {Child::spawn(plan), std::move(ours), std::move(output.read_end)};
}

Sandbox::Sandbox(Mode mode, const std::vector<std::string>& options)
    : firewall_(start_firewall(mode, options, {"sleep", "600"})),
      sockets_(receive_sockets(firewall_)),
      network_(namespace_of(firewall_.process, "net")),
      user_(mode == Mode::kRootless ? namespace_of(firewall_.process, "user") : UniqueFd()) {
  firewall_.control.send("go");
  // The program that follows has no end of the channel: when it has started, the channel is closed.
  verify(!firewall_.control.receive(kGenerous), "awf-firewall keeps its channel to itself");
}

std::string Sandbox::inside(Actor actor, const std::function<std::string()>& body) const {
  Pipe answer = make_pipe();
  const pid_t pid = check(::fork(), "forking");
  if (pid == 0) {
    std::string text;
    try {
      check(::setns(network_.get(), CLONE_NEWNET), "entering the sandbox");
      if (actor == Actor::kCommand) become_command(user_.get());
      text = body();
    } catch (const std::exception& failure) {
      text = std::string("exception: ") + failure.what();
    }
    (void)!::write(answer.write_end.get(), text.data(), text.size());
    ::_exit(0);
  }
  answer.write_end.reset();
  auto text = read_output(answer.read_end.get());
  (void)::waitpid(pid, nullptr, 0);
  return text;
}

std::vector<std::string> Sandbox::log() const {
  return read_packet_log(sockets_.packet_log.get());
}

std::string read_output(int fd) {
  constexpr std::size_t kLimit = 1U << 20U;
  return read_rest(fd, kLimit, "a test's output");
}

}  // namespace awf::tests
