// awf with limits, for each kind of caller.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/world.hpp"

namespace awf::integration {

using test_world::Caller;
using test_world::CommandResult;
using test_world::RunOptions;
using test_world::World;

inline std::string caller_name(const testing::TestParamInfo<Caller>& tested) {
  if (tested.param == Caller::kRoot) return "root";
  return tested.param == Caller::kSudo ? "sudo" : "rootless";
}

class Limits : public testing::TestWithParam<Caller> {
 protected:
  static RunOptions options() {
    RunOptions options;
    options.caller = GetParam();
    options.limit = std::chrono::minutes(2);
    return options;
  }
  CommandResult run(const std::vector<std::string>& words) {
    return world.run_awf(words, options());
  }

  World world = World::start();
};

}  // namespace awf::integration
