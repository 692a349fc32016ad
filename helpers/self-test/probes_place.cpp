#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "net/canary_address.hpp"
#include "self-test/probes.hpp"

namespace awf::self_test {
namespace {

constexpr std::size_t kStatusLimit = 65536;
// In a pid namespace of its own the chain is among the first processes.
constexpr pid_t kHighestOwnPid = 100;

// The value of a line "Key:\tvalue" of /proc/self/status (proc(5)).
std::string status_value(std::string_view status, std::string_view key) {
  for (const auto line : split(status, '\n')) {
    if (line.size() > key.size() && line.substr(0, key.size()) == key && line[key.size()] == ':') {
      return std::string(trimmed(line.substr(key.size() + 1)));
    }
  }
  return {};
}

bool can_connect(const std::string& path) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int rc = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  // A full queue (EAGAIN) is a server that is there.
  return rc == 0 || errno == EAGAIN;
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { (void)::closedir(directory); }
};

// The first process in /proc that is neither ourselves nor PID 1; 0 when there is none.
unsigned first_stranger(DIR* proc) {
  while (const dirent* entry = ::readdir(proc)) {
    const auto pid = parse_number<unsigned>(entry->d_name);
    if (pid && *pid != 1 && *pid != static_cast<unsigned>(::getpid())) return *pid;
  }
  return 0;
}

// A public address of this family that a probe may dial; "" when the policy lists all we know.
std::string canary(const std::vector<policy::IpRange>& listed, policy::IpAddress::Family family) {
  const auto address = net::canary_address(listed, family);
  return address ? address->text() : "";
}

ProbeResult probe_public_tcp(const std::string& name, const std::vector<policy::IpRange>& listed,
                             policy::IpAddress::Family family, Deadline deadline) {
  const std::string address = canary(listed, family);
  if (address.empty()) return {name, Outcome::kContained, "the policy lists every address tried"};
  return probe_tcp(name, address, listed, deadline);
}

}  // namespace

ProbeResult probe_interfaces() {
  ifaddrs* raw = nullptr;
  if (::getifaddrs(&raw) < 0) return {"interfaces", Outcome::kUnproven, std::strerror(errno)};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> list(raw, &::freeifaddrs);
  for (const ifaddrs* i = list.get(); i != nullptr; i = i->ifa_next) {
    if (std::strcmp(i->ifa_name, "lo") != 0) {
      return {"interfaces", Outcome::kEscaped, std::string("there is ") + i->ifa_name};
    }
  }
  return {"interfaces", Outcome::kContained, "lo alone"};
}

ProbeResult probe_docker_sockets() {
  for (const auto* path : {"/run/docker.sock", "/var/run/docker.sock",
                           "/run/containerd/containerd.sock", "/run/podman/podman.sock"}) {
    if (can_connect(path)) return {"docker-socket", Outcome::kEscaped, path};
  }
  return {"docker-socket", Outcome::kContained, "none answers"};
}

ProbeResult probe_process_view() {
  const auto status = read_file_if_there("/proc/self/status", kStatusLimit);
  if (!status) return {"process-view", Outcome::kUnproven, "no /proc"};
  // NSpid lists the pid in each namespace from that of /proc's mount inwards: one number means that
  // /proc belongs to the namespace we are in.
  const std::string pids = status_value(*status, "NSpid");
  if (pids != std::to_string(::getpid())) {
    return {"process-view", Outcome::kEscaped, "/proc is not of the own pid namespace"};
  }
  if (::getpid() > kHighestOwnPid) {
    return {"process-view", Outcome::kEscaped, "the pid namespace is not new"};
  }
  const std::unique_ptr<DIR, CloseDirectory> proc(::opendir("/proc"));
  if (!proc) return {"process-view", Outcome::kUnproven, std::strerror(errno)};
  if (const unsigned pid = first_stranger(proc.get()); pid != 0) {
    return {"process-view", Outcome::kEscaped, "process " + std::to_string(pid) + " is seen"};
  }
  return {"process-view", Outcome::kContained, "own processes alone"};
}

ProbeResult probe_init() {
  const UniqueFd fd(::open("/proc/1/environ", O_RDONLY | O_CLOEXEC));
  if (fd) return {"init-environ", Outcome::kEscaped, "init's environment can be read"};
  // proc(5): a process that may not be traced is refused, or hidden by hidepid.
  const bool refused = errno == EACCES || errno == EPERM || errno == ENOENT;
  return {"init-environ", refused ? Outcome::kContained : Outcome::kUnproven, std::strerror(errno)};
}

ProbeResult probe_hypervisor() {
  const UniqueFd fd(::socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd) return {"hypervisor", Outcome::kEscaped, "a socket to the hypervisor can be made"};
  return {"hypervisor", Outcome::kContained, std::strerror(errno)};
}

ProbeResult probe_privileges() {
  const auto status = read_file_if_there("/proc/self/status", kStatusLimit);
  if (!status) return {"privileges", Outcome::kUnproven, "no /proc"};
  for (const auto* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    if (status_value(*status, set) != "0000000000000000") {
      return {"privileges", Outcome::kEscaped, std::string(set) + " is not empty"};
    }
  }
  if (status_value(*status, "NoNewPrivs") != "1") {
    return {"privileges", Outcome::kEscaped, "new privileges are possible"};
  }
  if (status_value(*status, "Seccomp") != "2") {
    return {"privileges", Outcome::kEscaped, "no system call filter"};
  }
  return {"privileges", Outcome::kContained, "none"};
}

std::vector<ProbeResult> run_all_probes(const std::string& allowed_name,
                                        const std::vector<policy::IpRange>& listed,
                                        Deadline deadline) {
  using Family = policy::IpAddress::Family;
  return {probe_public_tcp("tcp-ipv4", listed, Family::kV4, deadline),
          probe_public_tcp("tcp-ipv6", listed, Family::kV6, deadline),
          probe_tcp("tcp-private", "10.0.0.1", listed, deadline),
          probe_tcp("metadata", "169.254.169.254", listed, deadline),
          probe_udp("udp-ipv4", "8.8.8.8", deadline),
          probe_udp("udp-ipv6", "2001:4860:4860::8888", deadline),
          probe_outside_resolver(allowed_name, deadline),
          probe_interfaces(),
          probe_docker_sockets(),
          probe_hypervisor(),
          probe_process_view(),
          probe_init(),
          probe_privileges(),
          probe_entry(allowed_name, deadline)};
}

}  // namespace awf::self_test
