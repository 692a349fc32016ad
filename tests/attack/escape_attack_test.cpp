// The attack: the command tries every one-call escape, in the whole sandbox and as each of its
// users; it builds a sandbox in the sandbox; and what runs before AWF in the step has planted
// libraries and start-up files for AWF's own programs. The layers that must stop it: the system
// call filter and the dropped capabilities (confine); an empty environment for AWF's programs
// (awf), and the command's comes to be only in the last one (token-unset).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "attack.hpp"
#include "common/text.hpp"
#include "integration/confine/escapes.hpp"
#include "support/awf_run.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class EscapeAttack : public Attack {};
INSTANTIATE_TEST_SUITE_P(Callers, EscapeAttack,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         [](const auto& tested) { return test_world::name_of(tested.param); });

TEST_P(EscapeAttack, PROC_02_PROC_03_PROC_07_PROC_09_each_escape_is_refused_as_stated) {
  // The programs of the tests lie beside AWF's; the command sees a copy.
  ASSERT_EQ(world.run_in_machine({"cp", "/opt/awf/bin/confine-attacker", "."}).exit_code, 0);
  const auto result = run_shell("./confine-attacker escapes");
  const auto lines = split(result.output, '\n');
  const auto all = tests::escapes();
  ASSERT_EQ(lines.size(), all.size() + 1) << result;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto right = split(all[i].refusals, ' ');
    const auto outcome = lines[i].substr(std::min(lines[i].size(), all[i].name.size() + 2));
    EXPECT_NE(std::find(right.begin(), right.end(), outcome), right.end())
        << lines[i] << ", wanted " << all[i].refusals;
  }
}

TEST_P(EscapeAttack, a_file_with_the_set_user_id_bit_cannot_be_left_in_the_workspace) {
  // The real root without capabilities writes only what is root's.
  if (GetParam() == Caller::kRoot) {
    ASSERT_EQ(world.run_in_machine({"chown", "0:0", "."}).exit_code, 0);
  }
  const auto result = run_shell(
      "cp /usr/bin/id mine; chmod 4755 mine; chmod u+s mine; chmod g+s mine; install -m 6755 "
      "/usr/bin/id theirs; tar -cf a.tar --mode=4755 mine; tar -xpf a.tar; "
      "/usr/bin/python3 -c 'import os; os.open(\"third\", os.O_CREAT | os.O_WRONLY, 0o4755)'; "
      "mkdir -m 2755 folder; echo tried");
  EXPECT_THAT(result.output, HasSubstr("tried")) << result;
  const auto found = world.run_in_machine({"find", ".", "-perm", "/6000"});
  EXPECT_EQ(found.output, "") << found;
}

// Each says at once why it cannot be had; Landlock and a filter of the program's own remain.
TEST_P(EscapeAttack, PROC_07_PROC_18_a_sandbox_in_the_sandbox_fails_at_once_with_a_reason) {
  const auto nothing = run_shell("true");
  const auto result = run_shell(
      "for tool in 'unshare --user true' 'unshare --mount true' 'bwrap --ro-bind / / true' "
      "'bwrap --unshare-all --proc /proc --dev /dev true' 'nsenter --target 1 --net true'; do "
      "$tool; echo $tool: $?; done");
  EXPECT_THAT(result.output, Not(HasSubstr(": 0\n"))) << result;
  EXPECT_THAT(result.errors, HasSubstr("Operation not permitted"));
  EXPECT_THAT(result.errors, HasSubstr("bwrap: "));
  EXPECT_LT(result.duration, nothing.duration + std::chrono::seconds(3));
}

// A library that leaves the name of every program that loads it.
constexpr const char* kMark = R"(
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void mark(void) {
  char name[256] = {0};
  (void)!readlink("/proc/self/exe", name, sizeof name - 1);
  FILE* marks = fopen("/tmp/marks", "a");
  if (marks) { fprintf(marks, "%s\n", name); fclose(marks); }
}
unsigned la_version(unsigned version) { mark(); return version; }
)";

class PlantedEnvironment : public EscapeAttack {
 protected:
  void SetUp() override {
    world.plant_file(std::string(test_world::kWorkspace) + "/mark.c", kMark);
    const auto built =
        world.run_in_machine({"/bin/bash", "-c",
                              "gcc -shared -fPIC -o mark.so mark.c && "
                              "echo 'echo bash >> /tmp/marks' > start.sh && echo "
                              "'open(\"/tmp/marks\", \"a\")' > start.py "
                              "&& chown 33:33 mark.so && install -m 666 /dev/null /tmp/marks"});
    ASSERT_EQ(built.exit_code, 0) << built;
  }
  std::set<std::string> marks() {
    std::set<std::string> names;
    const std::string text = world.file("/tmp/marks").value_or("");
    for (const auto line : split(text, '\n'))
      if (!line.empty()) names.emplace(line);
    return names;
  }
};
INSTANTIATE_TEST_SUITE_P(Callers, PlantedEnvironment,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         [](const auto& tested) { return test_world::name_of(tested.param); });

// What the loader puts into awf itself happens before its first instruction, and is the doing of
// whoever started it (sudo takes these variables away); but it goes no further. The command's /tmp
// is its own, so that marks of the command would not be seen here.
TEST_P(PlantedEnvironment, PROC_12_nothing_planted_is_loaded_into_a_program_that_awf_starts) {
  const std::string here = test_world::kWorkspace;
  RunOptions options;
  options.caller = GetParam();
  options.environment = {"LD_PRELOAD=" + here + "/mark.so", "LD_AUDIT=" + here + "/mark.so",
                         "LD_LIBRARY_PATH=" + here, "BASH_ENV=" + here + "/start.sh",
                         "ENV=" + here + "/start.sh", "PYTHONSTARTUP=" + here + "/start.py",
                         "NODE_OPTIONS=--require=" + here, "GCONV_PATH=" + here,
                         "GITHUB_TOKEN=a-secret-value", "GLIBC_TUNABLES=glibc.malloc.check=3",
                         // Of sanitizer builds: their runtime wants to be the first library.
                         "ASAN_OPTIONS=verify_asan_link_order=0"};
  const auto result = world.run_awf({"--allow-domains", "example.org", "--dns-over-https", "--",
                                     "env; curl -sS https://example.org/; exit 3"},
                                    options);
  EXPECT_EQ(result.exit_code, 3) << result;
  EXPECT_EQ(marks(), std::set<std::string>{"/opt/awf/bin/awf"}) << result;
  for (const char* name : {"LD_PRELOAD=", "LD_AUDIT=", "BASH_ENV=", "PYTHONSTARTUP=",
                           "NODE_OPTIONS=", "GCONV_PATH=", "GLIBC_TUNABLES="}) {
    EXPECT_THAT(result.output, Not(HasSubstr(name)));
  }
}

TEST_P(PlantedEnvironment, PROC_12_what_is_meant_for_the_command_reaches_nothing_before_it) {
  const std::string here = test_world::kWorkspace;
  RunOptions options;
  options.caller = GetParam();
  const auto result =
      world.run_awf({"--env", "LD_PRELOAD=" + here + "/mark.so", "--env",
                     "BASH_ENV=" + here + "/start.sh", "--", "/bin/cat", "/tmp/marks"},
                    options);
  EXPECT_EQ(result.output, "/usr/bin/cat\n") << result;
  EXPECT_THAT(marks(), IsEmpty());
}

}  // namespace
}  // namespace awf::attack
