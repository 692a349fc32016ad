// What must hold of the finished view, whatever the steps believed they did.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "credential-mask/mount_table.hpp"

namespace awf::mask {

// The first mount that can be written to though it is not at or below one of `writable`, or
// nothing. Pure.
std::optional<std::string> stray_writable_mount(const std::vector<Mount>& mounts,
                                                const std::vector<std::string>& writable);

// The first of `hidden` that is the place or the source of a mount, or nothing. Pure.
std::optional<std::string> path_named_by(const std::vector<Mount>& mounts,
                                         const std::vector<std::string>& hidden);

// Throws Refusal unless the tree is read-only but for `writable`, and the mounts name none of
// `unnamed`.
void verify_view(const std::vector<std::string>& writable, const std::vector<std::string>& unnamed);

// Throws Refusal unless something can be written at `workspace`.
void verify_writable(const std::string& workspace);

}  // namespace awf::mask
