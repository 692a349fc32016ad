// The recipe itself stands in mount_plan.cpp, with the reason for each place in the order; here
// each step is a few system calls.
#include "credential-mask/view.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "common/check.hpp"
#include "common/run_main.hpp"
#include "common/text.hpp"
#include "credential-mask/concealment.hpp"
#include "credential-mask/devices.hpp"
#include "credential-mask/git_view.hpp"
#include "credential-mask/hidden_paths.hpp"
#include "credential-mask/home_view.hpp"
#include "credential-mask/mount_namespace.hpp"
#include "credential-mask/name_service_files.hpp"
#include "credential-mask/places.hpp"
#include "credential-mask/proofs.hpp"

namespace awf::mask {
namespace {

constexpr const char* kProgram = "awf-mask-credentials";

std::string canonical(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : path;
}

struct stat status_of(int fd, const std::string& path) {
  struct stat status {};
  check(::fstat(fd, &status), "looking at " + path);
  return status;
}

class View {
 public:
  View(const Options& options, const std::vector<Step>& plan) : options_(options), plan_(plan) {}

  void build() {
    const FreeUmask free_umask;
    for (const auto& step : plan_)
      carry_out(step);
  }

  void verify() const {
    concealment_->verify(shown_);
    verify_view(writable_, unnamed());
    if (!options_.workspace.empty()) verify_writable(options_.workspace);
  }

  void tell() const {
    if (options_.verbose) {
      const auto count = hidden_.in_home.size() + hidden_.elsewhere.size();
      report(kProgram, std::to_string(count) + " paths are hidden");
    }
    for (const auto& mount : options_.mounts) {
      for (const auto* paths : {&hidden_.in_home, &hidden_.elsewhere}) {
        for (const auto& path : *paths) {
          if (!is_at_or_below(mount.source, path.path)) continue;
          report(kProgram, "warning: --mount shows " + quoted(mount.source) +
                               ", which would be hidden: the command can read it");
        }
      }
    }
  }

 private:
  void carry_out(const Step& step) {
    switch (step.action) {
      case Action::kEnterNamespace:
        enter_mount_namespace();
        return survey();
      case Action::kTakeTree:
        return take_tree(step);
      case Action::kTakeDevices:
        devices_ = take_devices();
        return;
      case Action::kMakeHome:
        taken_[key(step)] = make_home_view(step.source, step.size, hidden_.in_home);
        return;
      case Action::kChangeRoot:
        return change_root(step);
      case Action::kPrivate:
        return make_private(step);
      case Action::kMakeDevices:
        make_devices(devices_);
        devices_.clear();
        return writable_.push_back(step.target);
      case Action::kShow:
        return show(step);
      case Action::kNameService:
        return replace_name_service_files();
      case Action::kHide:
        shown_ = concealment_->conceal(std::move(shown_));
        return;
      case Action::kGit:
        return show_git_directories(options_, shown_);
      case Action::kSeal:
        return make_read_only(step.target);
    }
  }

  static std::pair<std::string, std::string> key(const Step& step) {
    return {step.source, step.target};
  }

  // Where everything lies on the host; asked once, while the host's tree is in sight.
  void survey() {
    hidden_ = find_hidden_paths(options_.home, options_.hidden);
    std::string home;
    std::vector<std::string> private_directories;
    for (const auto& step : plan_) {
      if (step.action == Action::kMakeHome) home = step.source;
      if (step.action == Action::kPrivate && is_real_directory(step.target)) {
        private_directories.push_back(step.target);
      }
    }
    concealment_.emplace(home, hidden_, private_directories);
    for (const auto& mount : current_mounts())
      host_mount_points_.push_back(mount.mount_point);
  }

  void take_tree(const Step& step) {
    UniqueFd tree = try_clone_tree(step.source, step.if_there);
    if (!tree && step.if_there && errno == ENOENT) return;
    check(tree.get(), "taking " + step.source);
    if (step.if_there) {
      // Anyone can put something at a fixed name in /tmp: a link, or a directory of their own.
      const auto status = status_of(tree.get(), step.source);
      const bool trusted = status.st_uid == 0 || status.st_uid == options_.uid;
      if (!S_ISDIR(status.st_mode) || !trusted) {
        return report(kProgram, "not shown, since it is not a directory of the command's user: " +
                                    quoted(step.source));
      }
    }
    taken_[key(step)] = std::move(tree);
  }

  void change_root(const Step& step) {
    const UniqueFd tree = std::move(taken_[key(step)]);
    restrict_tree(tree.get(), Access::kReadOnly);
    enter_root(tree.get());
  }

  [[nodiscard]] Ids owner_of(Owner owner) const {
    if (owner == Owner::kCommand) return {options_.uid, options_.gid};
    return {::geteuid(), ::getegid()};
  }

  void make_private(const Step& step) {
    if (step.if_there && !is_real_directory(step.target)) return;
    const Ids owner = owner_of(step.owner);
    make_mount_point(step.target, true, owner);
    const FilesystemOptions options = {{"size", step.size},
                                       {"mode", step.mode},
                                       {"uid", std::to_string(owner.uid)},
                                       {"gid", std::to_string(owner.gid)}};
    attach(make_filesystem("tmpfs", options).get(), step.target);
    writable_.push_back(canonical(step.target));
  }

  void show(const Step& step) {
    const auto found = taken_.find(key(step));
    if (found == taken_.end() && step.if_there) return;
    awf::verify(found != taken_.end(), step.source + " was taken before it is shown");
    const int tree = found->second.get();
    const bool below_run = is_at_or_below(step.target, "/run");
    make_mount_point(step.target, S_ISDIR(status_of(tree, step.source).st_mode),
                     owner_of(below_run ? Owner::kCaller : Owner::kCommand));
    restrict_tree(tree, step.access);
    attach(tree, step.target);
    taken_.erase(found);
    const auto target = canonical(step.target);
    if (step.access == Access::kReadWrite) writable_.push_back(target);
    // The home's view is not a grant of what it hides.
    if (step.source != options_.home || step.target != options_.home) {
      shown_.push_back({step.source, target, step.access});
    }
  }

  // The hidden paths of the home that no mount may name: all but those that the host itself mounts
  // something on, and those in a shown directory, where only a mount can hide them.
  [[nodiscard]] std::vector<std::string> unnamed() const {
    std::vector<std::string> paths;
    for (const auto& hidden : hidden_.in_home) {
      const auto excused = [&](const std::string& place) {
        return is_at_or_below(hidden.path, place) || is_at_or_below(place, hidden.path);
      };
      const bool shown = std::any_of(shown_.begin(), shown_.end(),
                                     [&](const Show& s) { return excused(s.target); });
      const bool mounted =
          std::any_of(host_mount_points_.begin(), host_mount_points_.end(),
                      [&](const auto& point) { return is_at_or_below(point, hidden.path); });
      if (!shown && !mounted) paths.push_back(hidden.path);
    }
    return paths;
  }

  const Options& options_;
  const std::vector<Step>& plan_;
  HiddenPaths hidden_;
  std::optional<Concealment> concealment_;
  std::vector<std::string> host_mount_points_;
  TakenDevices devices_;
  std::map<std::pair<std::string, std::string>, UniqueFd> taken_;  // by source and target
  std::vector<Show> shown_;
  std::vector<std::string> writable_;
};

// A working directory that is not there inside is replaced by the next best, as a shell would do
// for a login.
void enter_working_directory(const Options& options) {
  for (const auto& path : {options.workdir, options.workspace, options.home}) {
    if (!path.empty() && ::chdir(path.c_str()) == 0) return;
  }
  check(::chdir("/"), "entering the root directory");
}

}  // namespace

void enter_view(const Options& options, const std::vector<Step>& plan) {
  View view(options, plan);
  view.build();
  view.verify();
  view.tell();
  enter_working_directory(options);
}

}  // namespace awf::mask
