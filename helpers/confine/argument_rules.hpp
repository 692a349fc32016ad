// The rules on arguments that stand in the filter's prologue. Scalars only: what a pointer points
// to may be changed by another thread after a filter has looked (and a filter cannot look,
// seccomp(2)).
#pragma once

#include <cstdint>

#include "confine/bpf_prologue.hpp"

namespace awf::confine {

// Calls that hand over a file's mode as a number: not with the set-user-ID or set-group-ID bit.
// With uid 0 inside, such a file in the workspace would make its next caller outside root.
void judge_file_modes(Prologue& prologue, std::uint32_t architecture);

// Calls that change another process: not PID 1, which is ours, nor "all of this user's", which in
// a rootless run is PID 1 too. Every other process that the command can name is its own.
void judge_targets(Prologue& prologue, std::uint32_t architecture);

// Terminals (no typing into them, no line disciplines) and the families of sockets.
void judge_terminals(Prologue& prologue, std::uint32_t architecture);
void judge_families(Prologue& prologue, std::uint32_t architecture);

// SECCOMP_RET_ERRNO with this number.
std::uint32_t errno_action(int error);

}  // namespace awf::confine
