#include "credential-mask/devices.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "common/check.hpp"
#include "credential-mask/mount_api.hpp"
#include "credential-mask/mount_namespace.hpp"
#include "credential-mask/places.hpp"

namespace awf::mask {
namespace {

struct Device {
  const char* name;
  bool required;
};
constexpr std::array<Device, 6> kDevices = {{{"null", true},
                                             {"zero", true},
                                             {"random", true},
                                             {"urandom", true},
                                             {"full", false},
                                             {"tty", false}}};

struct Link {
  const char* name;
  const char* target;
};
constexpr std::array<Link, 5> kLinks = {{{"/dev/fd", "/proc/self/fd"},
                                         {"/dev/stdin", "/proc/self/fd/0"},
                                         {"/dev/stdout", "/proc/self/fd/1"},
                                         {"/dev/stderr", "/proc/self/fd/2"},
                                         {"/dev/ptmx", "pts/ptmx"}}};

constexpr const char* kSharedMemorySize = "25%";

void mount_new(const char* type, const FilesystemOptions& options, const std::string& target) {
  check(::mkdir(target.c_str(), 0755), "making " + target);
  attach(make_filesystem(type, options).get(), target);
}

}  // namespace

TakenDevices take_devices() {
  TakenDevices taken;
  for (const auto& device : kDevices) {
    UniqueFd tree = try_clone_tree(std::string("/dev/") + device.name);
    if (device.required) check(tree.get(), std::string("taking /dev/") + device.name);
    if (tree) taken.emplace_back(device.name, std::move(tree));
  }
  return taken;
}

void make_devices(const TakenDevices& devices) {
  attach(make_filesystem("tmpfs", {{"size", "64k"}, {"mode", "0755"}}).get(), "/dev");
  const Ids caller{::geteuid(), ::getegid()};
  for (const auto& [name, tree] : devices) {
    const std::string target = "/dev/" + name;
    make_file(target, "", caller);
    restrict_device(tree.get());
    attach(tree.get(), target);
  }
  // Each mount of devpts is an instance of its own (Linux 4.7): the terminals of others do not
  // exist in it. Group 5, "tty" everywhere, is not mapped in a user namespace.
  FilesystemOptions terminals = {{"mode", "0620"}, {"ptmxmode", "0666"}};
  if (!in_user_namespace()) terminals.emplace_back("gid", "5");
  mount_new("devpts", terminals, "/dev/pts");
  mount_new("tmpfs", {{"size", kSharedMemorySize}, {"mode", "1777"}}, "/dev/shm");
  for (const auto& link : kLinks) {
    check(::symlink(link.target, link.name), std::string("linking ") + link.name);
  }
}

}  // namespace awf::mask
