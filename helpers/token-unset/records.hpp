// What the supervisor says about the command's environment. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace awf::unset {

// Who wants a variable to be there.
enum class Origin : std::uint8_t {
  kHost,      // "h:": it is in the environment of the workflow's step
  kOpenHost,  // "o:": the same, and somebody wrote --env-all
  kFile,      // "f:": it stands in a file that --env-file names
  kAsked,     // "e:": somebody wrote --env
  kOwn,       // "a:": AWF itself needs it, such as the proxy variables
  // Of these the record says the name alone, its value is empty.
  kGrant,    // "g:": somebody wrote --grant
  kSecret,   // "s:": somebody wrote --secret
  kExclude,  // "x:": somebody wrote --exclude-env
};

struct Record {
  Origin origin = Origin::kHost;
  std::string name;   // not empty
  std::string value;  // may hold anything but NUL
};

inline constexpr std::size_t kMaxRecordBytes = 4UL * 1024 * 1024;

// "h:NAME=VALUE" NUL "e:NAME=VALUE" NUL …; the last NUL may be missing. The error names the number
// of the record, never what it says.
Result<std::vector<Record>> parse_records(std::string_view text);

}  // namespace awf::unset
