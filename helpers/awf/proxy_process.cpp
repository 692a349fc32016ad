#include "awf/proxy_process.hpp"

#include <spdlog/spdlog.h>
#include <sys/mman.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "common/check.hpp"
#include "common/file.hpp"

namespace awf::supervisor {
namespace {

constexpr std::chrono::milliseconds kFinishLimit{3000};
// A proxy that dies this often is being killed on purpose; without it everything stays shut.
constexpr int kMaxRestarts = 5;

}  // namespace

// Sanitizer builds read their options from theirs.
std::vector<std::string> service_environment() {
  std::vector<std::string> environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
  for (const auto* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = ::getenv(name)) {
      environment.push_back(std::string(name) + "=" + value);
    }
  }
  return environment;
}

ProxyProcess::ProxyProcess(const Plan& plan, const RunLogs& logs)
    : plan_(plan),
      logs_(logs),
      mapped_names_(check(::memfd_create("awf-mapped-names", MFD_CLOEXEC),
                          "making a file for the mapped names")) {}

void ProxyProcess::start() {
  auto [ours, theirs] = MessageChannel::make_pair();
  const UniqueFd policy = make_sealed_file("awf-policy", plan_.policy_json);
  process_.emplace(Child::spawn({.program = plan_.egress_proxy.front(),
                                 .argv = plan_.egress_proxy,
                                 .environment = service_environment(),
                                 .fds = {{proxy_fd::kControl, theirs.fd()},
                                         {proxy_fd::kPolicy, policy.get()},
                                         {proxy_fd::kAudit, logs_.audit_fd()},
                                         {proxy_fd::kAccessLog, logs_.access_log_fd()},
                                         {proxy_fd::kMappedNames, mapped_names_.get()}},
                                 .new_session = true}));
  channel_.emplace(std::move(ours));
}

void ProxyProcess::serve(std::vector<UniqueFd> sockets) {
  sockets_ = std::move(sockets);
  send_sockets();
}

void ProxyProcess::send_sockets() const {
  std::vector<int> borrowed;
  for (const auto& socket : sockets_)
    borrowed.push_back(socket.get());
  try {
    channel_->send("listeners", borrowed);
  } catch (const SystemFailure& failure) {
    // It may be killed as soon as it runs; its end is the next thing that is received.
    if (failure.error_number() != EPIPE) throw;
  }
}

void ProxyProcess::tell(std::string_view text) const {
  if (!channel_) return;
  try {
    channel_->send(text);
  } catch (const SystemFailure& failure) {
    spdlog::debug("telling the egress proxy {}: {}", text, failure.what());
  }
}

int ProxyProcess::ended() {
  channel_.reset();
  return process_->wait();
}

bool ProxyProcess::restart() {
  if (restarts_++ >= kMaxRestarts) {
    sockets_.clear();
    return false;
  }
  start();
  send_sockets();
  return true;
}

void ProxyProcess::finish() {
  if (!channel_) return;
  try {
    channel_->send("finish");
    while (const auto message = channel_->receive(kFinishLimit)) {
      if (message->text == "finished") break;
    }
  } catch (const SystemFailure& failure) {
    spdlog::warn("the egress proxy did not finish its logs ({}); the last records may be missing",
                 failure.what());
  }
}

}  // namespace awf::supervisor
