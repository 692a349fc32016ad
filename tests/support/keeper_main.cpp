// awf-test-world-keeper: builds a test world, says so, and holds it until it is told to stop.
//
// usage: awf-test-world-keeper --control-fd N --programs DIR [--without-ipv4] [--without-ipv6]
//                              [--for-measuring]
// Sends "ready INTERNET-PID MACHINE-PID" (the first processes of the two sides) on the control
// channel, and ends with everything it started when that channel is closed.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/program_options/variables_map.hpp>
#include <string>

#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "support/keeper.hpp"
#include "support/witness.hpp"

namespace awf::test_world::keeper {
namespace {

constexpr const char* kProgram = "awf-test-world-keeper";

// What the first process of a pid namespace has to do for the rest of its life. SIGCHLD is blocked
// so that it stays pending when a child ends between the two calls (signal(7): a blocked signal is
// not discarded, although the default is to ignore it).
[[noreturn]] void reap_forever() {
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  (void)::sigprocmask(SIG_BLOCK, &child_ended, nullptr);
  for (;;) {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    (void)::sigwaitinfo(&child_ended, nullptr);
  }
}

// Forks the first process of a new pid namespace. It dies with us, and everything in its
// namespace with it.
pid_t fork_first_process(const std::function<void()>& body) {
  const UniqueFd own(
      check(::open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC), "opening a namespace"));
  check(::unshare(CLONE_NEWPID), "making a pid namespace");
  const pid_t pid = check(::fork(), "forking");
  if (pid == 0) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int failed = run_main(kProgram, [&] {
      body();
      return 0;
    });
    if (failed != 0) ::_exit(failed);
    reap_forever();
  }
  // Later children belong to our own pid namespace again.
  check(::setns(own.get(), CLONE_NEWPID), "returning to the pid namespace");
  return pid;
}

void await(const MessageChannel& channel, std::string_view word) {
  const auto message = channel.receive(std::chrono::seconds(30));
  if (!message || message->text != word) throw Refusal("the test world did not start");
}

struct Side {
  pid_t first_process;
  MessageChannel channel;
};

Side start_machine(const std::string& programs, const Families& families, Purpose purpose) {
  auto [here, there] = MessageChannel::make_pair();
  const pid_t pid = fork_first_process([&, &inside = there] {
    check(::unshare(CLONE_NEWNET | CLONE_NEWNS), "making the machine's namespaces");
    inside.send("born");
    await(inside, "wired");
    wire_machine(families);
    if (purpose == Purpose::kTests) witness::install("lo");
    furnish_machine(programs, families);
    inside.send("furnished");
  });
  await(here, "born");
  return {pid, std::move(here)};
}

Side start_internet(Purpose purpose) {
  auto [here, there] = MessageChannel::make_pair();
  const pid_t pid = fork_first_process([purpose, &inside = there] {
    start_servers(purpose);
    inside.send("serving");
  });
  return {pid, std::move(here)};
}

int hold_world(const MessageChannel& control, const std::string& programs_directory,
               const Families& families, Purpose purpose) {
  const UniqueFd programs(
      check(::open(programs_directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
            "opening the programs"));
  check(::unshare(CLONE_NEWNET | CLONE_NEWNS), "making the internet (are we root?)");
  check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "making mounts private");
  mount_memory("/run", "755");
  check(::mkdir(kWorldDirectory, 0755), "making the world's directory");
  make_certificates();
  const Side machine = start_machine(programs_directory, families, purpose);
  wire_internet(machine.first_process, families);
  if (purpose == Purpose::kTests) witness::install("eth0");
  machine.channel.send("wired");
  const Side internet = start_internet(purpose);
  await(machine.channel, "furnished");
  await(internet.channel, "serving");
  control.send("ready " + std::to_string(internet.first_process) + " " +
               std::to_string(machine.first_process));
  while (control.receive()) {
  }
  for (const pid_t pid : {machine.first_process, internet.first_process}) {
    (void)::kill(pid, SIGKILL);
    (void)::waitpid(pid, nullptr, 0);
  }
  return 0;
}

int run(int argc, const char* const* argv) {
  namespace po = boost::program_options;
  po::options_description description("options");
  description.add_options()("control-fd", po::value<std::string>()->required(), "channel")(
      "programs", po::value<std::string>()->required(), "directory of the built programs")(
      "without-ipv4", "the machine has no IPv4")("without-ipv6", "the machine has no IPv6")(
      "for-measuring", "no web server, no witness");
  const auto options = cli::parse(cli::split_arguments(argc, argv).options, description);
  UniqueFd control(cli::open_fd("control-fd", options["control-fd"].as<std::string>()));
  set_close_on_exec(control.get(), true);
  return hold_world(MessageChannel(std::move(control)), options["programs"].as<std::string>(),
                    {options.count("without-ipv4") == 0, options.count("without-ipv6") == 0},
                    options.count("for-measuring") != 0 ? Purpose::kMeasuring : Purpose::kTests);
}

}  // namespace
}  // namespace awf::test_world::keeper

int main(int argc, char** argv) {
  return awf::run_main("awf-test-world-keeper",
                       [&] { return awf::test_world::keeper::run(argc, argv); });
}
