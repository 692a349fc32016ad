// The one place where exceptions end and become a line on stderr and an exit code.
#pragma once

#include <functional>
#include <string_view>

namespace awf {

// Calls `body` and returns its exit code. Any exception becomes "PROGRAM: what" on stderr, one
// line without control characters, and exit code 125.
int run_main(std::string_view program, const std::function<int()>& body);

// "PROGRAM: text" and a newline on stderr in one write(2), so that lines of several programs do
// not mix. Control characters in `text` are shown as \xNN.
void report(std::string_view program, std::string_view text);

}  // namespace awf
