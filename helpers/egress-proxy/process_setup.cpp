#include "egress-proxy/process_setup.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <csignal>

#include "common/check.hpp"

namespace awf::egress {

void ignore_signals() {
  // signal(2) fails for numbers that are none, only.
  for (const int number : {SIGPIPE, SIGINT, SIGHUP})
    (void)std::signal(number, SIG_IGN);
}

void raise_descriptor_limit() {
  rlimit limit{};
  check(::getrlimit(RLIMIT_NOFILE, &limit), "reading the descriptor limit");
  limit.rlim_cur = limit.rlim_max;
  check(::setrlimit(RLIMIT_NOFILE, &limit), "raising the descriptor limit");
}

void start_logging(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_logger_st("awf-egress-proxy"));
  spdlog::set_pattern("%n: [%l] %v");
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace awf::egress
