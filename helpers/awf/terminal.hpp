// A terminal of the command's own (--tty), relayed to ours.
#pragma once

#include <poll.h>
#include <termios.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

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

  [[nodiscard]] int slave() const noexcept { return slave_.get(); }
  // The chain has its copy: from now on the master sees the end of the last inside user.
  void close_slave() noexcept { slave_.reset(); }

  // What it waits for now: our stdin and stdout, the master.
  void watch(std::vector<pollfd>& polled) const;
  // True when the descriptor was one of these. Never waits: a command that does not read, and a
  // reader of ours that stands still, hold up their own direction and nothing else.
  bool on_ready(const pollfd& ready);
  // No process inside holds the terminal any more, and all it wrote was passed on.
  [[nodiscard]] bool ended() const noexcept { return hung_up_ && to_us_.empty(); }
  // Something that the command wrote waits for our reader.
  [[nodiscard]] bool holds_output() const noexcept { return !to_us_.empty(); }

  // Our window's size to theirs (SIGWINCH).
  void copy_window_size() const noexcept;

 private:
  Terminal(UniqueFd master, UniqueFd slave) noexcept
      : master_(std::move(master)), slave_(std::move(slave)) {}
  void make_own_terminal_raw();
  void read_input();
  void write_input();
  void read_output();
  void write_output();

  UniqueFd master_;
  UniqueFd slave_;
  std::optional<termios> saved_;
  // One piece a direction; the next is read when it is written.
  std::string to_command_;
  std::string to_us_;
  bool input_ended_ = false;
  bool hung_up_ = false;
};

}  // namespace awf::supervisor
