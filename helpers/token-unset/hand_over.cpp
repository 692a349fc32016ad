#include "token-unset/hand_over.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/exit_code.hpp"
#include "common/run_main.hpp"
#include "common/text.hpp"

namespace awf::unset {
namespace {

constexpr const char* kShell = "/bin/sh";
constexpr const char* kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { (void)::closedir(directory); }
};

// Returns the reason in errno's terms.
int try_to_run(const std::string& file, const std::vector<std::string>& command,
               const std::vector<std::string>& environment) {
  const auto variables = as_c_array(environment);
  (void)::execve(file.c_str(), as_c_array(command).data(), variables.data());
  if (errno != ENOEXEC) return errno;
  // As execvp(3): neither a program nor a script with an interpreter line is a shell script.
  std::vector<std::string> script = {kShell, file};
  script.insert(script.end(), command.begin() + 1, command.end());
  (void)::execve(kShell, as_c_array(script).data(), variables.data());
  return errno;
}

int not_executable(const std::string& file, int reason) {
  report("awf", file + ": " + std::generic_category().message(reason));
  return exit_code::kNotExecutable;
}

}  // namespace

std::vector<std::string> candidates(std::string_view command, std::string_view path) {
  if (command.find('/') != std::string_view::npos) return {std::string(command)};
  std::vector<std::string> files;
  if (command.empty()) return files;
  for (const auto directory : split(path, ':')) {
    files.push_back(std::string(directory.empty() ? "." : directory) + "/" + std::string(command));
  }
  return files;
}

std::string path_in(const std::vector<std::string>& environment) {
  for (const auto& variable : environment) {
    if (variable.rfind("PATH=", 0) == 0) return variable.substr(5);
  }
  return kDefaultPath;
}

void close_descriptors() {
  check(::syscall(SYS_close_range, 3U, ~0U, 0U), "closing descriptors");
  const std::unique_ptr<DIR, DirectoryCloser> open(::opendir("/proc/self/fd"));
  if (!open) throw_system_failure("listing the open descriptors", errno);
  while (const dirent* entry = ::readdir(open.get())) {
    const auto fd = parse_number<int>(static_cast<const char*>(entry->d_name));
    verify(!fd || *fd < 3 || *fd == ::dirfd(open.get()), "all descriptors are closed");
  }
}

void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    // Those that cannot be changed (SIGKILL, SIGSTOP, two of the C library's own) are as they are.
    (void)::signal(signal, SIG_DFL);
  }
  sigset_t none;
  check(::sigemptyset(&none), "making an empty signal set");
  check(::sigprocmask(SIG_SETMASK, &none, nullptr), "unblocking signals");
}

int run_command(const std::vector<std::string>& command,
                const std::vector<std::string>& environment) {
  const std::string& name = command.front();
  std::string refused;
  for (const auto& file : candidates(name, path_in(environment))) {
    const int reason = try_to_run(file, command, environment);
    if (reason == ENOENT || reason == ENOTDIR) {
      // A file that is there but whose interpreter is not gives ENOENT too (execve(2)).
      if (::access(file.c_str(), F_OK) == 0) return not_executable(file, reason);
      continue;
    }
    if (reason != EACCES) return not_executable(file, reason);
    // As shells do: a later directory may hold one that can be executed.
    if (refused.empty()) refused = file;
  }
  if (!refused.empty()) return not_executable(refused, EACCES);
  report("awf", name + ": command not found");
  return exit_code::kNotFound;
}

}  // namespace awf::unset
