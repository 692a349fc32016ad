#include "redact/streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <string>
#include <thread>

#include "common/check.hpp"
#include "common/unique_fd.hpp"
#include "redact/defuser.hpp"
#include "redact/redactor.hpp"

namespace awf::redact {
namespace {

constexpr std::size_t kReadSize = 64UL << 10U;
constexpr int kPipeSize = 1 << 20;

bool wait_until_writable(int fd) {
  pollfd wanted{fd, POLLOUT, 0};
  const int ready = ::poll(&wanted, 1, -1);
  return ready >= 0 || errno == EINTR;
}

// False when nobody reads `out` any more: seen at once, not only by the next byte.
bool wait_for_input(int in, int out) {
  for (;;) {
    std::array<pollfd, 2> ends{pollfd{in, POLLIN, 0}, pollfd{out, 0, 0}};
    const int ready = ::poll(ends.data(), ends.size(), -1);
    if (ready < 0 && errno == EINTR) continue;
    check(ready, "waiting for the command's output");
    if ((ends[1].revents & (POLLERR | POLLNVAL)) != 0) return false;
    if (ends[0].revents != 0) return true;
  }
}

class Copy {
 public:
  Copy(const Matcher& matcher, Stream stream, bool defuse)
      : redactor_(matcher), defuse_(defuse), in_(stream.in), out_(stream.out) {}

  void run() {
    while (wait_for_input(in_.get(), out_)) {
      const ssize_t got = ::read(in_.get(), redactor_.room_for(kReadSize), kReadSize);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      check(got, "reading the command's output");
      clean_.clear();
      if (got == 0) {
        redactor_.finish(clean_);
        (void)write();
        return;
      }
      redactor_.put(static_cast<std::size_t>(got), clean_);
      if (!write()) return;
    }
  }

 private:
  // Redacted first, so that no backslash of ours comes to stand within a secret.
  bool write() {
    if (!defuse_) return write_to_reader(out_, clean_);
    defused_.clear();
    defuser_.feed(clean_, defused_);
    return write_to_reader(out_, defused_);
  }

  Redactor redactor_;
  Defuser defuser_;
  bool defuse_;
  UniqueFd in_;
  int out_;
  std::string clean_;
  std::string defused_;
};

}  // namespace

void enlarge_pipes(const std::vector<Stream>& streams) noexcept {
  for (const auto& stream : streams)
    (void)::fcntl(stream.in, F_SETPIPE_SZ, kPipeSize);  // a matter of speed alone
}

bool write_to_reader(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return false;
    } else if (errno == EAGAIN) {
      if (!wait_until_writable(fd)) throw_system_failure("waiting for the output's reader", errno);
    } else if (errno != EINTR) {
      throw_system_failure("writing the command's output", errno);
    }
  }
  return true;
}

void copy_streams(const Matcher& matcher, const std::vector<Stream>& streams, bool defuse) {
  std::vector<std::exception_ptr> failures(streams.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        Copy(matcher, streams[i], defuse).run();
      } catch (const std::exception&) {
        failures[i] = std::current_exception();
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace awf::redact
