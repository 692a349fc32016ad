#include "awf/input_relay.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "common/check.hpp"

namespace awf::supervisor {

InputRelay InputRelay::start() {
  struct stat status {};
  check(::fstat(STDIN_FILENO, &status), "looking at standard input");
  std::optional<std::int64_t> offset;
  if (S_ISREG(status.st_mode)) {
    offset = check(::lseek(STDIN_FILENO, 0, SEEK_CUR), "asking for standard input's position");
  }
  Pipe pipe = make_pipe();
  // The command's end stays as programs expect their input to be.
  check(::fcntl(pipe.write_end.get(), F_SETFL, O_WRONLY | O_NONBLOCK), "setting a pipe's flags");
  return {std::move(pipe), offset};
}

InputRelay::~InputRelay() {
  if (!offset_ || !pipe_.read_end) return;  // moved from, or a stream, which cannot go back
  int unread = 0;
  if (::ioctl(pipe_.read_end.get(), FIONREAD, &unread) < 0) return;
  // A courtesy to the caller's next program; nobody is left to be told that it failed.
  (void)::lseek(STDIN_FILENO, *offset_ - unread, SEEK_SET);
}

void InputRelay::watch(std::vector<pollfd>& polled) const {
  if (!pipe_.write_end) return;
  if (offset_ || !piece_.empty()) {
    polled.push_back({pipe_.write_end.get(), POLLOUT, 0});
  } else {
    polled.push_back({STDIN_FILENO, POLLIN, 0});
  }
}

bool InputRelay::on_ready(const pollfd& ready) {
  if (!pipe_.write_end) return false;
  if (ready.fd == pipe_.write_end.get()) {
    offset_ ? splice_file() : write_piece();
  } else if (ready.fd == STDIN_FILENO) {
    read_stream();
  } else {
    return false;
  }
  return true;
}

void InputRelay::splice_file() {
  constexpr std::size_t kMuch = 1UL << 20U;  // more than a pipe takes
  off64_t next = *offset_;
  const ssize_t moved = ::splice(STDIN_FILENO, &next, pipe_.write_end.get(), nullptr, kMuch,
                                 SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
  if (moved < 0 && (errno == EINTR || errno == EAGAIN)) return;
  check(moved, "reading standard input");
  offset_ = next;
  if (moved == 0) end();
}

void InputRelay::read_stream() {
  std::array<char, PIPE_BUF> buffer{};
  const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got < 0 && errno == ECONNRESET) return end();  // as the end of a connection
  check(got, "reading standard input");
  if (got == 0) return end();
  piece_.assign(buffer.data(), static_cast<std::size_t>(got));
  write_piece();
}

void InputRelay::write_piece() {
  const ssize_t put = ::write(pipe_.write_end.get(), piece_.data(), piece_.size());
  if (put < 0 && (errno == EINTR || errno == EAGAIN)) return;
  check(put, "writing the command's standard input");
  piece_.erase(0, static_cast<std::size_t>(put));
}

}  // namespace awf::supervisor
