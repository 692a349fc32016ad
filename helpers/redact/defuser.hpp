// Takes the meaning out of workflow commands (Actions mode): GitHub's runner reads every line of a
// step's output for them, and the command is not to speak to the runner.
//
// The runner's parser, as far as it matters: lines end with "\n", "\r\n", a lone "\r" or the end of
// the stream. A line is a command when it begins with "::" after any Unicode white space, or when
// "##[" stands anywhere in it. A byte order mark at the very start changes how all the rest is
// decoded. So a backslash is put between the two colons, between "##" and "[", and before a byte
// at the very start that could begin a byte order mark. Nothing is ever taken away or held back,
// so output appears at once, and no two pieces come together that stood apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace awf::redact {

class Defuser {
 public:
  // Appends `text` to `out` with the backslashes that it needs; what came before is remembered.
  void feed(std::string_view text, std::string& out);

 private:
  enum class Place {
    kStreamStart,
    kLineStart,  // only white space so far, or bytes of which it might consist
    kColon,      // and then one colon
    kInside,     // the line can be no "::" command any more
  };

  // Handles one byte in front of which nothing, or a backslash, is to be written.
  bool needs_backslash(char byte);

  Place place_ = Place::kStreamStart;
  unsigned hashes_ = 0;  // how many '#' stand directly before, counted to 2
};

}  // namespace awf::redact
