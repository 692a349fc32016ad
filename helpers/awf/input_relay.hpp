// The command's standard input, where ours may not be handed over.
#pragma once

#include <poll.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/file.hpp"

namespace awf::supervisor {

// Copies our standard input into a pipe. A regular file is spliced (no byte passes through user
// space; some GB a second), and when all is over its offset stands behind what the command has
// read, as if it had read the file itself: "while read line; do awf ...; done < list" works.
class InputRelay {
 public:
  // Where the command may not have ours (standard_streams.hpp). Throws SystemFailure.
  static InputRelay start();

  InputRelay(InputRelay&&) noexcept = default;
  InputRelay& operator=(InputRelay&&) = delete;
  // Gives back what the command did not read.
  ~InputRelay();

  [[nodiscard]] int command_side() const noexcept { return pipe_.read_end.get(); }

  void watch(std::vector<pollfd>& polled) const;
  // True when the descriptor was one of ours. Never waits for the command.
  bool on_ready(const pollfd& ready);

 private:
  InputRelay(Pipe pipe, std::optional<std::int64_t> offset) noexcept
      : pipe_(std::move(pipe)), offset_(offset) {}
  void splice_file();
  void read_stream();
  void write_piece();
  void end() noexcept { pipe_.write_end.reset(); }

  Pipe pipe_;
  std::optional<std::int64_t> offset_;  // of a regular file: what comes next into the pipe
  std::string piece_;                   // of anything else: read, not yet written
};

}  // namespace awf::supervisor
