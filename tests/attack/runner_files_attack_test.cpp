// The attack: the runner's own files. Its credentials speak for the machine, its command files
// decide the environment of later steps, and programs of later steps lie where anybody may write.
// The layer that must stop it: the file system view, which finds the runner by its variables, the
// shape of its directories and its processes.
#include <gmock/gmock.h>

#include "attack.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::Not;

class RunnerFilesAttack : public Attack {
 protected:
  CommandResult run_in(const std::string& directory, const std::vector<std::string>& environment,
                       const std::vector<std::string>& arguments) {
    RunOptions options;
    options.caller = GetParam();
    options.directory = directory;
    options.environment = environment;
    return world.run_awf(arguments, options);
  }

  void prepare(const std::string& script) {
    const auto made = world.run_in_machine({"/bin/bash", "-c", script});
    ASSERT_EQ(made.exit_code, 0) << made;
  }
};

INSTANTIATE_TEST_SUITE_P(Callers, RunnerFilesAttack,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

// A self-hosted runner as its documentation sets it up, and a step without RUNNER_TEMP (a shell, or
// sudo, which drops it).
TEST_P(RunnerFilesAttack, FS_03_a_self_hosted_runner_is_found_by_the_shape_of_its_directories) {
  prepare(
      "mkdir -p /opt/ar/{bin,_diag,_work/{_temp/_runner_file_commands,_actions,_tool,repo/repo}} "
      "&& "
      "cd /opt/ar && touch bin/Runner.Listener && for f in .runner .credentials "
      ".credentials_rsaparams .env _diag/Worker.log _work/_temp/script.sh "
      "_work/_temp/_runner_file_commands/set_env_1; do echo SECRET > $f; done && "
      "echo action > _work/_actions/main.js && chown -R 33:33 /opt/ar");
  const auto result = run_in(
      "/opt/ar/_work/repo/repo", {},
      {"--",
       "grep -rs SECRET /opt/ar; ls -A /opt/ar /opt/ar/_work /opt/ar/_work/_temp | tr '\\n' ' '; "
       "cat ../../_actions/main.js; echo x > ../../_actions/main.js; echo x > made"});
  EXPECT_EQ(result.output,
            "/opt/ar: _work bin  /opt/ar/_work: _actions _temp _tool repo  /opt/ar/_work/_temp: "
            "action\n")
      << result;
  EXPECT_THAT(result.errors, HasSubstr("Read-only file system"));
  EXPECT_EQ(world.file("/opt/ar/_work/_actions/main.js"), "action\n");
}

TEST_P(RunnerFilesAttack, FS_03_variables_of_the_runner_lead_to_it_from_any_directory) {
  prepare(
      "mkdir -p /opt/ar/{_diag,bin,_work/{_temp,_tool,r/r}} && cd /opt/ar && "
      "for f in .credentials _diag/log _work/_temp/token; do echo SECRET > $f; done && "
      "chown -R 33:33 /opt/ar");
  for (const char* variable :
       {"RUNNER_TEMP=/opt/ar/_work/_temp", "RUNNER_WORKSPACE=/opt/ar/_work/r",
        "RUNNER_TOOL_CACHE=/opt/ar/_work/_tool"}) {
    const auto result =
        run_in(test_world::kWorkspace, {variable}, {"--", "grep -rs SECRET /opt/ar"});
    EXPECT_EQ(result.output, "") << variable << result;
  }
}

TEST_P(RunnerFilesAttack, FS_03_what_later_steps_run_can_be_read_and_not_changed) {
  prepare(
      "mkdir -p /opt/hostedtoolcache/node/bin /home/runner/work/{_actions/a/b,_tool/go/bin} && "
      "for f in /opt/hostedtoolcache/node/bin/node /home/runner/work/_actions/a/b/post.js "
      "/home/runner/work/_tool/go/bin/go; do echo program > $f; done && "
      "chmod -R 777 /opt/hostedtoolcache && chown -R 33:33 /home/runner/work");
  const auto result = run_in(
      test_world::kWorkspace, {"RUNNER_TOOL_CACHE=/home/runner/work/_tool"},
      {"--",
       "cat /opt/hostedtoolcache/node/bin/node ~/work/_actions/a/b/post.js ~/work/_tool/go/bin/go "
       "2>/dev/null || cat /home/runner/work/_actions/a/b/post.js; "
       "for f in /opt/hostedtoolcache/node/bin/node /usr/local/bin/x /opt/x /usr/share/x /etc/x; "
       "do "
       "echo x 2>/dev/null > $f && echo CHANGED $f; done; "
       "for f in _actions/a/b/post.js _tool/go/bin/go; do echo evil > /home/runner/work/$f; done; "
       "mv /opt/hostedtoolcache /opt/away 2>/dev/null && echo MOVED; true"});
  EXPECT_THAT(result.output, HasSubstr("program\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("CHANGED"))) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("MOVED")));
  for (const char* path :
       {"/opt/hostedtoolcache/node/bin/node", "/home/runner/work/_actions/a/b/post.js",
        "/home/runner/work/_tool/go/bin/go"}) {
    EXPECT_EQ(world.file(path), "program\n") << path;
  }
}

TEST_P(RunnerFilesAttack, FS_04_what_is_written_to_the_runners_command_files_stays_inside) {
  prepare(
      "mkdir -p /home/runner/work/_temp/_runner_file_commands /opt/elsewhere && "
      "cd /home/runner/work/_temp/_runner_file_commands && "
      "for f in set_env_1 add_path_1 set_output_1 save_state_1 step_summary_1; do "
      "echo untouched > $f; done && echo untouched > /opt/elsewhere/env && "
      "echo untouched > /home/runner/work/repo/repo/env && "
      "chown -R 33:33 /home/runner/work /opt/elsewhere && chmod -R a+w /opt/elsewhere");
  const std::string commands = "/home/runner/work/_temp/_runner_file_commands/";
  const std::vector<std::string> files = {commands + "set_env_1", commands + "add_path_1",
                                          commands + "set_output_1", commands + "save_state_1",
                                          commands + "step_summary_1"};
  std::string script = "set +e; ";
  for (const auto& file : files) {
    script.append("mkdir -p ").append(commands);
    script.append("; echo NODE_OPTIONS=evil >> ").append(file);
    script.append(" && cat ").append(file).append("; ");
  }
  script += "env | grep -c '^GITHUB_\\(ENV\\|PATH\\|OUTPUT\\|STATE\\|STEP_SUMMARY\\)='";
  const auto result = run_in(
      test_world::kWorkspace,
      {"RUNNER_TEMP=/home/runner/work/_temp", "GITHUB_ENV=" + files[0], "GITHUB_PATH=" + files[1],
       "GITHUB_OUTPUT=" + files[2], "GITHUB_STATE=" + files[3], "GITHUB_STEP_SUMMARY=" + files[4]},
      {"--", script});
  EXPECT_EQ(result.output,
            "NODE_OPTIONS=evil\nNODE_OPTIONS=evil\nNODE_OPTIONS=evil\nNODE_OPTIONS=evil\n"
            "NODE_OPTIONS=evil\n0\n")
      << result;
  for (const auto& file : files)
    EXPECT_EQ(world.file(file), "untouched\n") << file;
}

// A runner file in an odd place is hidden by its variable, in the workspace too.
TEST_P(RunnerFilesAttack, FS_04_a_command_file_outside_the_temporary_directory_is_out_of_reach) {
  prepare(
      "mkdir -p /opt/elsewhere && cd /opt/elsewhere && echo untouched > env && "
      "cp env /home/runner/work/repo/repo/out && chmod 666 env && "
      "chown 33:33 env /home/runner/work/repo/repo/out");
  const auto result =
      run_in(test_world::kWorkspace,
             {"GITHUB_ENV=/opt/elsewhere/env", "GITHUB_OUTPUT=/home/runner/work/repo/repo/out"},
             {"--", "for f in /opt/elsewhere/env out; do cat $f; echo x >> $f; done"});
  EXPECT_EQ(result.output, "") << result;
  EXPECT_EQ(world.file("/opt/elsewhere/env"), "untouched\n");
  EXPECT_EQ(world.file("/home/runner/work/repo/repo/out"), "untouched\n");
}

}  // namespace
}  // namespace awf::attack
