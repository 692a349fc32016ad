// The last step of the chain: this process becomes the command.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace awf::unset {

// Where a command may lie: itself when it has a slash, otherwise in each directory of `path`, in
// order; an empty directory is the working directory (POSIX, PATH). Pure.
std::vector<std::string> candidates(std::string_view command, std::string_view path);

// The value of PATH among NAME=VALUE strings, or the default of a shell. Pure.
std::string path_in(const std::vector<std::string>& environment);

// Closes every descriptor from 3 on, and proves it.
void close_descriptors();

// No signal blocked, none ignored: what our own programs set would stay across execve(2).
void reset_signals();

// execve(2) of the command as a shell would find it; a script without "#!" is run by /bin/sh.
// Returns only when it could not be run: 127 when there is no such command, 126 when there is but
// it cannot be executed, after one line on stderr.
int run_command(const std::vector<std::string>& command,
                const std::vector<std::string>& environment);

}  // namespace awf::unset
