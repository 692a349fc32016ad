#include "machine.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"

namespace awf::mask_test {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostOutput = 16UL * 1024 * 1024;

void mount_memory(const char* target) {
  check(::mount("test", target, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"),
        std::string("mounting ") + target);
}

// What awf-firewall does for the chain in this mode: ids mapped one to one, and every capability
// ambient, so that execve(2) by a user who is not root keeps it.
void enter_user_namespace() {
  check(::setgroups(0, nullptr), "leaving the groups");
  check(::setresgid(kUser, kUser, kUser), "changing the group");
  check(::setresuid(kUser, kUser, kUser), "changing the user");
  // The change made /proc/self unreachable for the new user (prctl(2), PR_SET_DUMPABLE).
  check(::prctl(PR_SET_DUMPABLE, 1), "staying dumpable");
  check(::unshare(CLONE_NEWUSER | CLONE_NEWNET), "making a user namespace");
  write_control_file("/proc/self/setgroups", "deny");
  const std::string map = std::to_string(kUser) + " " + std::to_string(kUser) + " 1";
  write_control_file("/proc/self/uid_map", map);
  write_control_file("/proc/self/gid_map", map);
  cap_t capabilities = ::cap_get_proc();
  for (cap_value_t capability = 0; capability < ::cap_max_bits(); ++capability) {
    check(::cap_set_flag(capabilities, CAP_INHERITABLE, 1, &capability, CAP_SET), "inheriting");
  }
  check(::cap_set_proc(capabilities), "inheriting capabilities");
  check(::cap_free(capabilities), "freeing");
  for (cap_value_t capability = 0; capability < ::cap_max_bits(); ++capability) {
    check(::cap_set_ambient(capability, CAP_SET), "keeping a capability");
  }
}

[[noreturn]] void become(Mode mode, int program, const std::vector<std::string>& argv) {
  try {
    if (mode == Mode::kRootless) enter_user_namespace();
    std::vector<std::string> environment = {"PATH=/usr/bin:/bin", std::string("HOME=") + kHome};
    (void)::fexecve(program, as_c_array(argv).data(), as_c_array(environment).data());
  } catch (const std::exception& failure) {
    (void)!::write(STDERR_FILENO, failure.what(), std::strlen(failure.what()));
  }
  ::_exit(99);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << "exit code " << outcome.exit_code << "\nstdout: " << outcome.output
             << "\nstderr: " << outcome.errors;
}

std::string mode_name(const ::testing::TestParamInfo<Mode>& info) {
  return info.param == Mode::kRoot ? "root" : "rootless";
}

Machine::Machine()
    // By descriptor, since /tmp is about to be covered, and a build directory may lie in it.
    : program_(check(::open(AWF_MASK_PROGRAM, O_RDONLY | O_CLOEXEC), "opening the program")) {
  check(::unshare(CLONE_NEWNS), "making a mount namespace");
  check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "making mounts private");
  for (const char* target : {"/srv", "/tmp", "/run"})
    mount_memory(target);
  fs::permissions("/tmp", fs::perms::all | fs::perms::sticky_bit);
  make_directory(kWorkspace);
  listen_at("/run/docker.sock");
  plant("/run/secrets/token");
}

Machine::~Machine() {
  // Where a test mounted nothing over /etc, there is nothing to unmount either (EINVAL).
  for (const char* target : {"/etc", "/srv", "/tmp", "/run"})
    (void)::umount2(target, MNT_DETACH);
}

void Machine::make_directory(const std::string& path) {
  fs::path grown;
  for (const auto& part : fs::path(path)) {
    grown /= part;
    if (!fs::create_directory(grown)) continue;
    check(::chown(grown.c_str(), kUser, kUser), "giving a directory away");
  }
}

void Machine::plant(const std::string& path, const std::string& content) {
  make_directory(fs::path(path).parent_path());
  std::ofstream(path) << content;
  check(::chown(path.c_str(), kUser, kUser), "giving a file away");
}

void Machine::listen_at(const std::string& path) {
  UniqueFd fd(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "making a socket"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
  check(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "binding");
  check(::listen(fd.get(), 1), "listening");
  check(::chmod(path.c_str(), 0777), "opening a socket to all");
  servers_.push_back(std::move(fd));
}

void Machine::bind(const std::string& source, const std::string& target) {
  make_directory(target);
  check(::mount(source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr), "binding");
}

Outcome Machine::run(const std::string& script, const std::vector<std::string>& options) const {
  std::vector<std::string> all = {"--home", kHome, "--workspace", kWorkspace};
  all.insert(all.end(), options.begin(), options.end());
  return run_bare(script, all);
}

Outcome Machine::run_with(const std::string& script, const std::function<void()>& meanwhile,
                          const std::vector<std::string>& options) const {
  // Two named pipes in the workspace: the script asks by opening one and waits at the other.
  const std::string ask = std::string(kWorkspace) + "/ask";
  const std::string answer = std::string(kWorkspace) + "/answer";
  for (const auto& path : {ask, answer}) {
    check(::mkfifo(path.c_str(), 0666), "making a named pipe");
    check(::chown(path.c_str(), kUser, kUser), "giving a named pipe away");
  }
  const pid_t helper = check(::fork(), "forking");
  if (helper == 0) {
    const std::string asked = read_file(ask, 16);
    meanwhile();
    write_control_file(answer, asked);
    ::_exit(0);
  }
  auto outcome = run("echo > ask; read line < answer; " + script, options);
  if (outcome.exit_code == exit_code::kRefused) (void)::kill(helper, SIGKILL);
  int status = 0;
  check(::waitpid(helper, &status, 0), "waiting for the host's act");
  EXPECT_EQ(status, 0) << outcome;
  return outcome;
}

Outcome Machine::run_bare(const std::string& script,
                          const std::vector<std::string>& options) const {
  std::vector<std::string> argv = {"awf-mask-credentials", "--uid", std::to_string(kUser), "--gid",
                                   std::to_string(kUser)};
  argv.insert(argv.end(), options.begin(), options.end());
  argv.insert(argv.end(), {"--", "/usr/bin/setpriv", "--no-new-privs", "--inh-caps=-all"});
  if (GetParam() == Mode::kRoot) {
    argv.insert(argv.end(), {"--reuid=33", "--regid=33", "--clear-groups"});
  } else {
    argv.emplace_back("--ambient-caps=-all");
  }
  argv.insert(argv.end(), {"/bin/sh", "-c", script});

  Pipe output = make_pipe();
  UniqueFd errors(check(::memfd_create("errors", MFD_CLOEXEC), "making a memory file"));
  const pid_t child = check(::fork(), "forking");
  if (child == 0) {
    (void)::dup2(output.write_end.get(), STDOUT_FILENO);
    (void)::dup2(errors.get(), STDERR_FILENO);
    become(GetParam(), program_.get(), argv);
  }
  Outcome outcome;
  output.write_end.reset();
  outcome.output = read_rest(output.read_end.get(), kMostOutput, "the output");
  int status = 0;
  check(::waitpid(child, &status, 0), "waiting for the command");
  outcome.exit_code = exit_code::from_wait_status(status);
  check(::lseek(errors.get(), 0, SEEK_SET), "rewinding");
  outcome.errors = read_rest(errors.get(), kMostOutput, "the messages");
  return outcome;
}

}  // namespace awf::mask_test
