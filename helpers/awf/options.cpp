#include "awf/options.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <sstream>

#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/text.hpp"

namespace po = boost::program_options;

namespace awf::supervisor {
namespace {

using Strings = std::vector<std::string>;

constexpr const char* kDohOption = "--dns-over-https";
constexpr const char* kDefaultDohUrl = "https://dns.google/dns-query";

po::options_description describe_options() {
  po::options_description all("Options");
  auto add = all.add_options();
  const auto list = [] { return po::value<Strings>(); };
  const auto word = [] { return po::value<std::string>(); };
  add("allow-domains,d", list()->value_name("LIST"),
      "domains the command may reach, separated by commas; none = no network at all");
  add("allow-domains-file", list()->value_name("FILE"),
      "the same, a line or comma each, # comments");
  add("block-domains", list()->value_name("LIST"),
      "domains that stay closed; wins over every allow");
  add("block-domains-file", list()->value_name("FILE"), "the same from a file");
  add("dns-servers", list()->value_name("LIST"), "resolvers to ask instead of the machine's own");
  add("dns-over-https", word()->implicit_value(kDefaultDohUrl)->value_name("[URL]"),
      "look names up by DNS over HTTPS; without URL at dns.google");
  add("upstream-proxy", word()->value_name("URL"),
      "http:// proxy to leave through; default: https_proxy; none = no proxy");
  add("allow-private-addresses", list()->value_name("CIDRS"),
      "private ranges that allowed names may resolve to");
  add("enable-host-access",
      "lets the command reach ports of this machine's loopback that are "
      "named, as host.docker.internal");
  add("allow-host-ports", list()->value_name("PORTS"),
      "these ports of it, 3000 or 3000-3010, but none of a shell, mail or database service");
  add("allow-host-service-ports", list()->value_name("PORTS"),
      "these ports of it, whatever serves there; switches host access on");
  add("max-tx", list()->value_name("HOST=BYTES"),
      "how much may be sent to a host and its subdomains (K, M, G); repeatable");
  add("max-tx-total", word()->value_name("BYTES"), "how much may be sent to all hosts together");
  add("min-tls", word()->value_name("VERSION"),
      "1.2 or 1.3: refuse TLS clients that offer nothing so new");
  add("env,e", list()->value_name("NAME=VALUE"), "a variable for the command; repeatable");
  add("env-file", list()->value_name("FILE"),
      "variables from a file, a NAME=VALUE line each, # comments; repeatable");
  add("env-all", "every variable of the caller but secrets, instead of those on the list");
  add("exclude-env", list()->value_name("NAME"),
      "a variable the command must not get, whoever asks for it; repeatable");
  add("secret", list()->value_name("NAME"),
      "this variable holds a secret, though its name does not say so; repeatable");
  add("grant", list()->value_name("NAME"),
      "lets this secret variable through, guarded by the preload library; repeatable");
  add("mount,v", list()->value_name("HOST:INSIDE[:ro|rw]"),
      "a further directory or file for the command; rw unless said; repeatable");
  add("hide", list()->value_name("PATH"), "a further path the command must not see; repeatable");
  add("show", list()->value_name("PATH"),
      "lets the command read this credential, which would be hidden; repeatable");
  add("keep-home", list()->value_name("PATH"),
      "a part of the home whose changes last, the rest being forgotten; repeatable");
  add("home-size", word()->value_name("SIZE"),
      "how much the command may write into its home (K, M, G); default: half the memory");
  add("home", word()->value_name("rw"), "rw: all changes in the home last");
  add("allow-git-config", "the command may change git's configuration and hooks in the workspace");
  add("container-workdir", word()->value_name("DIR"), "the command's working directory");
  add("agent-timeout", word()->value_name("TIME"),
      "ends the command after TIME minutes (or 90s, 2h); exit code 124");
  add("memory-limit", word()->value_name("SIZE"),
      "how much memory the command may have in all (512M, 6g)");
  add("pids-limit", word()->value_name("N"),
      "how many processes and threads it may have at a time; default 4096");
  add("log-level", word()->value_name("LEVEL"), "debug, info (default), warn or error");
  add("proxy-logs-dir", word()->value_name("DIR"), "keep access.log there (and audit.jsonl)");
  add("audit-dir", word()->value_name("DIR"), "keep audit.jsonl there (and access.log)");
  add("add-masks", "GitHub's runner itself reads the output: tell it every secret to mask");
  add("tty", "give the command a terminal of its own");
  add("timings", "with plan: run the sandbox around /bin/true and say what each step costs");
  add("help,h", "this text");
  add("version,V", "the version");
  return all;
}

// Values of a repeatable option whose single values are comma-separated lists. An empty piece is an
// error of the caller: "a,,b" may hide a variable that was not set.
Strings pieces_of(const po::variables_map& values, const std::string& option) {
  Strings pieces;
  if (values.count(option) == 0) return pieces;
  for (const auto& value : values[option].as<Strings>()) {
    for (const auto piece : split(value, ',')) {
      const auto text = trimmed(piece);
      if (text.empty()) {
        throw Refusal("--" + option + " " + quoted(value) + " has an empty entry; remove it");
      }
      pieces.emplace_back(text);
    }
  }
  return pieces;
}

Strings strings_of(const po::variables_map& values, const std::string& option) {
  return values.count(option) == 0 ? Strings{} : values[option].as<Strings>();
}

std::optional<std::string> string_of(const po::variables_map& values, const std::string& option) {
  if (values.count(option) == 0) return std::nullopt;
  auto value = values[option].as<std::string>();
  if (value.empty()) throw Refusal("--" + option + " is empty; give a value or leave it out");
  return value;
}

// "15" is minutes, as in workflows written for other tools; "90s", "15m" and "2h" say their unit.
std::chrono::seconds parse_time_limit(const std::string& text) {
  constexpr std::uint64_t kMostSeconds = 7UL * 24 * 3600;
  std::string_view digits = text;
  std::uint64_t unit = 60;
  if (!digits.empty()) {
    const char last = digits.back();
    if (last == 's') unit = 1;
    if (last == 'h') unit = 3600;
    if (last == 's' || last == 'm' || last == 'h') digits.remove_suffix(1);
  }
  const auto number = parse_number<std::uint64_t>(digits);
  if (!number || *number == 0 || *number > kMostSeconds / unit) {
    throw Refusal("--agent-timeout " + quoted(text) +
                  " is not a time from 1s to 7 days; write minutes (15) or 90s, 15m, 2h");
  }
  return std::chrono::seconds(*number * unit);
}

LogLevel parse_log_level(const std::string& text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warn") return LogLevel::kWarn;
  if (text == "error") return LogLevel::kError;
  throw Refusal("--log-level " + quoted(text) + " is none of debug, info, warn, error");
}

Action take_action(Strings& words) {
  if (words.empty() || words.front().empty() || words.front().front() == '-') return Action::kRun;
  const std::string word = words.front();
  if (word != "run" && word != "plan") {
    throw Refusal("stray word " + quoted(word) +
                  "; write: awf [run|plan] [options] -- COMMAND (the command comes after \"--\")");
  }
  words.erase(words.begin());
  return word == "plan" ? Action::kPlan : Action::kRun;
}

// The URL of --dns-over-https may follow as a word of its own or be left out; Program_options knows
// the one or the other. No other word can stand there.
void join_doh_url(Strings& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != kDohOption || words[i + 1].substr(0, 1) == "-") continue;
    words[i] += "=" + words[i + 1];
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

void fill_values(Options& options, const po::variables_map& values) {
  options.allow_domains = strings_of(values, "allow-domains");
  options.allow_domains_files = strings_of(values, "allow-domains-file");
  options.block_domains = strings_of(values, "block-domains");
  options.block_domains_files = strings_of(values, "block-domains-file");
  options.dns_servers = pieces_of(values, "dns-servers");
  options.allow_private = pieces_of(values, "allow-private-addresses");
  options.enable_host_access = values.count("enable-host-access") != 0;
  options.allow_host_ports = pieces_of(values, "allow-host-ports");
  options.allow_host_service_ports = pieces_of(values, "allow-host-service-ports");
  options.dns_over_https = string_of(values, "dns-over-https");
  options.upstream_proxy = string_of(values, "upstream-proxy");
  options.environment = strings_of(values, "env");
  options.environment_files = strings_of(values, "env-file");
  options.forward_all = values.count("env-all") != 0;
  options.excluded_variables = pieces_of(values, "exclude-env");
  options.secrets = pieces_of(values, "secret");
  options.grants = pieces_of(values, "grant");
  options.mounts = strings_of(values, "mount");
  options.hidden_paths = strings_of(values, "hide");
  options.shown_paths = strings_of(values, "show");
  options.kept_paths = strings_of(values, "keep-home");
  options.home_size = string_of(values, "home-size");
  options.home_mode = string_of(values, "home");
  options.working_directory = string_of(values, "container-workdir");
  options.proxy_logs_directory = string_of(values, "proxy-logs-dir");
  options.audit_directory = string_of(values, "audit-dir");
  options.tty = values.count("tty") != 0;
  options.max_tx = strings_of(values, "max-tx");
  options.max_tx_total = string_of(values, "max-tx-total");
  options.min_tls = string_of(values, "min-tls");
  options.memory_limit = string_of(values, "memory-limit");
  options.pids_limit = string_of(values, "pids-limit");
  options.allow_git_config = values.count("allow-git-config") != 0;
  options.add_masks = values.count("add-masks") != 0;
  options.timings = values.count("timings") != 0;
  if (options.timings && options.action != Action::kPlan) {
    throw Refusal("--timings belongs to plan; write: awf plan --timings [options] -- COMMAND");
  }
  if (const auto limit = string_of(values, "agent-timeout")) {
    options.time_limit = parse_time_limit(*limit);
  }
  if (const auto level = string_of(values, "log-level")) {
    options.log_level = parse_log_level(*level);
  }
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  auto arguments = cli::split_arguments(argc, argv);
  Options options;
  options.action = take_action(arguments.options);
  join_doh_url(arguments.options);
  const auto values = cli::parse(arguments.options, describe_options());
  if (values.count("help") != 0) options.action = Action::kHelp;
  if (values.count("version") != 0) options.action = Action::kVersion;
  if (options.action == Action::kHelp || options.action == Action::kVersion) return options;
  fill_values(options, values);
  if (!arguments.command || arguments.command->empty() || arguments.command->front().empty()) {
    throw Refusal("no command; write: awf [options] -- COMMAND [ARGUMENTS]");
  }
  options.command = *arguments.command;
  return options;
}

std::string help_text() {
  std::ostringstream text;
  text << "Usage: awf [run] [options] -- COMMAND [ARGUMENTS]\n"
          "       awf plan  [options] -- COMMAND [ARGUMENTS]   print what run would do\n\n"
          "Runs COMMAND so that it reaches only the domains that are allowed. One word after "
          "\"--\"\n"
          "is a line for bash, several are a program and its arguments.\n\n"
       << describe_options()
       << "\nExit codes: the command's own; 124 time limit; 125 AWF refused or failed, nothing "
          "ran;\n"
          "126 not executable; 127 not found; 128+N ended by signal N.\n";
  return text.str();
}

}  // namespace awf::supervisor
