// A DNS server of a test's own, whose answers change (scripted_dns.py).
#pragma once

#include <string>
#include <vector>

#include "support/world.hpp"

namespace awf::test_world {

// What to run, in the internet or on the machine; it prints "up" when it listens on port 53 of
// `address`. `script` as scripted_dns.py describes it.
inline std::vector<std::string> scripted_dns(const std::string& address,
                                             const std::string& script) {
  return {"/usr/bin/python3",
          "-I",
          "-S",
          "-u",
          std::string(AWF_TEST_SUPPORT_DIR) + "/scripted_dns.py",
          address,
          script};
}

}  // namespace awf::test_world
