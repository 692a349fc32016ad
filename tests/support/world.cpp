#include "support/world.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "common/check.hpp"
#include "common/file.hpp"
#include "support/namespace_thread.hpp"

namespace awf::test_world {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 256UL << 20;

UniqueFd open_of(pid_t pid, const std::string& what) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + what;
  return UniqueFd(check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "opening " + path));
}

// netdevice(7), SIOCSIFFLAGS.
void set_interface(std::string_view name, bool up) {
  const UniqueFd socket(
      check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "opening a control socket"));
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  check(::ioctl(socket.get(), SIOCGIFFLAGS, &request), "reading interface flags");
  const int flags = up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
  request.ifr_flags = static_cast<short>(flags);
  check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "setting interface flags");
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Packets& packets) {
  return out << packets.protocol << " " << packets.address << " " << packets.port;
}

World World::start(const Options& options) {
  auto [here, there] = MessageChannel::make_pair();
  SpawnPlan plan;
  plan.program = AWF_PROGRAMS_DIR "/awf-test-world-keeper";
  plan.argv = {"awf-test-world-keeper", "--control-fd", "3", "--programs", AWF_PROGRAMS_DIR};
  if (!options.ipv4) plan.argv.emplace_back("--without-ipv4");
  if (!options.ipv6) plan.argv.emplace_back("--without-ipv6");
  if (options.for_measuring) plan.argv.emplace_back("--for-measuring");
  plan.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  plan.fds = {{3, there.fd()}};
  Child keeper = Child::spawn(plan);
  UniqueFd(std::move(there).take()).reset();
  const auto ready = here.receive(std::chrono::seconds(30));
  if (!ready) throw Refusal("the test world did not start; its reason stands above");
  World world(std::move(keeper), std::move(here), options);
  std::istringstream words(ready->text);
  std::string word;
  pid_t internet = 0;
  pid_t machine = 0;
  words >> word >> internet >> machine;
  world.open_namespaces(internet, machine);
  return world;
}

void World::open_namespaces(pid_t internet, pid_t machine) {
  machine_pid_ = machine;
  internet_net_ = open_of(internet, "ns/net");
  internet_mount_ = open_of(internet, "ns/mnt");
  internet_pid_namespace_ = open_of(internet, "ns/pid");
  internet_root_ = open_of(internet, "root");
  machine_net_ = open_of(machine, "ns/net");
  machine_mount_ = open_of(machine, "ns/mnt");
  machine_pid_namespace_ = open_of(machine, "ns/pid");
  machine_root_ = open_of(machine, "root");
}

World::~World() {
  if (keeper_.pid() <= 0 || !machine_net_) return;  // moved from
  // The keeper ends both sides when the channel closes; a failure here is the keeper's crash, and
  // then parent-death signals have done the same.
  UniqueFd(std::move(control_).take()).reset();
  try {
    (void)keeper_.wait_for(std::chrono::seconds(10));
  } catch (const SystemFailure& failure) {
    (void)!::write(2, failure.what(), std::string_view(failure.what()).size());
  }
}

RunningCommand World::spawn_in_machine(const std::vector<std::string>& argv,
                                       const RunOptions& options) {
  return RunningCommand::start(
      {machine_pid_namespace_.get(), machine_net_.get(), machine_mount_.get()}, argv, options);
}

RunningCommand World::spawn_in_internet(const std::vector<std::string>& argv) {
  RunOptions options;
  options.directory = "/";
  return RunningCommand::start(
      {internet_pid_namespace_.get(), internet_net_.get(), internet_mount_.get()}, argv, options);
}

CommandResult World::run_in_machine(const std::vector<std::string>& argv,
                                    const RunOptions& options) {
  return spawn_in_machine(argv, options).finish();
}

RunningCommand World::spawn_awf(const std::vector<std::string>& arguments,
                                const RunOptions& options) {
  std::vector<std::string> argv{std::string(kPrograms) + "/awf"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return spawn_in_machine(argv, options);
}

CommandResult World::run_awf(const std::vector<std::string>& arguments, const RunOptions& options) {
  return spawn_awf(arguments, options).finish();
}

std::string World::path(std::string_view machine_path) const {
  return "/proc/self/fd/" + std::to_string(machine_root_.get()) + std::string(machine_path);
}

std::string World::internet_path(std::string_view path) const {
  return "/proc/self/fd/" + std::to_string(internet_root_.get()) + std::string(path);
}

void World::plant_file(std::string_view machine_path, std::string_view content, unsigned mode) {
  const auto give_to_runner = [](const fs::path& path) {
    check(::chown(path.c_str(), kRunnerUid, kRunnerGid), "giving " + path.string() + " away");
  };
  fs::path parent = fs::path(machine_path).parent_path();
  std::vector<fs::path> missing;
  for (; !fs::exists(path(parent.string())); parent = parent.parent_path()) {
    missing.push_back(parent);
  }
  for (auto directory = missing.rbegin(); directory != missing.rend(); ++directory) {
    fs::create_directory(path(directory->string()));
    give_to_runner(path(directory->string()));
  }
  const std::string target = path(machine_path);
  std::ofstream file(target, std::ios::binary);
  file << content;
  file.close();
  verify(file.good(), "planting " + std::string(machine_path));
  check(::chmod(target.c_str(), mode), "setting a mode");
  give_to_runner(target);
}

std::optional<std::string> World::file(std::string_view machine_path) const {
  return read_file_if_there(path(machine_path), kMaxFile);
}

void World::set_wire(bool up) {
  in_internet([up] { set_interface("eth0", up); });
}

void World::in_internet(const std::function<void()>& body) const {
  run_in_network(internet_net_.get(), body);
}

void World::in_machine_network(const std::function<void()>& body) const {
  run_in_network(machine_net_.get(), body);
}

}  // namespace awf::test_world
