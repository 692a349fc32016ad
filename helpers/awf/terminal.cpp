#include "awf/terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "common/check.hpp"

namespace awf::supervisor {
namespace {

constexpr char kEndOfTransmission = '\x04';  // VEOF of a cooked terminal: "no more input"

}  // namespace

Terminal Terminal::open() {
  UniqueFd master(check(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "opening a terminal"));
  check(::unlockpt(master.get()), "unlocking the terminal");
  // TIOCGPTPEER (Linux 4.13) needs no path, so no /dev/pts of anybody can be in the way.
  UniqueFd slave(check(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
                       "opening the command's side of the terminal"));
  // A terminal whose command does not read takes some 64 KiB and then no more.
  const int flags = check(::fcntl(master.get(), F_GETFL), "reading a terminal's flags");
  check(::fcntl(master.get(), F_SETFL, flags | O_NONBLOCK), "setting a terminal's flags");
  Terminal terminal(std::move(master), std::move(slave));
  terminal.copy_window_size();
  terminal.make_own_terminal_raw();
  return terminal;
}

Terminal::~Terminal() {
  if (saved_) (void)::tcsetattr(STDIN_FILENO, TCSADRAIN, &*saved_);  // the caller may have hung up
}

void Terminal::make_own_terminal_raw() {
  termios settings{};
  if (::tcgetattr(STDIN_FILENO, &settings) < 0) return;  // stdin is no terminal
  saved_ = settings;
  ::cfmakeraw(&settings);
  check(::tcsetattr(STDIN_FILENO, TCSADRAIN, &settings), "setting the terminal to raw mode");
}

void Terminal::copy_window_size() const noexcept {
  winsize size{};
  if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0) size = {24, 120, 0, 0};
  (void)::ioctl(master_.get(), TIOCSWINSZ, &size);  // a size is a courtesy, not a promise
}

void Terminal::watch(std::vector<pollfd>& polled) const {
  if (!input_ended_ && to_command_.empty()) polled.push_back({STDIN_FILENO, POLLIN, 0});
  if (to_us_.empty() && !hung_up_) {
    const int wanted = to_command_.empty() ? POLLIN : POLLIN | POLLOUT;
    polled.push_back({master_.get(), static_cast<short>(wanted), 0});
  }
  if (!to_us_.empty()) polled.push_back({STDOUT_FILENO, POLLOUT, 0});
}

bool Terminal::on_ready(const pollfd& ready) {
  if (ready.fd == STDIN_FILENO) {
    read_input();
  } else if (ready.fd == STDOUT_FILENO) {
    write_output();
  } else if (ready.fd == master_.get()) {
    // Output first: what a terminal that was hung up still holds can be read, not written.
    read_output();
    if (!to_command_.empty()) write_input();
  } else {
    return false;
  }
  return true;
}

void Terminal::read_input() {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    input_ended_ = true;
    to_command_ = kEndOfTransmission;
  } else {
    to_command_.assign(buffer.data(), static_cast<std::size_t>(got));
  }
  write_input();
}

void Terminal::write_input() {
  const ssize_t put = ::write(master_.get(), to_command_.data(), to_command_.size());
  if (put < 0 && (errno == EINTR || errno == EAGAIN)) return;
  // EIO: the last holder of the other side has closed it, and nobody will read this.
  to_command_.erase(0, put < 0 ? std::string::npos : static_cast<std::size_t>(put));
}

void Terminal::read_output() {
  std::array<char, PIPE_BUF> buffer{};
  const ssize_t got = ::read(master_.get(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    hung_up_ = true;  // EIO, as above
    return;
  }
  to_us_.assign(buffer.data(), static_cast<std::size_t>(got));
}

// Our stdout is shared with others, so that it cannot be made non-blocking. A pipe that is said to
// be writable takes PIPE_BUF bytes at once (pipe(7)).
void Terminal::write_output() {
  const ssize_t put = ::write(STDOUT_FILENO, to_us_.data(), to_us_.size());
  if (put < 0 && (errno == EINTR || errno == EAGAIN)) return;
  check(put, "writing the command's output");
  to_us_.erase(0, static_cast<std::size_t>(put));
}

}  // namespace awf::supervisor
