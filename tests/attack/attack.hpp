// What the attack tests share: a script run by awf on the test world's machine, root and rootless.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/world.hpp"

namespace awf::attack {

using test_world::Caller;
using test_world::CommandResult;
using test_world::RunOptions;
using test_world::World;

// Each attack is tried with the two ways the sandbox is built.
class Attack : public testing::TestWithParam<Caller> {
 protected:
  // Runs a python3 script inside, under a policy. The script prints what it found out; attacks are
  // judged by the witnesses outside, prints only show that the attack was really carried out.
  CommandResult run_python(const std::string& script, const std::string& allow = "example.org",
                           const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"--allow-domains", allow};
    arguments.insert(arguments.end(), more.begin(), more.end());
    for (const auto* word : {"--", "/usr/bin/python3", "-c"})
      arguments.emplace_back(word);
    arguments.push_back(script);
    return run(arguments);
  }

  CommandResult run_shell(const std::string& line, const std::string& allow = "example.org") {
    return run({"--allow-domains", allow, "--", line});
  }

  CommandResult run(const std::vector<std::string>& arguments) {
    RunOptions options;
    options.caller = GetParam();
    return world.run_awf(arguments, options);
  }

  World world = World::start();
};

inline std::string caller_name(const testing::TestParamInfo<Caller>& info) {
  switch (info.param) {
    case Caller::kRoot:
      return "root";
    case Caller::kSudo:
      return "sudo";
    case Caller::kRootless:
      return "rootless";
  }
  return "unknown";
}

// Python that the scripts start with: try_tcp prints the error name of a connect.
inline constexpr const char* kPrelude = R"(
import errno, os, socket, struct, sys, time
def try_tcp(address, port, timeout=5):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(timeout)
    try:
        s.connect((address, port))
        print('tcp', address, port, 'CONNECTED', flush=True)
        return s
    except OSError as e:
        print('tcp', address, port, errno.errorcode.get(e.errno, str(e)), flush=True)
)";

}  // namespace awf::attack
