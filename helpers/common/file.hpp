// Whole small files, anonymous files and pipes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

// pipe2(2) with O_CLOEXEC and the given further flags.
Pipe make_pipe(int flags = 0);

// The content of a file of at most `limit` bytes. Throws SystemFailure when it cannot be read,
// Refusal when it is larger.
std::string read_file(const std::string& path, std::size_t limit);

// As read_file, but nothing when the file does not exist.
std::optional<std::string> read_file_if_there(const std::string& path, std::size_t limit);

// The rest of a descriptor, at most `limit` bytes; the descriptor stays open.
std::string read_rest(int fd, std::size_t limit, std::string_view what);

// All of `data`, whatever write(2) takes at a time.
void write_all(int fd, std::string_view data, std::string_view what);

// Opens, writes once and closes: for files of /proc and cgroupfs, where one write is one command.
void write_control_file(const std::string& path, std::string_view data);

// A sealed memfd that holds `content`, positioned at its start (memfd_create(2)): how a program is
// given data that must not stand in argv, environment or a file.
UniqueFd make_sealed_file(const char* name, std::string_view content);

// Marks every descriptor ≥ 3 that is not in `keep` close-on-exec (close_range(2), kernel 5.11).
void close_on_exec_except(std::vector<int> keep);

void set_close_on_exec(int fd, bool on);

}  // namespace awf
