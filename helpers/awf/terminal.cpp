#include "awf/terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>

#include "common/check.hpp"
#include "common/file.hpp"

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

bool Terminal::relay_input() const {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got <= 0) {
    write_all(master_.get(), std::string_view(&kEndOfTransmission, 1), "the command's terminal");
    return false;
  }
  write_all(master_.get(), std::string_view(buffer.data(), static_cast<std::size_t>(got)),
            "the command's terminal");
  return true;
}

bool Terminal::relay_output() const {
  std::array<char, 16384> buffer{};
  const ssize_t got = ::read(master_.get(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got <= 0) return false;  // EIO: the last holder of the other side has closed it
  write_all(STDOUT_FILENO, std::string_view(buffer.data(), static_cast<std::size_t>(got)),
            "standard output");
  return true;
}

}  // namespace awf::supervisor
