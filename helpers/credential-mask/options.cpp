#include "credential-mask/options.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/text.hpp"

namespace po = boost::program_options;

namespace awf::mask {
namespace {

using Words = std::vector<std::string>;

po::options_description description() {
  po::options_description all("Options");
  auto add = all.add_options();
  add("programs", po::value<std::string>(), "DIR with AWF's programs, shown at /run/awf/bin");
  add("home", po::value<std::string>(), "the command's home: shown without credentials");
  add("other-home", po::value<Words>(), "DIR, another home: shown so too, read-only; repeatable");
  add("home-size", po::value<std::string>(), "BYTES that the command may write into its home");
  add("home-writable", "changes in the home last; the mount table names what is hidden in it");
  add("relocated", po::value<Words>(),
      "PREFIX=DIR, used in place of PREFIX of the home; repeatable");
  add("workspace", po::value<std::string>(), "DIR that the command may change");
  add("workdir", po::value<std::string>(), "where the command starts (default: the workspace)");
  add("runner-temp", po::value<std::string>(), "DIR to be replaced by an empty one");
  add("mount", po::value<Words>(), "SOURCE:TARGET[:ro|rw], repeatable");
  add("hide", po::value<Words>(), "PATH to be hidden as well, repeatable");
  add("hide-known", po::value<Words>(), "PATH to be hidden like the catalogue's, never an error");
  add("allow-git-config", "git's configuration and hooks may be changed");
  add("uid", po::value<std::string>(), "owner of the private directories (default: the caller)");
  add("gid", po::value<std::string>(), "their group");
  add("print-plan", "print what would be done, in order, and do nothing");
  add("verbose", "say on stderr how many paths are hidden");
  add("help", "print this");
  return all;
}

// Paths are compared and re-rooted as text, so there must be one way to write each.
std::string checked_path(const std::string& option, const std::string& path) {
  if (path.empty() || path.front() != '/') {
    throw Refusal("--" + option + " " + quoted(path) + " is not an absolute path");
  }
  std::string clean;
  for (const auto part : split(path, '/')) {
    if (part == "..") throw Refusal("--" + option + " " + quoted(path) + " contains \"..\"");
    if (!part.empty() && part != ".") clean += "/" + std::string(part);
  }
  if (clean.find('\0') != std::string::npos) throw Refusal("--" + option + ": a path with NUL");
  return clean.empty() ? "/" : clean;
}

std::string path_of(const po::variables_map& values, const char* option) {
  if (values.count(option) == 0) return {};
  return checked_path(option, values[option].as<std::string>());
}

Words words_of(const po::variables_map& values, const char* option) {
  return values.count(option) == 0 ? Words{} : values[option].as<Words>();
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : std::string();
}

std::string required(const std::string& option, const std::string& path) {
  if (path.empty()) return path;
  auto real = real_path(path);
  if (real.empty()) throw Refusal("--" + option + " " + quoted(path) + " does not exist");
  return real;
}

void refuse_file(const std::string& option, const std::string& path) {
  struct stat status {};
  if (path.empty()) return;
  check(::stat(path.c_str(), &status), "looking at " + path);
  if (!S_ISDIR(status.st_mode)) {
    throw Refusal("--" + option + " " + quoted(path) + " is not a directory");
  }
}

}  // namespace

std::string help_text() {
  std::string text =
      "awf-mask-credentials [options] -- COMMAND [ARGS...]\n\n"
      "Gives COMMAND a view of the file system without credentials, and runs it there.\n\n";
  const auto all = description();
  for (const auto& option : all.options()) {
    std::string name = "  --" + option->long_name();
    name.resize(std::max<std::size_t>(name.size(), 18), ' ');
    text += name + option->description() + "\n";
  }
  return text;
}

Show parse_mount(const std::string& value) {
  const auto parts = split(value, ':');
  const bool mode_given = parts.size() == 3;
  if (parts.size() < 2 || parts.size() > 3 ||
      (mode_given && parts[2] != "ro" && parts[2] != "rw")) {
    throw Refusal("--mount " + quoted(value) + " is not SOURCE:TARGET[:ro|rw]");
  }
  const bool read_only = mode_given && parts[2] == "ro";
  return {checked_path("mount", std::string(parts[0])),
          checked_path("mount", std::string(parts[1])),
          read_only ? Access::kReadOnly : Access::kReadWrite};
}

namespace {

Relocation parse_relocation(const std::string& value) {
  const auto equals = value.find('=');
  if (equals == 0 || equals == std::string::npos || value.front() == '/') {
    throw Refusal("--relocated " + quoted(value) + " is not PREFIX=DIR");
  }
  return {value.substr(0, equals), checked_path("relocated", value.substr(equals + 1))};
}

void fill_home(Options& options, const po::variables_map& values) {
  options.home = path_of(values, "home");
  for (const auto& word : words_of(values, "other-home"))
    options.other_homes.push_back(checked_path("other-home", word));
  if (values.count("home-size") != 0) {
    constexpr unsigned long kMost = 1UL << 50U;
    options.home_size =
        cli::number_in("home-size", values["home-size"].as<std::string>(), 1, kMost);
  }
  options.home_writable = values.count("home-writable") != 0;
  for (const auto& word : words_of(values, "relocated"))
    options.relocations.push_back(parse_relocation(word));
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv) {
  const auto words = cli::split_arguments(argc, argv);
  const auto values = cli::parse(words.options, description());
  if (values.count("help") != 0) {
    (void)std::fputs(help_text().c_str(), stdout);
    return std::nullopt;
  }
  Options options;
  options.programs = path_of(values, "programs");
  fill_home(options, values);
  options.workspace = path_of(values, "workspace");
  options.workdir = path_of(values, "workdir");
  options.runner_temp = path_of(values, "runner-temp");
  for (const auto& word : words_of(values, "mount"))
    options.mounts.push_back(parse_mount(word));
  for (const auto& word : words_of(values, "hide")) {
    options.hidden.push_back(checked_path("hide", word));
  }
  for (const auto& word : words_of(values, "hide-known"))
    options.known_hidden.push_back(checked_path("hide-known", word));
  constexpr unsigned long kMostId = 0xfffffffeUL;  // the last id means "no id" (chown(2))
  const auto id = [&](const char* option, unsigned caller) {
    if (values.count(option) == 0) return caller;
    return static_cast<unsigned>(
        cli::number_in(option, values[option].as<std::string>(), 0, kMostId));
  };
  options.uid = id("uid", ::geteuid());
  options.gid = id("gid", ::getegid());
  options.allow_git_config = values.count("allow-git-config") != 0;
  options.print_plan = values.count("print-plan") != 0;
  options.verbose = values.count("verbose") != 0;
  options.command = words.command.value_or(Words{});
  if (options.command.empty() && !options.print_plan) {
    throw Refusal("no command: awf-mask-credentials [options] -- COMMAND [ARGS...]");
  }
  return options;
}

namespace {

// Each home once, and the command's own not among the others.
void resolve_other_homes(Options& options) {
  std::vector<std::string> homes;
  for (const auto& home : options.other_homes) {
    auto real = real_path(home);
    const bool known =
        real == options.home || std::find(homes.begin(), homes.end(), real) != homes.end();
    if (real.empty() || known) continue;
    refuse_file("other-home", real);
    homes.push_back(std::move(real));
  }
  options.other_homes = std::move(homes);
}

}  // namespace

Options resolved_on_host(Options options) {
  options.programs = required("programs", options.programs);
  options.workspace = required("workspace", options.workspace);
  options.runner_temp = required("runner-temp", options.runner_temp);
  for (auto& mount : options.mounts)
    mount.source = required("mount", mount.source);
  if (!options.home.empty()) options.home = real_path(options.home);
  resolve_other_homes(options);
  for (auto& relocation : options.relocations)
    relocation.directory = real_path(relocation.directory);
  options.relocations.erase(
      std::remove_if(options.relocations.begin(), options.relocations.end(),
                     [](const Relocation& relocation) { return relocation.directory.empty(); }),
      options.relocations.end());
  refuse_file("programs", options.programs);
  refuse_file("workspace", options.workspace);
  refuse_file("runner-temp", options.runner_temp);
  refuse_file("home", options.home);
  return options;
}

}  // namespace awf::mask
