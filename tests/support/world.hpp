// The test world: a machine on which awf runs, and an internet that ends at the machine's wire.
//
// Each World is private: namespaces of its own, so worlds of parallel tests never meet and no
// packet leaves this computer. Needs root. A World ends with the object, and with the test's
// process when that crashes (its processes live in pid namespaces whose first process dies with
// ours).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/child.hpp"
#include "common/message_channel.hpp"
#include "support/addresses.hpp"
#include "support/command.hpp"

namespace awf::test_world {

// Paths on the machine. All but the programs are empty file systems in memory at the start.
inline constexpr const char* kPrograms = "/opt/awf/bin";  // the built programs, also in PATH
inline constexpr const char* kHome = "/home/runner";
inline constexpr const char* kWorkspace = "/home/runner/work/repo/repo";
// A directory for --audit-dir and --proxy-logs-dir that does not exist yet, in the runner's home.
inline constexpr const char* kAuditDirectory = "/home/runner/awf-audit";

// What came over the wire from the machine, one entry a destination.
struct Packets {
  std::string protocol;  // "tcp", "udp", "icmp", "icmpv6" or a number
  std::string address;   // destination, canonical text
  std::uint16_t port = 0;

  auto operator<=>(const Packets&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Packets& packets);

// One answered request of the web server (plain or TLS).
struct WebRequest {
  std::string host;         // Host or :authority
  std::string server_name;  // SNI; empty for plain HTTP
  std::string method;
  std::string target;
  std::string protocol;  // "HTTP/1.1", "HTTP/2.0"
  int status = 0;
  std::string user_agent;
  std::uint64_t connection = 0;  // a serial number: equal for requests over one connection
};

struct MachineProcess {
  pid_t pid = 0;  // in our pid namespace
  std::string command_line;
};

class World {
 public:
  struct Options {
    bool ipv4 = true;  // the machine has an IPv4 address, route and DNS server
    bool ipv6 = true;
    // For benchmarks: no witness that counts packets on their way, and no web server, so that ports
    // 80 and 443 are free on every address of the internet.
    bool for_measuring = false;
  };

  // Returns when every server answers. Throws Refusal or SystemFailure with the reason.
  static World start(const Options& options);
  static World start() { return start(Options{}); }
  World(World&&) noexcept = default;
  World& operator=(World&&) = delete;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // --- running things on the machine -------------------------------------------------------
  // awf with these arguments; run_ waits, spawn_ does not.
  CommandResult run_awf(const std::vector<std::string>& arguments, const RunOptions& options = {});
  RunningCommand spawn_awf(const std::vector<std::string>& arguments,
                           const RunOptions& options = {});
  // Any program, without awf: argv[0] is looked up in the machine's PATH.
  CommandResult run_in_machine(const std::vector<std::string>& argv,
                               const RunOptions& options = {});
  RunningCommand spawn_in_machine(const std::vector<std::string>& argv,
                                  const RunOptions& options = {});

  // A further server of the internet, as root in its namespaces: a proxy, a resolver of its own
  // ("/" is the working directory).
  RunningCommand spawn_in_internet(const std::vector<std::string>& argv);

  // --- the machine's files ------------------------------------------------------------------
  // Where the test's process finds an absolute path of the machine. Do not follow absolute
  // symbolic links of the machine through it.
  [[nodiscard]] std::string path(std::string_view machine_path) const;
  // Writes as the runner (parents made, owner uid 33), so that a rootless awf may use it too.
  void plant_file(std::string_view machine_path, std::string_view content, unsigned mode = 0644);
  [[nodiscard]] std::optional<std::string> file(std::string_view machine_path) const;

  // Copies directory/NAME/PATH, of our own file system, to where the web server serves it as
  // http(s)://NAME/PATH. Call again to add more.
  void serve_files(const std::string& directory) const;
  // A real sshd on port 22 of every address (instead of the canary's greeting), whose root lets
  // this public key in and owns /org/repo.git. The line for a known_hosts file, without its host.
  std::string serve_ssh(const std::string& public_key);

  // --- witnesses ----------------------------------------------------------------------------
  // After this call everything that the machine sent before it has been recorded.
  void settle();
  // Everything that arrived from the machine since the start or forget_packets(); settles first.
  // Neighbour discovery and multicast listener reports are left out.
  std::vector<Packets> packets();
  // packets() without the DNS servers of resolv.conf on port 53 and without `expected` addresses:
  // what a test wants to be empty.
  std::vector<Packets> packets_to_others(const std::vector<std::string>& expected = {});
  // What was sent to the machine's own addresses over its loopback interface (of the host
  // namespace, where nothing of a contained command may appear).
  std::vector<Packets> loopback_packets();
  void forget_packets();
  // Names that the machine asked of any DNS server, in order, as "A example.org"; settles first.
  std::vector<std::string> dns_queries();
  std::vector<WebRequest> web_requests();

  // --- disturbing the internet --------------------------------------------------------------
  // Packets to this address are recorded and then dropped: a dead server.
  void silence(std::string_view address);
  void set_wire(bool up);

  // --- looking closer -----------------------------------------------------------------------
  // Runs `body` in a thread that is in the network namespace; exceptions pass through.
  void in_internet(const std::function<void()>& body) const;
  void in_machine_network(const std::function<void()>& body) const;
  // Every process on the machine except its first one and the callers of running commands.
  [[nodiscard]] std::vector<MachineProcess> processes() const;
  // Waits until processes() is empty; false at the limit.
  [[nodiscard]] bool all_processes_end(
      std::chrono::milliseconds limit = std::chrono::seconds(10)) const;

 private:
  World(Child keeper, MessageChannel control, const Options& options)
      : options_(options), keeper_(std::move(keeper)), control_(std::move(control)) {}
  void open_namespaces(pid_t internet, pid_t machine);
  [[nodiscard]] std::string internet_path(std::string_view path) const;

  Options options_;
  Child keeper_;
  MessageChannel control_;
  pid_t machine_pid_ = 0;
  UniqueFd internet_net_;
  UniqueFd internet_mount_;
  UniqueFd internet_pid_namespace_;
  UniqueFd internet_root_;  // "/" of the internet's mount namespace
  UniqueFd machine_net_;
  UniqueFd machine_mount_;
  UniqueFd machine_pid_namespace_;
  UniqueFd machine_root_;
  UniqueFd marker_;  // settle(): a socket of the internet on the gateway's address
  std::uint32_t markers_ = 0;
};

}  // namespace awf::test_world
