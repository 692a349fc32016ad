// The copying: descriptors in, descriptors out.
#pragma once

#include <string_view>
#include <vector>

#include "redact/matcher.hpp"
#include "redact/options.hpp"

namespace awf::redact {

// As large as an unprivileged process may make a pipe (F_SETPIPE_SZ), so that the command need not
// wait for every 64 KiB of its output to be looked at. What is no pipe stays as it is.
void enlarge_pipes(const std::vector<Stream>& streams) noexcept;

// Writes all of it, waiting where the reader is slow. False when there is no reader any more.
// Throws SystemFailure for any other failure. SIGPIPE must be ignored.
bool write_to_reader(int fd, std::string_view bytes);

// Copies every stream to its end, each in a thread of its own, so that a reader who stands still
// stops its own stream alone and no descriptor has to be made non-blocking, which others share.
// Nothing is read before what was read is written. A stream ends when its IN has ended, or as soon
// as its OUT has no reader, by closing IN: the command is told by SIGPIPE. Owns and closes every
// IN. Returns when all have ended; throws what the first failed stream threw.
void copy_streams(const Matcher& matcher, const std::vector<Stream>& streams, bool defuse);

}  // namespace awf::redact
