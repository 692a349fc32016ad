#include "awf/runner_places.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "policy/credential_paths.hpp"

namespace fs = std::filesystem;

namespace awf::supervisor {
namespace {

bool is_there(const fs::path& path) {
  std::error_code unreadable;  // then it is not known to be there
  return fs::exists(fs::symlink_status(path, unreadable));
}

bool has_directory_at(const fs::path& path) {
  std::error_code unreadable;
  return fs::is_directory(path, unreadable);
}

void add_once(std::vector<fs::path>& paths, const fs::path& path) {
  std::error_code missing;
  const fs::path real = fs::canonical(path, missing);
  if (missing || real == "/") return;
  if (std::find(paths.begin(), paths.end(), real) == paths.end()) paths.push_back(real);
}

// Strictly: what lies in a checkout is the checkout's own.
std::vector<fs::path> directories_above(const fs::path& start) {
  std::vector<fs::path> above;
  for (fs::path path = start.parent_path(); path != path.root_path(); path = path.parent_path())
    above.push_back(path);
  return above;
}

// ".../_work": what the runner makes in it tells it (spec of its TempDirectoryManager and
// ActionManager).
bool is_work_directory(const fs::path& path) {
  constexpr std::array<const char*, 4> kMarks = {"_temp", "_actions", "_tool", "_PipelineMapping"};
  return std::count_if(kMarks.begin(), kMarks.end(),
                       [&](const char* mark) { return has_directory_at(path / mark); }) >= 2;
}

bool is_runner_root(const fs::path& path) {
  return is_there(path / ".runner") || is_there(path / ".credentials") ||
         (has_directory_at(path / "_diag") && has_directory_at(path / "bin")) ||
         is_there(path / "bin" / "Runner.Listener");
}

std::vector<fs::path> work_directories(const GetVariable& variable, const std::string& start) {
  std::vector<fs::path> found;
  const auto add_above = [&](const char* name, std::string_view last) {
    const auto value = variable(name);
    if (!value || value->empty() || value->front() != '/') return;
    const fs::path path = fs::path(*value).lexically_normal();
    if (last.empty() || path.filename() == last) add_once(found, path.parent_path());
  };
  add_above("RUNNER_TEMP", "_temp");
  add_above("RUNNER_TOOL_CACHE", "_tool");
  add_above("AGENT_TOOLSDIRECTORY", "_tool");
  for (const char* name : {"RUNNER_WORKSPACE", "GITHUB_WORKSPACE", "GITHUB_ACTION_PATH"}) {
    const auto value = variable(name);
    if (!value || value->empty() || value->front() != '/') continue;
    for (const auto& path : directories_above(fs::path(*value).lexically_normal())) {
      if (is_work_directory(path)) add_once(found, path);
    }
  }
  for (const auto& path : directories_above(start)) {
    if (is_work_directory(path)) add_once(found, path);
  }
  return found;
}

std::vector<fs::path> runner_roots(const std::vector<fs::path>& work, const std::string& start,
                                   const std::vector<std::string>& ancestors) {
  std::vector<fs::path> roots;
  const auto consider = [&](const fs::path& path) {
    if (is_runner_root(path)) add_once(roots, path);
  };
  for (const auto& directory : work)
    consider(directory.parent_path());
  for (const auto& path : directories_above(start))
    consider(path);
  for (const fs::path program : ancestors) {
    const auto name = program.filename();
    if (name == "Runner.Worker" || name == "Runner.Listener") {
      consider(program.parent_path().parent_path());
    }
  }
  return roots;
}

}  // namespace

RunnerPlaces find_runner_places(const GetVariable& variable, const std::string& start,
                                const std::vector<std::string>& ancestors) {
  RunnerPlaces places;
  if (const auto named = variable("RUNNER_TEMP"); named && !named->empty()) {
    std::error_code error;
    const fs::path real = fs::canonical(*named, error);
    if (error) throw Refusal("RUNNER_TEMP " + quoted(*named) + ": " + error.message());
    if (!has_directory_at(real))
      throw Refusal("RUNNER_TEMP " + quoted(*named) + " is no directory");
    places.temp = real.string();
  }
  const auto work = work_directories(variable, start);
  for (const auto& directory : work) {
    std::error_code missing;
    const fs::path temp = fs::canonical(directory / "_temp", missing);
    if (missing || temp == places.temp || !has_directory_at(temp)) continue;
    if (places.temp) {
      places.hidden.push_back(temp.string());
    } else {
      places.temp = temp.string();
    }
  }
  for (const auto& root : runner_roots(work, start, ancestors)) {
    for (const auto name : policy::runner_credentials())
      places.hidden.push_back((root / name).string());
  }
  return places;
}

std::vector<std::string> executables_above() {
  constexpr int kMostLevels = 64;
  constexpr std::size_t kSmallFile = 4096;
  std::vector<std::string> executables;
  pid_t pid = ::getppid();
  for (int level = 0; level < kMostLevels && pid > 0; ++level) {
    const std::string process = "/proc/" + std::to_string(pid);
    std::error_code not_ours;  // another user's process
    const auto program = fs::read_symlink(process + "/exe", not_ours);
    if (!not_ours) executables.push_back(program.string());
    const auto status = read_file_if_there(process + "/stat", kSmallFile);
    if (!status) break;
    // proc(5): "pid (name) state ppid …"; the name may hold anything, a parenthesis too.
    const auto fields = split(std::string_view(*status).substr(status->rfind(')') + 1), ' ');
    const auto parent = fields.size() > 2 ? parse_number<unsigned>(fields[2]) : std::nullopt;
    if (!parent) break;
    pid = static_cast<pid_t>(*parent);
  }
  return executables;
}

}  // namespace awf::supervisor
