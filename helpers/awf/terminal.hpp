// A terminal of the command's own (--tty), relayed to ours.
#pragma once

#include <termios.h>

#include <optional>
#include <utility>

#include "common/unique_fd.hpp"

namespace awf::supervisor {

// A pseudo-terminal pair. While it lives, our own terminal (if stdin is one) is in raw mode, so
// that keys reach the command's line discipline and not ours. The command never holds our terminal:
// it cannot push input into it (TIOCSTI).
class Terminal {
 public:
  // Throws SystemFailure.
  static Terminal open();

  Terminal(Terminal&& other) noexcept
      : master_(std::move(other.master_)),
        slave_(std::move(other.slave_)),
        saved_(std::exchange(other.saved_, std::nullopt)) {}
  Terminal& operator=(Terminal&&) = delete;
  ~Terminal();

  [[nodiscard]] int master() const noexcept { return master_.get(); }
  [[nodiscard]] int slave() const noexcept { return slave_.get(); }
  // The chain has its copy: from now on the master sees the end of the last inside user.
  void close_slave() noexcept { slave_.reset(); }

  // From our stdin to the command; false when stdin has ended. One read, one write.
  bool relay_input() const;
  // From the command to our stdout; false when no process holds the terminal any more.
  bool relay_output() const;
  // Our window's size to theirs (SIGWINCH).
  void copy_window_size() const noexcept;

 private:
  Terminal(UniqueFd master, UniqueFd slave) noexcept
      : master_(std::move(master)), slave_(std::move(slave)) {}
  void make_own_terminal_raw();

  UniqueFd master_;
  UniqueFd slave_;
  std::optional<termios> saved_;
};

}  // namespace awf::supervisor
