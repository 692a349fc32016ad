// The command line of awf, as words: what was asked, nothing judged yet but its shape.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace awf::supervisor {

enum class Action : std::uint8_t { kRun, kPlan, kHelp, kVersion };
enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };

struct Options {
  Action action = Action::kRun;
  LogLevel log_level = LogLevel::kInfo;
  bool enable_host_access = false;
  bool tty = false;
  bool add_masks = false;
  bool allow_git_config = false;
  bool timings = false;
  std::vector<std::string> allow_domains;  // each a comma-separated list
  std::vector<std::string> allow_domains_files;
  std::vector<std::string> block_domains;
  std::vector<std::string> block_domains_files;
  std::vector<std::string> dns_servers;  // "9.9.9.9", "fe80::1%eth0"
  std::optional<std::string> dns_over_https;
  std::optional<std::string> upstream_proxy;          // a URL or "none"
  std::vector<std::string> allow_private;             // CIDR ranges
  std::vector<std::string> allow_host_ports;          // "3000", "3000-3010"
  std::vector<std::string> allow_host_service_ports;  // "5432"
  std::vector<std::string> environment;               // NAME=VALUE
  std::vector<std::string> environment_files;
  std::vector<std::string> grants;  // names of variables, as the next two
  std::vector<std::string> secrets;
  std::vector<std::string> excluded_variables;
  bool forward_all = false;
  std::vector<std::string> mounts;  // host:container[:ro|rw]
  std::vector<std::string> hidden_paths;
  std::vector<std::string> shown_paths;
  std::vector<std::string> kept_paths;   // of the home
  std::optional<std::string> home_size;  // "512M"
  std::optional<std::string> home_mode;  // "rw"
  std::optional<std::string> working_directory;
  std::optional<std::chrono::seconds> time_limit;
  std::optional<std::string> proxy_logs_directory;
  std::optional<std::string> audit_directory;
  std::vector<std::string> max_tx;  // HOST=BYTES
  std::optional<std::string> max_tx_total;
  std::optional<std::string> min_tls;
  std::optional<std::string> memory_limit;  // "6g"
  std::optional<std::string> pids_limit;
  std::vector<std::string> command;  // as given after "--"; empty for help and version
};

// Throws Refusal: unknown option (with the nearest known one), stray word, missing command, a value
// of the wrong form.
Options parse_options(int argc, const char* const* argv);

std::string help_text();

}  // namespace awf::supervisor
