// What hostile code tries to leave the sandbox with one system call: the attack and its right end
// in one table, which the attacker carries out and the tests read.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace awf::tests {

// As syscall(2): negative with errno.
using Attempt = std::function<long()>;

struct Escape {
  std::string name;
  std::string refusals;  // names of errno, with spaces between; any of them is right
  Attempt attempt;
};

std::vector<Escape> escapes();

}  // namespace awf::tests
