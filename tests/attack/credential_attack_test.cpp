// The attack: looking for credentials. A program reads every file that it can reach under every
// name (the root of each process, working directories, descriptors, links, renamed parents, mounts
// of its own) and what each process shows of itself. The layers that must stop it: the file system
// view, in which credentials do not exist; the process namespace; the filter of system calls.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "attack.hpp"
#include "policy/credential_paths.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kHunter = "/home/runner/work/repo/repo/secret_hunter.py";

std::string hunter() {
  std::ifstream file(AWF_TEST_ATTACK_DIR "/secret_hunter.py");
  return {std::istreambuf_iterator<char>(file), {}};
}

// A file as a tool would write it for an entry of the catalogue.
std::string example_of(const policy::CredentialPath& entry) {
  std::string path(entry.path);
  if (const auto star = path.find('*'); star != std::string::npos) path.replace(star, 1, "x");
  if (entry.kind == policy::CredentialPath::Kind::kDirectory) path += "/deep/token";
  return path;
}

class CredentialAttack : public Attack {
 protected:
  void plant(const std::string& path) {
    world.plant_file(path, "PLANTED-" + std::to_string(planted_.size()) + "-s3cr3t\n", 0644);
    planted_.push_back(path);
  }

  void plant_a_realistic_machine() {
    for (const auto& entry : policy::home_credentials())
      plant("/home/runner/" + example_of(entry));
    for (const char* path : {"deploy_key", "keys/old"}) {
      const std::string key = std::string("/home/runner/.ssh/") + path;
      plant(key);
      world.plant_file(key, "-----BEGIN OPENSSH PRIVATE KEY-----\n" + *world.file(key));
    }
    for (const char* path :
         {"_temp/_runner_file_commands/set_env_1", "_temp/_runner_file_commands/set_output_1",
          "_temp/_github_workflow/event.json", "_temp/git-credentials-1.config", "_temp/0a1b.sh"}) {
      plant(std::string("/home/runner/work/") + path);
    }
    for (const char* path : {".runner", ".credentials", ".credentials_rsaparams", ".env",
                             "_diag/Worker_1.log", "_diag/pages/log"}) {
      plant(std::string("/opt/actions-runner/") + path);
    }
    world.plant_file("/opt/actions-runner/bin/Runner.Listener", "");
    for (const char* path : {"/opt/cloud/key.json", "/opt/kube/one", "/opt/kube/two",
                             "/opt/xdg/gh/hosts.yml", "/opt/cargo/credentials.toml"}) {
      plant(path);
    }
    for (const char* path : {"/tmp/gh-aw/mcp-logs/server.log", "/tmp/step/token",
                             "/run/user/33/token", "/var/tmp/token"}) {
      plant(path);
    }
    // Under other names: links of both kinds, and mounts of the host.
    const auto made = world.run_in_machine(
        {"/bin/bash", "-c",
         "cd /home/runner && ln -s .netrc link && ln .netrc hard && mkdir -p copies && "
         "ln .npmrc copies/npmrc && ln -s /home/runner/.aws /opt/aws && "
         "mkdir -p /opt/bind /opt/part /opt/ov /opt/empty && mount --bind /home/runner /opt/bind "
         "&& "
         "mount --bind /home/runner/.config /opt/part && "
         "mount -t overlay o -o lowerdir=/opt/empty:/home /opt/ov"});
    ASSERT_EQ(made.exit_code, 0) << made;
  }

  // Everything about every file but the times of reading.
  std::string state_of_the_host() {
    const auto result = world.run_in_machine(
        {"/bin/bash", "-c",
         "find /home /opt /root /tmp /run /var/tmp -path '*/repo/repo' -prune -o "
         "-printf '%p %y %m %U %G %s %T@ %l\\n' | sort; "
         "find /home /opt /tmp -path '*/repo/repo' -prune -o -type f -print0 | sort -z | "
         "xargs -0 sha256sum"});
    EXPECT_EQ(result.exit_code, 0) << result;
    return result.output;
  }

  std::vector<std::string> planted_;
};

INSTANTIATE_TEST_SUITE_P(Callers, CredentialAttack,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

TEST_P(CredentialAttack,
       S4_12_S4_06_S4_G5_FS_01_FS_03_PROC_01_no_planted_secret_is_found_anywhere) {
  plant_a_realistic_machine();
  world.plant_file(kHunter, hunter());
  ASSERT_GE(planted_.size(), 60U);
  const auto before = state_of_the_host();
  RunOptions options;
  options.caller = GetParam();
  options.limit = std::chrono::seconds(100);
  // One secret variable, to be found in no process either.
  options.environment = {"RUNNER_TEMP=/home/runner/work/_temp",
                         "RUNNER_WORKSPACE=/home/runner/work/repo",
                         "GITHUB_ACTION_PATH=/opt/actions-runner/_work/x",
                         "GITHUB_EVENT_PATH=/home/runner/work/_temp/_github_workflow/event.json",
                         "GOOGLE_APPLICATION_CREDENTIALS=/opt/cloud/key.json",
                         "KUBECONFIG=/opt/kube/one:/opt/kube/two",
                         "XDG_CONFIG_HOME=/opt/xdg",
                         "CARGO_HOME=/opt/cargo",
                         "MY_TOKEN=PLANTED-99-s3cr3t"};
  const auto result = world.run_awf(
      {"--hide", "/opt/actions-runner", "--", "/usr/bin/python3", kHunter, "/home/runner", "/home",
       "/opt", "/root", "/tmp", "/run", "/var/tmp", "/dev/shm", "/etc"},
      options);
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("READ "));
  for (const char* word : {"FOUND", "PLANTED", "MOUNTED", "UNSHARED", "CLONED"})
    EXPECT_THAT(result.output, Not(HasSubstr(word)));
  EXPECT_EQ(state_of_the_host(), before);
}

TEST_P(CredentialAttack, S4_G7_the_mount_table_names_no_hidden_path) {
  plant_a_realistic_machine();
  const auto result =
      run({"--", "cat /proc/self/mountinfo /proc/self/mounts /proc/self/mountstats"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  for (const auto& entry : policy::home_credentials()) {
    const std::string path = "/" + std::string(entry.path);
    if (entry.kind == policy::CredentialPath::Kind::kGlob) continue;
    EXPECT_EQ(result.output.find(path + " "), std::string::npos) << path;
    EXPECT_EQ(result.output.find(path + "/"), std::string::npos) << path;
  }
}

// The witness that the hunter hunts: without the sandbox it finds nearly everything.
TEST_P(CredentialAttack, the_same_program_finds_them_outside) {
  if (GetParam() != Caller::kRootless) return;
  plant_a_realistic_machine();
  world.plant_file(kHunter, hunter());
  RunOptions options;
  options.caller = Caller::kRootless;
  options.limit = std::chrono::seconds(100);
  const auto result = world.run_in_machine(
      {"/usr/bin/python3", kHunter, "/home/runner", "/home", "/opt", "/tmp", "/run"}, options);
  for (std::size_t number = 0; number < planted_.size(); ++number) {
    if (planted_[number].rfind("/var/tmp", 0) == 0) continue;
    EXPECT_THAT(result.output, HasSubstr("PLANTED-" + std::to_string(number) + "-s3cr3t"))
        << planted_[number];
  }
}

}  // namespace
}  // namespace awf::attack
