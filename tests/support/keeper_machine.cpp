#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/check.hpp"
#include "common/unique_fd.hpp"
#include "support/addresses.hpp"
#include "support/keeper.hpp"
#include "support/world.hpp"

namespace awf::test_world::keeper {
namespace {

namespace fs = std::filesystem;

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path);
  file << content;
  if (!file.flush()) throw Refusal("the test world cannot write " + path);
}

void bind_over(const std::string& source, const std::string& target) {
  check(::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr),
        "binding a file over " + target);
}

// The file that `path` leads to is covered by one with this content. Where a system keeps
// resolv.conf as a link into /run, that /run is ours by now and the file is made there.
void replace_file(const std::string& path, const std::string& content) {
  const std::string stand_in = std::string("/opt/awf/etc/") + fs::path(path).filename().string();
  write_file(stand_in, content);
  const fs::path real = fs::weakly_canonical(path);
  if (!fs::exists(real)) {
    fs::create_directories(real.parent_path());
    write_file(real, content);
    return;
  }
  bind_over(stand_in, real);
}

void make_runner_directory(const std::string& path) {
  fs::create_directories(path);
  check(::chown(path.c_str(), kRunnerUid, kRunnerGid), "giving the runner its directory");
}

void trust_the_authority(const std::string& authority_pem) {
  mount_memory("/etc/ssl/certs", "755");
  write_file("/etc/ssl/certs/ca-certificates.crt", authority_pem);
}

std::string resolver_configuration(const Families& families) {
  std::string text;
  if (families.ipv4) text += "nameserver " + std::string(kDnsServer4) + "\n";
  if (families.ipv6) text += "nameserver " + std::string(kDnsServer6) + "\n";
  return text;
}

}  // namespace

void wire_machine(const Families& families) {
  std::string batch = "link set lo up\nlink set eth0 addrgenmode none up\naddr add " +
                      std::string(kMachineLinkLocal) + "/64 dev eth0 nodad\n";
  if (families.ipv4) {
    batch += "addr add " + std::string(kMachine4) + "/24 dev eth0\nroute add default via " +
             std::string(kGateway4) + "\n";
  }
  if (families.ipv6) {
    batch += "addr add " + std::string(kMachine6) + "/64 dev eth0 nodad\nroute add default via " +
             std::string(kGateway6) + "\n";
  }
  run_tool({"ip", "-batch", "-"}, batch);
}

void furnish_machine(const std::string& programs_directory, const Families& families) {
  // Opened before anything covers it: the build may lie in /home or /tmp.
  const UniqueFd programs(
      check(::open(programs_directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
            "opening the programs"));
  std::ifstream authority(std::string(kWorldDirectory) + "/authority.pem");
  const std::string authority_pem{std::istreambuf_iterator<char>(authority), {}};
  // A procfs of this pid namespace; through it the descriptor below is found by name.
  check(::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr),
        "mounting the machine's /proc");
  mount_memory("/opt", "755");
  fs::create_directories(kPrograms);
  fs::create_directories("/opt/awf/etc");
  bind_over("/proc/self/fd/" + std::to_string(programs.get()), kPrograms);
  mount_memory("/home", "755");
  mount_memory("/root", "700");
  mount_memory("/tmp", "1777");
  mount_memory("/var/tmp", "1777");
  mount_memory("/run", "755");
  fs::create_directories("/run/lock");
  for (const char* directory : {kHome, "/home/runner/work", "/home/runner/work/repo", kWorkspace}) {
    make_runner_directory(directory);
  }
  trust_the_authority(authority_pem);
  replace_file("/etc/resolv.conf", resolver_configuration(families));
  replace_file("/etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n");
  replace_file("/etc/nsswitch.conf",
               "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n");
}

}  // namespace awf::test_world::keeper
