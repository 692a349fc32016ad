// How this process stands to its terminal, its descriptors and its log.
#pragma once

#include <string>

namespace awf::egress {

// A terminal's ^C and hang-up are the supervisor's to handle, and splice(2) knows no MSG_NOSIGNAL.
void ignore_signals();

// The soft limit of open descriptors becomes the hard one: a tunnel takes two, and the usual 1,024
// is for programs that use select(2). Throws SystemFailure.
void raise_descriptor_limit();

// spdlog to stderr, "awf-egress-proxy: [level] text". `level` is one of RunPolicy.
void start_logging(const std::string& level);

}  // namespace awf::egress
