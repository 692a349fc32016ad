// The attack: the command gets at the evidence. It edits, empties, removes or replaces the logs of
// its own run, or another directory is put where people look for them: by renaming a directory
// above, through a second mount of the same place, through links that an earlier command left, or
// by filling the disk. The layers that must stop it: awf opens the logs before the command starts
// and through no link of its making (awf/log_place.hpp, run_logs.hpp); the view hides them under
// every path and makes mounts of the directories between, which cannot be renamed; what cannot be
// recorded ends the proxy.
#include <signal.h>
#include <sys/stat.h>

#include "attack.hpp"
#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::attack {
namespace {

using test_world::kWorkspace;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kWork = kWorkspace;

// Everything that could change the logs at `place` or put others there.
std::string tampering_with(const std::string& place) {
  return "d='" + place +
         "'; p=$(dirname $d); "
         "for f in audit.jsonl access.log policy-manifest.json workspace.json x; do "
         "echo FORGED >>$d/$f; echo FORGED >$d/$f; rm -f $d/$f; mv $d/$f $d/$f.old; "
         "ln -sf /etc/passwd $d/$f; truncate -s 0 $d/$f; done; "
         "mv $d $p/moved; mv $p $p.moved; mv $(dirname $p) $(dirname $p).moved; "
         "python3 -c 'import os, sys; os.rename(sys.argv[1], sys.argv[1] + \"2\")' $p; "
         "rm -rf $d; rm -rf $p; mkdir -p $d && echo FORGED >$d/audit.jsonl; ln $d/audit.jsonl hard";
}

class LogAttack : public testing::TestWithParam<Caller> {
 protected:
  // As the command's user, but outside.
  CommandResult on_machine(const std::string& script) {
    RunOptions options;
    options.caller = GetParam() == Caller::kRoot ? Caller::kRoot : Caller::kRootless;
    return world.run_in_machine({"/bin/bash", "-c", script}, options);
  }
  // A run that is refused a connection, and would like that to be forgotten.
  CommandResult run(const std::string& directory, const std::string& script,
                    std::vector<std::string> words = {},
                    const std::vector<std::string>& environment = {}) {
    RunOptions options;
    options.caller = GetParam();
    options.environment = environment;
    words.insert(words.end(),
                 {"--audit-dir", directory, "--",
                  "curl -sS https://denied.org/; exec 2>/dev/null; " + script + "; echo tried"});
    return world.run_awf(words, options);
  }
  // The evidence is where people look for it, and nothing but it.
  void expect_evidence(const CommandResult& result, const std::string& directory) {
    EXPECT_THAT(result.output, HasSubstr("tried")) << result;
    bool refusal_is_told = false;
    for (const auto& record : test_world::audit_records(world, directory))
      refusal_is_told = refusal_is_told || record["name"] == "denied.org";
    EXPECT_TRUE(refusal_is_told) << result;
    const auto listing = on_machine("cd '" + directory + "' && echo *; cat * | grep -c FORGED");
    EXPECT_EQ(listing.output, "access.log audit.jsonl policy-manifest.json workspace.json\n0\n");
    EXPECT_THAT(world.file(directory + "/policy-manifest.json").value_or(""), HasSubstr("schema"));
    EXPECT_THAT(world.file(directory + "/workspace.json").value_or(""), HasSubstr("schema"));
  }
  // Root without capabilities can change what is its own alone.
  void SetUp() override {
    if (GetParam() != Caller::kRoot) return;
    (void)world.run_in_machine({"/bin/chown", "0:0", ".", "/home/runner"});
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, LogAttack,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

TEST_P(LogAttack, FS_06_logs_in_the_workspace_cannot_be_changed_nor_another_directory_put_there) {
  const std::string logs = kWork + "/out/deep/logs";
  expect_evidence(run(logs, tampering_with(logs)), logs);
}

TEST_P(LogAttack, FS_06_a_second_mount_of_the_workspace_leads_nowhere_else) {
  const std::string logs = kWork + "/out/logs";
  expect_evidence(run(logs, tampering_with("/tmp/again/out/logs") + "; " + tampering_with(logs),
                      {"--mount", kWork + ":/tmp/again"}),
                  logs);
}

TEST_P(LogAttack, FS_06_logs_below_a_mount_are_as_safe) {
  const std::string data = "/home/runner/data";
  ASSERT_EQ(on_machine("mkdir -p " + data).exit_code, 0);
  const std::string logs = data + "/job/logs";
  expect_evidence(run(logs, tampering_with("/tmp/d/job/logs") + "; " + tampering_with(logs),
                      {"--mount", data + ":/tmp/d"}),
                  logs);
}

TEST_P(LogAttack, FS_06_a_workspace_that_is_named_through_a_link_is_known_all_the_same) {
  ASSERT_EQ(on_machine("ln -s " + kWork + " /home/runner/link").exit_code, 0);
  const std::string logs = kWork + "/out/logs";
  expect_evidence(run(logs, tampering_with(logs), {}, {"GITHUB_WORKSPACE=/home/runner/link"}),
                  logs);
}

TEST_P(LogAttack, FS_06_logs_in_the_directory_that_workflows_share_are_as_safe) {
  ASSERT_EQ(on_machine("mkdir /tmp/gh-aw").exit_code, 0);
  const std::string logs = "/tmp/gh-aw/sandbox/firewall/logs";
  expect_evidence(run(logs, "echo x >/tmp/gh-aw/mine; " + tampering_with(logs)), logs);
  EXPECT_EQ(world.file("/tmp/gh-aw/mine").value_or(""), "x\n");
}

TEST_P(LogAttack, FS_06_logs_outside_are_not_even_to_be_read) {
  const std::string logs = test_world::kAuditDirectory;
  const auto result = run(logs, "cat " + logs + "/audit.jsonl; " + tampering_with(logs));
  expect_evidence(result, logs);
  EXPECT_THAT(result.output, Not(HasSubstr("denied.org")));
}

TEST_P(LogAttack, FS_10_links_that_an_earlier_command_left_are_not_followed) {
  ASSERT_EQ(on_machine("mkdir /home/runner/victim; echo precious >/home/runner/precious; "
                       "ln -s /home/runner/victim logs; ln -s /home/runner/none made; mkdir real; "
                       "ln -s /home/runner/precious real/policy-manifest.json")
                .exit_code,
            0);
  for (const auto* directory : {"/logs", "/logs/deeper", "/made"}) {
    const auto result = run(kWork + directory, "true");
    EXPECT_EQ(result.exit_code, 125) << result;
    EXPECT_THAT(result.errors, HasSubstr("symbolic link"));
    EXPECT_THAT(result.errors, HasSubstr("name the directory itself"));
  }
  EXPECT_EQ(run(kWork + "/real", "true").exit_code, 125);
  EXPECT_EQ(on_machine("cat /home/runner/precious; ls -A /home/runner/victim; ls -d "
                       "/home/runner/none 2>&1 | wc -l")
                .output,
            "precious\n1\n");
}

TEST_P(LogAttack, FS_06_a_place_that_the_command_can_replace_is_refused_with_what_to_do) {
  const auto result = run(kWork, "true");
  EXPECT_EQ(result.exit_code, 125) << result;
  EXPECT_THAT(result.errors, HasSubstr("name a directory below it, or elsewhere"));
  const auto mounted = run(kWork + "/logs", "true", {"--mount", kWork + "/logs:/tmp/logs"});
  EXPECT_EQ(mounted.exit_code, 125) << mounted;
}

// While the command runs the files are to be read, not the command's, and survive our own end.
TEST_P(LogAttack, FS_06_RUN_04_evidence_is_on_disk_at_once_and_survives_kill_9) {
  const std::string logs = kWork + "/out/logs";
  RunOptions options;
  options.caller = GetParam();
  const auto owner = [&] {
    struct stat status {};
    EXPECT_EQ(::lstat(world.path(logs + "/audit.jsonl").c_str(), &status), 0);
    return status.st_uid;
  };
  auto run = world.spawn_awf(
      {"--audit-dir", logs, "--", "curl -sS https://denied.org/; echo started; sleep 1000"},
      options);
  ASSERT_TRUE(run.wait_for_output("started")) << run.errors();
  // The record waits for the name of the process, which takes some milliseconds.
  const auto seen = on_machine("timeout 20 bash -c 'until grep -q denied.org " + logs +
                               "/audit.jsonl; do :; done'");
  EXPECT_EQ(seen.exit_code, 0) << seen;
  EXPECT_EQ(owner(), GetParam() == Caller::kRootless ? test_world::kRunnerUid : 0U);
  run.signal(SIGKILL);
  (void)run.finish();
  ASSERT_TRUE(world.all_processes_end());
  EXPECT_THAT(world.file(logs + "/audit.jsonl").value_or(""), HasSubstr("denied.org"));
  // The next run goes on in the same file and leaves it to the command's user; one more takes it
  // back.
  expect_evidence(this->run(logs, "true"), logs);
  EXPECT_EQ(owner(), GetParam() == Caller::kRoot ? 0U : test_world::kRunnerUid);
  auto again = world.spawn_awf({"--audit-dir", logs, "--", "echo started; sleep 1000"}, options);
  ASSERT_TRUE(again.wait_for_output("started")) << again.errors();
  EXPECT_EQ(owner(), GetParam() == Caller::kRootless ? test_world::kRunnerUid : 0U);
}

// The disk is the command's own workspace here, as on a runner: it fills it up and then tries.
TEST_P(LogAttack, FS_09_on_a_full_disk_nothing_passes_that_is_not_recorded) {
  const std::string owner = GetParam() == Caller::kRoot ? "0" : "33";
  const std::string make =
      "mkdir /opt/small && mount -t tmpfs -o size=256k none /opt/small && "
      "mkdir /opt/small/repo && chown " +
      owner + " /opt/small/repo";
  const auto made = world.run_in_machine({"/bin/bash", "-c", make});
  ASSERT_EQ(made.exit_code, 0) << made;
  RunOptions options;
  options.caller = GetParam();
  options.directory = "/opt/small/repo";
  constexpr const char* kFill =
      "cat /dev/zero >fill 2>/dev/null; for i in $(seq 40); do curl -sS https://n$i.denied.org/; "
      "done; sync; curl -sS --max-time 10 https://example.org/ && echo REACHED; echo tried";
  const auto result = world.run_awf(
      {"--allow-domains", "example.org", "--audit-dir", "/opt/small/repo/logs", "--", kFill},
      options);
  EXPECT_THAT(result.output, HasSubstr("tried")) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("REACHED")));
  EXPECT_THAT(result.errors, HasSubstr("No space left on device"));
  EXPECT_THAT(world.web_requests(), IsEmpty());
}

}  // namespace
}  // namespace awf::attack
