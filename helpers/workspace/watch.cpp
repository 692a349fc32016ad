#include "workspace/watch.hpp"

#include <poll.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "workspace/redirection.hpp"
#include "workspace/report.hpp"
#include "workspace/secret_scan.hpp"
#include "workspace/snapshot.hpp"

namespace awf::workspace {
namespace {

using std::chrono::milliseconds;

// Beside the command a fifth of one processor at most. A lower priority would do as well, but could
// not be given back for the end, when somebody waits for us (RLIMIT_NICE).
constexpr milliseconds kWork{2};
constexpr milliseconds kRest{8};
// Processor time, so that a machine that stands still takes nothing away.
constexpr milliseconds kMostTime{3000};
constexpr milliseconds kMostTimeAtEnd{300};

milliseconds processor_time() {
  timespec used{};
  check(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used), "reading the processor time");
  return milliseconds(used.tv_sec * 1000L + used.tv_nsec / 1000000L);
}

// False when it has nothing more to do.
bool work_on(SecretScan& scan, milliseconds until) {
  while (processor_time() < until) {
    if (!scan.advance()) return false;
  }
  return true;
}

// True for "finish", false when the supervisor is gone.
bool wait_for_finish(const MessageChannel& supervisor, SecretScan* scan) {
  bool scanning = scan != nullptr;
  for (;;) {
    pollfd waited{supervisor.fd(), POLLIN, 0};
    const int limit = scanning ? static_cast<int>(kRest.count()) : -1;
    const int ready = ::poll(&waited, 1, limit);
    if (ready < 0 && errno == EINTR) continue;
    check(ready, "waiting for the supervisor");
    if (ready > 0) {
      const auto message = supervisor.receive();
      if (!message) return false;
      if (message->text == "finish") return true;
      throw Refusal("unexpected message " + quoted(message->text) + " from the supervisor");
    }
    const auto now = processor_time();
    scanning = scan != nullptr && now < kMostTime && work_on(*scan, now + kWork);
  }
}

void write_report(int fd, const std::string& text) {
  check(::ftruncate(fd, 0), "emptying workspace.json");
  check(::lseek(fd, 0, SEEK_SET), "rewinding workspace.json");
  write_all(fd, text, "writing workspace.json");
}

}  // namespace

void watch(const Options& options, int top, const MessageChannel& supervisor) {
  const Snapshot before = take_snapshot(top, options.directory);
  if (options.report_fd) write_report(*options.report_fd, unfinished_json(options.directory));
  supervisor.send("ready");
  std::optional<SecretScan> scan;
  if (options.report_fd) scan.emplace(top);
  SecretScan* scanning = scan ? &*scan : nullptr;
  if (!wait_for_finish(supervisor, scanning)) return;
  const Snapshot after = take_snapshot(top, options.directory);
  Findings findings{options.directory, before.complete && after.complete,
                    changes_between(before, after)};
  remove_redirections(top, findings.changes);
  if (scanning != nullptr) (void)work_on(*scanning, processor_time() + kMostTimeAtEnd);
  if (options.report_fd) write_report(*options.report_fd, as_json(findings, scanning));
  supervisor.send(as_message(findings, scanning));
}

}  // namespace awf::workspace
