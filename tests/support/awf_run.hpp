// The fixture of tests that run a shell line under awf in a world of their own.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/world.hpp"

namespace awf::test_world {

inline std::string name_of(Caller caller) {
  switch (caller) {
    case Caller::kRoot:
      return "root";
    case Caller::kSudo:
      return "sudo";
    case Caller::kRootless:
      return "rootless";
  }
  return "unknown";
}

// How a client inside reaches the egress proxy: because its environment names the proxy, or because
// its connections are intercepted.
enum class Door { kProxy, kIntercept };

struct Mode {
  Caller caller = Caller::kRoot;
  Door door = Door::kProxy;
};

inline std::string mode_name(const testing::TestParamInfo<Mode>& info) {
  return name_of(info.param.caller) + (info.param.door == Door::kProxy ? "_proxy" : "_intercept");
}

inline auto all_modes() {
  return testing::Values(Mode{Caller::kSudo, Door::kProxy}, Mode{Caller::kSudo, Door::kIntercept},
                         Mode{Caller::kRootless, Door::kProxy},
                         Mode{Caller::kRootless, Door::kIntercept});
}

class AwfRun : public testing::TestWithParam<Mode> {
 protected:
  // The arguments of awf for `line` under a policy, with an audit log at kAuditDirectory.
  [[nodiscard]] static std::vector<std::string> arguments(const std::string& allow,
                                                          const std::string& line) {
    std::vector<std::string> words{"--audit-dir", kAuditDirectory};
    if (!allow.empty()) words.insert(words.end(), {"--allow-domains", allow});
    const bool intercepted = GetParam().door == Door::kIntercept;
    const char* prefix =
        intercepted ? "unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy ALL_PROXY; " : "";
    words.insert(words.end(), {"--", prefix + line});
    return words;
  }

  [[nodiscard]] static RunOptions options() {
    RunOptions chosen;
    chosen.caller = GetParam().caller;
    return chosen;
  }

  CommandResult run(const std::string& allow, const std::string& line) {
    return world.run_awf(arguments(allow, line), options());
  }

  World world = World::start();
};

}  // namespace awf::test_world
