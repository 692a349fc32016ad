#include <ifaddrs.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <set>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
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
  return {"process-view", Outcome::kContained, "own processes alone"};
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

std::vector<ProbeResult> run_all_probes(const std::string& allowed_name, Deadline deadline) {
  return {probe_tcp("tcp-ipv4", "1.1.1.1", deadline),
          probe_tcp("tcp-ipv6", "2606:4700:4700::1111", deadline),
          probe_tcp("tcp-private", "10.0.0.1", deadline),
          probe_tcp("metadata", "169.254.169.254", deadline),
          probe_udp("udp-ipv4", "8.8.8.8", deadline),
          probe_udp("udp-ipv6", "2001:4860:4860::8888", deadline),
          probe_outside_resolver(allowed_name, deadline),
          probe_interfaces(),
          probe_docker_sockets(),
          probe_process_view(),
          probe_privileges(),
          probe_entry(allowed_name, deadline)};
}

}  // namespace awf::self_test
