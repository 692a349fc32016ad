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
#include "credential-mask/findings.hpp"
#include "credential-mask/git_view.hpp"
#include "credential-mask/hidden_paths.hpp"
#include "credential-mask/home_view.hpp"
#include "credential-mask/mount_namespace.hpp"
#include "credential-mask/name_service_files.hpp"
#include "credential-mask/places.hpp"
#include "credential-mask/proofs.hpp"
#include "credential-mask/survey.hpp"
#include "credential-mask/tree_view.hpp"

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
    refuse_what_would_be_seen();
    verify_programs();
    concealment_->verify(shown_);
    verify_view(writable_, unnamed());
    if (!options_.workspace.empty()) verify_writable(options_.workspace);
  }

  void tell() const {
    for (const auto& line : view_warnings(options_.mounts, survey_, tree_->plain()))
      report(kProgram, line);
    if (options_.verbose) {
      const auto count = survey_.hidden.in_homes.size() + survey_.hidden.elsewhere.size();
      report(kProgram, std::to_string(count) + " paths are hidden");
    }
  }

 private:
  void carry_out(const Step& step) {
    switch (step.action) {
      case Action::kEnterNamespace:
        enter_mount_namespace();
        survey_ = survey_host(options_, plan_);
        concealment_.emplace(homes_with_views(plan_), survey_.hidden, survey_.private_directories);
        return;
      case Action::kTakeTree:
        return take_tree(step);
      case Action::kTakeDevices:
        devices_ = take_devices();
        return;
      case Action::kMakeHome:
        taken_[key(step)] = make_home_view(step.source, step.size, hidden_in(step.source));
        return;
      case Action::kChangeRoot:
        return change_root(step);
      case Action::kViewTree:
        return view_tree();
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
        shown_ = concealment_->conceal(std::move(shown_), tree_->doors());
        return;
      case Action::kGit:
        return show_git_directories(options_, shown_);
      case Action::kSeal:
        return make_read_only(step.target);
    }
  }

  [[nodiscard]] std::vector<HiddenPath> hidden_in(const std::string& home) const {
    std::vector<HiddenPath> paths;
    std::copy_if(survey_.hidden.in_homes.begin(), survey_.hidden.in_homes.end(),
                 std::back_inserter(paths),
                 [&](const HiddenPath& path) { return is_at_or_below(path.path, home); });
    return paths;
  }

  static std::pair<std::string, std::string> key(const Step& step) {
    return {step.source, step.target};
  }

  void view_tree() {
    auto replaced = survey_.private_directories;
    std::vector<std::string> kept;
    for (const auto& step : plan_) {
      if (step.action == Action::kMakeHome || step.action == Action::kMakeDevices) {
        replaced.push_back(step.target);
      }
      if (step.action == Action::kShow) kept.push_back(step.target);
    }
    if (!options_.workspace.empty()) replaced.push_back(options_.workspace);
    std::vector<std::string> hidden;
    for (const auto& path : without_nested(survey_.hidden.elsewhere))
      hidden.push_back(path.path);
    tree_.emplace(concealment_->host_mounts(), std::move(hidden), std::move(replaced),
                  std::move(kept));
    tree_->build();
    for (const auto& piece : tree_->pieces())
      concealment_->add_overlay(piece.device, piece.layers);
  }

  // A path that the user wants hidden, that is not there, and that the host could make where
  // nothing stands above it.
  void refuse_what_would_be_seen() const {
    Cover cover{tree_->plain(), survey_.private_directories};
    for (const auto& show : shown_)
      cover.bare.push_back(show.target);
    const auto homes = homes_with_views(plan_);
    cover.veiled.insert(cover.veiled.end(), homes.begin(), homes.end());
    if (options_.home_writable) cover.bare.push_back(options_.home);
    for (const auto* paths : {&survey_.hidden.in_homes, &survey_.hidden.elsewhere}) {
      for (const auto& path : *paths) {
        if (!path.is_asked_for || path.is_there) continue;
        if (!is_seen_later(path.path, cover).value_or(!tree_->is_absent(path.path))) continue;
        throw Refusal("--hide " + quoted(path.path) +
                      " does not exist, and its place is shown as it is, so that it could not be "
                      "hidden when it comes; make it first, or leave the option out");
      }
    }
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

  [[nodiscard]] bool is_named_by_user(const Step& step) const {
    return std::any_of(options_.mounts.begin(), options_.mounts.end(), [&](const Show& s) {
      return s.source == step.source && s.target == step.target;
    });
  }

  // What the chain executes next, with all that it holds, must be what was installed.
  void verify_programs() const {
    if (!programs_) return;
    struct stat seen {};
    check(::stat(kProgramsInside, &seen), "looking at AWF's programs inside");
    awf::verify(seen.st_dev == programs_->st_dev && seen.st_ino == programs_->st_ino,
                "nothing lies on top of AWF's programs");
  }

  void show(const Step& step) {
    const auto found = taken_.find(key(step));
    if (found == taken_.end() && step.if_there) return;
    awf::verify(found != taken_.end(), step.source + " was taken before it is shown");
    const int tree = found->second.get();
    const auto status = status_of(tree, step.source);
    const Ids owner =
        owner_of(is_at_or_below(step.target, "/run") ? Owner::kCaller : Owner::kCommand);
    restrict_tree(tree, step.access);
    if (is_named_by_user(step)) {
      const auto place = make_named_mount_point(step.target, S_ISDIR(status.st_mode), owner);
      attach_at(tree, place.get(), step.target);
    } else {
      make_mount_point(step.target, S_ISDIR(status.st_mode), owner);
      attach(tree, step.target);
    }
    if (step.target == kProgramsInside) programs_ = status;
    taken_.erase(found);
    const auto target = canonical(step.target);
    if (step.access == Access::kReadWrite) writable_.push_back(target);
    // A home at its own place is not a grant of what it hides.
    const bool is_home = step.source == options_.home ||
                         std::find(options_.other_homes.begin(), options_.other_homes.end(),
                                   step.source) != options_.other_homes.end();
    if (!is_home || step.source != step.target) {
      shown_.push_back({step.source, target, step.access});
    }
  }

  // The hidden paths of the home that no mount may name: all but those that the host itself mounts
  // something on, and those in a shown directory, where only a mount can hide them.
  [[nodiscard]] std::vector<std::string> unnamed() const {
    std::vector<std::string> paths;
    for (const auto& hidden : survey_.hidden.in_homes) {
      const auto excused = [&](const std::string& place) {
        return is_at_or_below(hidden.path, place) || is_at_or_below(place, hidden.path);
      };
      const bool shown = std::any_of(shown_.begin(), shown_.end(),
                                     [&](const Show& s) { return excused(s.target); });
      const auto& mounts = concealment_->host_mounts();
      const bool mounted = std::any_of(mounts.begin(), mounts.end(), [&](const Mount& mount) {
        return is_at_or_below(mount.mount_point, hidden.path);
      });
      if (!shown && !mounted) paths.push_back(hidden.path);
    }
    return paths;
  }

  const Options& options_;
  const std::vector<Step>& plan_;
  Survey survey_;
  std::optional<Concealment> concealment_;
  std::optional<TreeView> tree_;
  TakenDevices devices_;
  std::map<std::pair<std::string, std::string>, UniqueFd> taken_;  // by source and target
  std::vector<Show> shown_;
  std::vector<std::string> writable_;
  std::optional<struct stat> programs_;
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
