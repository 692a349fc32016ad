// The command's system call filter for this machine's ABI, compiled when AWF was built: libseccomp
// takes a millisecond for it, half of what awf-confine would take in all.
#pragma once

#include <linux/filter.h>

#include <span>

namespace awf::confine {

// What compile_filter() gave; in static memory. Defined in a file that the build generates.
std::span<const sock_filter> command_filter() noexcept;

// Installs it; needs no_new_privs. Proves that a filter is active and that it refuses.
void install_command_filter();

}  // namespace awf::confine
