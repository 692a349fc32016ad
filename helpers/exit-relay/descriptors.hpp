// Letting go of everything that was inherited for others.
#pragma once

#include <vector>

namespace awf::exit_relay {

// Closes standard input and output and every descriptor ≥ 3 that is not in `keep`. Channels of
// other programs of the chain must not stay open in us: their peers wait for the end of the file,
// and the command's environment is in one of them. Standard error stays for our own last words.
void close_descriptors_except(std::vector<int> keep);

}  // namespace awf::exit_relay
