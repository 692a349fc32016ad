// The attack: code in the cage uses raw sockets, kernel machinery, namespaces, other ABIs,
// inherited descriptors and its former identity. The layers that must stop it: awf-confine's drops
// and its system call filter.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "cage.hpp"
#include "common/child.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "escapes.hpp"

namespace awf::tests {
namespace {

using testing::HasSubstr;

class Confinement : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(Modes, Confinement, testing::Values(Mode::kRoot, Mode::kRootless),
                         testing::PrintToStringParamName());

TEST_P(Confinement, NET_08_NET_12_only_tcp_udp_unix_and_route_sockets_can_be_made) {
  EXPECT_EQ(run_caged(GetParam(), attacker("sockets")).output,
            "raw4: EPERM\nraw6: EPERM\nping: EPERM\ndgram-raw: EPERM\nsctp: EPERM\n"
            "packet: EAFNOSUPPORT\nxdp: EAFNOSUPPORT\nvsock: EAFNOSUPPORT\n"
            "bluetooth: EAFNOSUPPORT\nalg: EAFNOSUPPORT\nnetfilter: EPERM\naudit: EPERM\n"
            "tcp: DONE\nudp: DONE\nunix: DONE\nroute: DONE\n");
}

TEST_P(Confinement, NET_11_PROC_02_PROC_03_PROC_07_PROC_09_each_escape_is_refused_as_stated) {
  const Outcome outcome = run_caged(GetParam(), attacker("escapes"));
  const auto all = escapes();
  EXPECT_GE(all.size(), 30U);
  const auto lines = split(outcome.output, '\n');
  ASSERT_EQ(lines.size(), all.size() + 1) << outcome;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string line(lines[i]);
    const std::string name = all[i].name + ": ";
    ASSERT_EQ(line.substr(0, name.size()), name);
    const auto right = split(all[i].refusals, ' ');
    EXPECT_NE(std::find(right.begin(), right.end(), line.substr(name.size())), right.end())
        << line << ", wanted " << all[i].refusals;
  }
}

TEST_P(Confinement, the_harmless_sides_of_what_is_judged_by_argument_work) {
  const Outcome outcome = run_caged(GetParam(), attacker("allowed"));
  for (const auto line : split(trimmed(outcome.output), '\n')) {
    EXPECT_TRUE(line.ends_with(": DONE")) << line;
  }
  EXPECT_THAT(outcome.output, HasSubstr("own-child")) << outcome;
}

TEST_P(Confinement, PROC_04_there_is_no_way_back_to_what_was_dropped) {
  // In the user namespace there is no uid 0 at all.
  const std::string ids = GetParam() == Mode::kRoot ? "setuid: EPERM\nsetgid: EPERM\n"
                                                    : "setuid: EINVAL\nsetgid: EINVAL\n";
  EXPECT_EQ(run_caged(GetParam(), attacker("ids")).output,
            ids +
                "setgroups: EPERM\ncore: EPERM\nambient: EPERM\nprivileges-again: EINVAL\n"
                "oom-score: ENOENT\n");
}

TEST_P(Confinement, PROC_04_the_command_has_its_user_and_nothing_else) {
  const Outcome outcome =
      run_caged(GetParam(), bash("grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)' "
                                 "/proc/self/status | tr -d ' \\t'; ulimit -c; ulimit -n"));
  EXPECT_EQ(outcome.output,
            "Uid:33333333\nGid:33333333\nGroups:\nCapInh:0000000000000000\n"
            "CapPrm:0000000000000000\nCapEff:0000000000000000\nCapBnd:0000000000000000\n"
            "CapAmb:0000000000000000\nNoNewPrivs:1\nSeccomp:2\n0\n1024\n")
      << outcome;
}

TEST_P(Confinement, PROC_16_named_limits_hold_and_cannot_be_raised) {
  CageOptions limited;
  limited.confine_options = {"--process-limit", "4000", "--file-size-limit", "2048"};
  const Outcome outcome = run_caged(
      GetParam(),
      bash("ulimit -Su; ulimit -Hu; ulimit -Sf; ulimit -Hf; ulimit -Hu 5000 2>/dev/null || echo "
           "fixed; f=$(mktemp); ( head -c 9999 /dev/zero >$f ); echo $?; rm $f"),
      limited);
  EXPECT_EQ(outcome.output, "4000\n4000\n2\n2\nfixed\n153\n") << outcome;  // 128 + SIGXFSZ
}

TEST_P(Confinement, NET_08_foreign_abis_end_the_process) {
#ifdef __x86_64__
  for (const char* abi : {"i386", "x32"}) {
    const Outcome outcome = run_caged(GetParam(), attacker(abi));
    EXPECT_EQ(outcome.exit_code, 128 + SIGSYS) << outcome;
    EXPECT_EQ(outcome.output, "");
  }
#endif
}

TEST_P(Confinement, everyday_programs_work) {
  for (const char* script :
       {"echo '#include <stdio.h>\nint main(){puts(\"ok\");}' | gcc -x c -o /dev/null - && echo ok",
        "/usr/bin/python3 -c 'import subprocess, threading, socket, asyncio, multiprocessing;"
        "threading.Thread(target=print, args=(\"ok\",)).start();"
        "subprocess.run([\"true\"], check=True)'",
        "node -e 'require(\"child_process\").execSync(\"true\"); "
        "new (require(\"worker_threads\").Worker)(\"console.log(\\\"ok\\\")\", {eval: true})'",
        "cd $(mktemp -d) && git init -q . && git -c user.name=a -c user.email=a@b "
        "commit -q --allow-empty -m x && git log --oneline | grep -q x && echo ok",
        "curl -s file:///etc/hostname >/dev/null && echo ok", "perl -e 'print qq(ok\\n)'",
        "ls / | sort | head -1 >/dev/null && echo ok"}) {
    const Outcome outcome = run_caged(GetParam(), bash(script));
    EXPECT_EQ(outcome.exit_code, 0) << script << '\n' << outcome;
    EXPECT_THAT(outcome.output, HasSubstr("ok")) << script;
  }
}

// awf-confine alone, with what its caller leaves open.
int confine_with(const std::vector<std::string>& options, const std::string& script,
                 std::vector<std::pair<int, int>> fds, bool as_root = true) {
  SpawnPlan plan;
  const std::string program = std::string(AWF_PROGRAMS_DIR) + "/awf-confine";
  plan.argv = {program, "--uid", "33", "--gid", "33"};
  if (!as_root) plan.argv = {"setpriv", "--reuid", "33", "--regid", "33", program};
  plan.argv.insert(plan.argv.end(), options.begin(), options.end());
  plan.argv.insert(plan.argv.end(), {"--", "/bin/bash", "-c", script});
  plan.program = as_root ? program : "/usr/bin/setpriv";
  plan.environment = {"PATH=/usr/bin:/bin"};
  plan.fds = std::move(fds);
  plan.new_session = true;
  return exit_code::from_wait_status(Child::spawn(plan).wait());
}

TEST(ConfineDescriptors, NET_13_a_socket_that_the_caller_left_open_is_closed) {
  const Pipe inherited = make_pipe();
  const int fd = inherited.write_end.get();
  EXPECT_EQ(confine_with({}, "[ ! -e /proc/self/fd/3 ] && [ ! -e /proc/self/fd/200 ]",
                         {{200, fd}, {9, fd}}),
            0);
}

TEST(ConfineDescriptors, named_descriptors_stay_open) {
  const Pipe inherited = make_pipe();
  const int fd = inherited.write_end.get();
  EXPECT_EQ(confine_with({"--keep-fd", "5", "--keep-fd", "6"},
                         "[ -e /proc/$$/fd/5 ] && [ -e /proc/$$/fd/6 ] && [ ! -e /proc/$$/fd/7 ]",
                         {{5, fd}, {6, fd}, {7, fd}}),
            0);
}

TEST(ConfineDescriptors, FS_a_directory_as_standard_input_is_refused) {
  const UniqueFd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(confine_with({}, "true", {{0, root.get()}}), 125);
}

TEST(ConfineGroups, named_groups_are_the_only_ones) {
  EXPECT_EQ(confine_with({"--groups", "4,27"}, "[ \"$(id -G)\" = '33 4 27' ]", {}), 0);
}

TEST(ConfineGroups, PROC_04_groups_that_cannot_be_dropped_are_a_refusal) {
  SpawnPlan plan;
  plan.program = "/usr/bin/setpriv";
  plan.argv = {"setpriv", "--reuid",  "33",    "--regid",
               "33",      "--groups", "4",     std::string(AWF_PROGRAMS_DIR) + "/awf-confine",
               "--uid",   "33",       "--gid", "33",
               "--",      "true"};
  plan.environment = {"PATH=/usr/bin:/bin"};
  EXPECT_EQ(exit_code::from_wait_status(Child::spawn(plan).wait()), 125);
}

TEST(ConfineIds, a_user_that_cannot_be_changed_is_a_refusal) {
  SpawnPlan plan;
  plan.program = "/usr/bin/setpriv";
  plan.argv = {"setpriv",
               "--reuid",
               "33",
               "--regid",
               "33",
               "--clear-groups",
               std::string(AWF_PROGRAMS_DIR) + "/awf-confine",
               "--uid",
               "34",
               "--gid",
               "33",
               "--",
               "true"};
  plan.environment = {"PATH=/usr/bin:/bin"};
  EXPECT_EQ(exit_code::from_wait_status(Child::spawn(plan).wait()), 125);
}

TEST(ConfineIds, real_root_without_sudo_gets_a_root_without_any_capability) {
  const std::string script =
      "! grep -E '^Cap' /proc/self/status | grep -qv 0000000000000000 && "
      "! chown 33 /proc/self/fd/0 2>/dev/null && ! cat /proc/1/environ 2>/dev/null";
  SpawnPlan plan;
  plan.program = std::string(AWF_PROGRAMS_DIR) + "/awf-confine";
  plan.argv = {plan.program, "--uid", "0", "--gid", "0", "--", "/bin/bash", "-c", script};
  plan.environment = {"PATH=/usr/bin:/bin"};
  EXPECT_EQ(exit_code::from_wait_status(Child::spawn(plan).wait()), 0);
}

}  // namespace
}  // namespace awf::tests
