// What a test lets the internet serve besides what is always there.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "support/world.hpp"

namespace awf::test_world {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxKey = 4096;

// sshd(8) with -i serves one connection on its standard streams.
constexpr const char* kSshConfiguration = R"(
HostKey /run/world/ssh/host_key
AuthorizedKeysFile /run/world/ssh/authorized_keys
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PermitUserRC no
PrintLastLog no
)";

void write_file(const fs::path& path, std::string_view content, unsigned mode) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  verify(file.good(), "writing " + path.string());
  check(::chmod(path.c_str(), mode), "setting a mode");
}

void make_host_key(const std::string& path) {
  SpawnPlan plan;
  plan.program = "/usr/bin/ssh-keygen";
  plan.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path};
  plan.environment = {"PATH=/usr/bin:/bin"};
  const int status = Child::spawn(plan).wait();
  verify(WIFEXITED(status) && WEXITSTATUS(status) == 0, "ssh-keygen made a host key");
}

}  // namespace

void World::serve_files(const std::string& directory) const {
  const fs::path target = internet_path("/run/world/www");
  fs::create_directories(target);
  fs::copy(directory, target, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

std::string World::serve_ssh(const std::string& public_key) {
  const fs::path directory = internet_path("/run/world/ssh");
  fs::create_directories(directory);
  // The directory into which sshd puts its unprivileged half.
  fs::create_directories(internet_path("/run/sshd"));
  write_file(directory / "authorized_keys", public_key, 0600);
  // ssh-keygen is another process: our descriptor has another name there.
  make_host_key("/proc/" + std::to_string(::getpid()) + "/fd/" +
                std::to_string(internet_root_.get()) + "/run/world/ssh/host_key");
  // Last, since it switches sshd on.
  write_file(directory / "sshd_config", kSshConfiguration, 0600);
  return std::string(trimmed(read_file((directory / "host_key.pub").string(), kMaxKey)));
}

}  // namespace awf::test_world
