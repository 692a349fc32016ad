// The caller's limit of file sizes (ulimit -f) is the command's; awf neither hangs nor opens by it.
#include "integration/lifetime/limits_fixture.hpp"

namespace awf::integration {
namespace {

using testing::HasSubstr;

CommandResult run_with_file_limit(World& world, Caller caller, const std::string& limit,
                                  const std::string& line) {
  RunOptions options;
  options.caller = caller;
  return world.run_in_machine(
      {"/bin/bash", "-c",
       limit + "; awf --audit-dir /home/runner/awf-audit --allow-domains example.org -- '" + line +
           "'; echo code=$?"},
      options);
}

class FileSizeLimit : public Limits {};
INSTANTIATE_TEST_SUITE_P(Callers, FileSizeLimit,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

constexpr const char* kManyDenials =
    "for i in 1 2 3 4 5 6 7 8 9 10; do curl -s https://denied-$i.example.net; done; exit 5";

// Whoever has CAP_SYS_RESOURCE, as sudo gives it, lifts a hard limit as everybody does a soft one.
TEST_P(FileSizeLimit, RUN_05_a_limit_that_can_be_lifted_is_for_the_command_alone) {
  const auto denied = run_with_file_limit(world, GetParam(), "ulimit -S -f 1", kManyDenials);
  EXPECT_THAT(denied.output, HasSubstr("code=5")) << denied;
  EXPECT_GT(world.file("/home/runner/awf-audit/audit.jsonl").value_or("").size(), 1024U);
  const auto writing = run_with_file_limit(world, GetParam(), "ulimit -S -f 1",
                                           "head -c 9999 /dev/zero > /tmp/much");
  EXPECT_THAT(writing.output, HasSubstr("code=153")) << "SIGXFSZ: " << writing;
}

TEST_P(FileSizeLimit, RUN_05_one_that_cannot_is_a_refusal_and_no_hang) {
  RunOptions options;
  options.caller = GetParam();
  const auto result = world.run_in_machine(
      {"/usr/bin/setpriv", "--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource",
       "/bin/bash", "-c",
       "ulimit -f 1; awf --audit-dir /home/runner/awf-audit -- 'echo ran'; echo code=$?"},
      options);
  EXPECT_EQ(result.output, "code=125\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("File too large")) << result;
}

// The log reaches the limit only while the command runs.
TEST_P(FileSizeLimit, RUN_05_a_log_that_cannot_grow_shuts_the_network) {
  const std::string script =
      "ulimit -f 4; awf --audit-dir /home/runner/awf-audit --allow-domains example.org -- "
      "'for i in $(seq 40); do curl -s https://denied-$i.example.net; done; "
      "curl -s -m 5 https://example.org; exit 5'; echo code=$?";
  RunOptions options;
  options.caller = GetParam();
  const auto result =
      world.run_in_machine({"/usr/bin/setpriv", "--bounding-set", "-sys_resource", "--inh-caps",
                            "-sys_resource", "/bin/bash", "-c", script},
                           options);
  EXPECT_TRUE(result.ended) << result;
  EXPECT_EQ(result.output, "code=5\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("File too large")) << result;
}

}  // namespace
}  // namespace awf::integration
