// What awf-self-test reports. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace awf::supervisor {

// The ways out that stand open by this report, for people; nothing when every probe was contained
// and none is missing. A report that is not of the form "contained N of M" and a line "ok …" a
// probe says that all is open.
std::optional<std::string> open_ways(std::string_view report);

}  // namespace awf::supervisor
