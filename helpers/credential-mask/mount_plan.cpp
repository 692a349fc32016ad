#include "credential-mask/mount_plan.hpp"

#include <algorithm>
#include <array>

#include "common/check.hpp"
#include "common/text.hpp"
#include "credential-mask/mount_table.hpp"

namespace awf::mask {
namespace {

// Limits for what lies in memory. Percent are of the machine's memory (tmpfs(5)); the control group
// of the run limits the sum.
constexpr const char* kScratchSize = "50%";
constexpr const char* kSmallSize = "16m";

constexpr const char* kSharedDirectory = "/tmp/gh-aw";

Step take(const Show& show, const char* why) {
  Step step{Action::kTakeTree, show.target, show.source};
  step.why = why;
  return step;
}

Step put(const Show& show, const char* why) {
  Step step{Action::kShow, show.target, show.source, show.access};
  step.why = why;
  return step;
}

Step private_directory(const std::string& target, Owner owner, const char* mode, const char* why) {
  Step step{Action::kPrivate, target, ""};
  step.owner = owner;
  step.mode = mode;
  step.size = kScratchSize;
  step.why = why;
  return step;
}

Step plain(Action action, const char* target, const char* why) {
  Step step{action, target, ""};
  step.why = why;
  return step;
}

// A writable workspace at or above one of these would undo what was done to it.
void refuse_uncovering_workspace(const Options& options) {
  if (options.workspace.empty()) return;
  std::vector<std::string> kept = {"/tmp", "/var/tmp", "/run", "/dev",  "/proc",
                                   "/sys", "/etc",     "/usr", "/root", "/boot"};
  if (!options.home.empty() && options.home != "/") kept.push_back(options.home);
  kept.insert(kept.end(), options.other_homes.begin(), options.other_homes.end());
  if (!options.runner_temp.empty()) kept.push_back(options.runner_temp);
  for (const auto& path : kept) {
    if (is_at_or_below(path, options.workspace)) {
      throw Refusal("workspace " + quoted(options.workspace) + " contains " + path +
                    ", which the command must not change; work in a directory of its own");
    }
  }
}

// What is asked for by both options cannot be had.
void refuse_hiding_what_is_needed(const Options& options) {
  for (const auto& path : options.hidden) {
    for (const auto* needed : {&options.workspace, &options.home, &options.programs}) {
      if (needed->empty() || *needed == "/" || !is_at_or_below(*needed, path)) continue;
      throw Refusal("--hide " + quoted(path) + " holds " + quoted(*needed) +
                    ", which the command needs; name what lies in it");
    }
    for (const char* system : {"/bin", "/lib", "/usr", "/dev", "/proc", "/run"}) {
      if (is_at_or_below(system, path)) {
        throw Refusal("--hide " + quoted(path) + " holds " + system + "; nothing would run");
      }
    }
  }
}

// What the view itself is made of; a mount there would take the ground from under the chain.
void refuse_mounts_over_the_view(const std::vector<Show>& mounts) {
  for (const auto& mount : mounts) {
    const auto& target = mount.target;
    const bool is_one = target == "/" || target == "/dev" || target == "/run";
    const bool is_in_one = is_at_or_below(target, "/proc") || is_at_or_below(target, "/sys") ||
                           is_at_or_below(target, "/run/awf");
    if (!is_one && !is_in_one) continue;
    throw Refusal("--mount: " + quoted(target) +
                  " is AWF's own inside and cannot be mounted over; choose another target");
  }
}

void refuse_two_mounts_at_one_place(const std::vector<Show>& mounts) {
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (mounts[i].target == mounts[j].target) {
        throw Refusal("two --mount options have the target " + quoted(mounts[i].target));
      }
    }
  }
}

// Directories that are replaced by empty ones. Their order among each other and the other places is
// settled by add_places.
std::vector<Step> private_directories(const Options& options) {
  std::vector<Step> steps;
  steps.push_back(private_directory("/tmp", Owner::kCaller, "1777",
                                    "the files and sockets of others stay out"));
  steps.push_back(private_directory("/var/tmp", Owner::kCaller, "1777", "as /tmp"));
  steps.back().if_there = true;
  steps.push_back(private_directory("/run", Owner::kCaller, "0755",
                                    "no socket of Docker, containerd, D-Bus, snapd or systemd"));
  steps.back().size = kSmallSize;
  steps.push_back(private_directory("/var/run", Owner::kCaller, "0755",
                                    "as /run, where it is not a link to it"));
  steps.back().size = kSmallSize;
  steps.back().if_there = true;
  if (!options.runner_temp.empty()) {
    steps.push_back(private_directory(options.runner_temp, Owner::kCommand, "0755",
                                      "the runner's command files, scripts and tokens"));
  }
  return steps;
}

// Can an overlay stand at `home`? "/" is the home of daemons: its credentials are hidden one by
// one. A private directory is empty, and so has none.
bool can_have_view(const Options& options, const std::string& home) {
  const auto places = private_directories(options);
  return !home.empty() && home != "/" &&
         std::none_of(places.begin(), places.end(),
                      [&](const Step& place) { return place.target == home; });
}

// The homes that get one, the command's own first.
std::vector<std::string> viewed_homes(const Options& options) {
  std::vector<std::string> homes;
  if (!options.home_writable && can_have_view(options, options.home)) homes.push_back(options.home);
  for (const auto& home : options.other_homes) {
    if (can_have_view(options, home)) homes.push_back(home);
  }
  return homes;
}

bool is_shown_writable(const Options& options) {
  return options.home_writable && can_have_view(options, options.home);
}

// Everything that is attached before credentials are hidden, a parent before what lies below it:
// in this order a private /tmp never buries a workspace in /tmp, nor a home its workspace.
void add_places(std::vector<Step>& plan, const Options& options) {
  std::vector<Step> places = private_directories(options);
  for (const auto& home : viewed_homes(options)) {
    const bool own = home == options.home;
    places.push_back(put({home, home, own ? Access::kReadWrite : Access::kReadOnly},
                         own ? "the home, whose changes are forgotten afterwards"
                             : "another home of the same user"));
  }
  if (is_shown_writable(options)) {
    places.push_back(put({options.home, options.home, Access::kReadWrite},
                         "the home, whose changes last, as was asked for"));
  }
  if (!options.workspace.empty()) {
    places.push_back(put({options.workspace, options.workspace, Access::kReadWrite},
                         "the one place whose changes last"));
  }
  places.push_back(put({kSharedDirectory, kSharedDirectory, Access::kReadWrite},
                       "workflows hand files over here; its logs of MCP servers are hidden below"));
  places.back().if_there = true;
  places.push_back(
      plain(Action::kMakeDevices, "/dev", "no disk, no memory, no terminal of others"));
  std::stable_sort(places.begin(), places.end(),
                   [](const Step& a, const Step& b) { return a.target < b.target; });
  plan.insert(plan.end(), places.begin(), places.end());
}

// What the host must give while it can still be seen.
void add_taking(std::vector<Step>& plan, const Options& options) {
  plan.push_back(take({"/", "/"}, "as the host shows it, before anything of ours is mounted"));
  const char* why = "writable, before the host's tree becomes read-only and is covered";
  if (!options.workspace.empty()) plan.push_back(take({options.workspace, options.workspace}, why));
  if (is_shown_writable(options)) plan.push_back(take({options.home, options.home}, why));
  plan.push_back(take({kSharedDirectory, kSharedDirectory}, "before /tmp is covered"));
  plan.back().if_there = true;
  for (const auto& mount : options.mounts) {
    plan.push_back(take(mount, "before its place on the host is covered"));
  }
  if (!options.programs.empty()) {
    plan.push_back(take({options.programs, kProgramsInside}, "it may lie in a hidden place"));
  }
  plan.push_back(plain(Action::kTakeDevices, "/dev", "devices do not work in a copy with nodev"));
}

const char* verb(const Step& step) {
  switch (step.action) {
    case Action::kEnterNamespace:
      return "enter a mount namespace of its own";
    case Action::kTakeTree:
      return "take";
    case Action::kTakeDevices:
      return "take the devices of";
    case Action::kMakeHome:
      return "lay an overlay without credentials over";
    case Action::kChangeRoot:
      return "make the host's tree read-only and the root:";
    case Action::kViewTree:
      return "lay overlays without credentials over all below";
    case Action::kPrivate:
      return "empty";
    case Action::kMakeDevices:
      return "make a minimal";
    case Action::kShow:
      return step.access == Access::kReadWrite ? "show read-write" : "show read-only";
    case Action::kNameService:
      return "replace the name service files in";
    case Action::kHide:
      return "hide credentials and sockets under every path that shows them";
    case Action::kGit:
      return "show git configurations without credentials and, with the hooks, read-only";
    case Action::kSeal:
      return "make read-only";
  }
  return "";
}

}  // namespace

std::vector<Step> make_plan(const Options& options) {
  refuse_uncovering_workspace(options);
  refuse_two_mounts_at_one_place(options.mounts);
  refuse_mounts_over_the_view(options.mounts);
  refuse_hiding_what_is_needed(options);
  std::vector<Step> plan;
  plan.push_back(plain(Action::kEnterNamespace, "", "nothing that follows is seen by the host"));
  add_taking(plan, options);
  for (const auto& home : viewed_homes(options)) {
    Step step = plain(Action::kMakeHome, "", "its lower layer must be the host's own directory");
    step.target = step.source = home;
    step.size = options.home_size ? std::to_string(*options.home_size) : kScratchSize;
    plan.push_back(step);
  }
  plan.push_back(plain(Action::kChangeRoot, "/", "the old root is let go: nothing leads back"));
  plan.back().source = "/";
  plan.push_back(plain(Action::kViewTree, "/", "no socket, pipe or lock in it is the host's"));
  add_places(plan, options);
  plan.push_back(plain(Action::kNameService, "/etc", "no lookup goes to a daemon of the host"));
  if (!options.programs.empty()) {
    plan.push_back(put({options.programs, kProgramsInside, Access::kReadOnly},
                       "the next programs of the chain"));
  }
  for (const auto& mount : options.mounts)
    plan.push_back(put(mount, "asked for by --mount"));
  // After everything that shows files, so that no later mount can show a hidden one again.
  plan.push_back(plain(Action::kHide, "", "last, so that nothing uncovers them"));
  plan.push_back(plain(Action::kGit, "", "git runs what they name outside as well"));
  for (const char* target : {"/run", "/dev"}) {
    plan.push_back(plain(Action::kSeal, target, "now that all mount points in it exist"));
  }
  return plan;
}

std::vector<std::string> homes_with_views(const std::vector<Step>& plan) {
  std::vector<std::string> homes;
  for (const auto& step : plan) {
    if (step.action == Action::kMakeHome) homes.push_back(step.target);
  }
  return homes;
}

std::string shown(const std::vector<Step>& plan) {
  std::string text;
  std::size_t number = 0;
  for (const auto& step : plan) {
    text += std::to_string(++number) + ". " + verb(step);
    if (!step.source.empty() && step.source != step.target) text += " " + step.source + " at";
    if (!step.target.empty()) text += " " + step.target;
    if (step.if_there) text += " (if it is there)";
    text += std::string(": ") + step.why + "\n";
  }
  return text;
}

}  // namespace awf::mask
