// Development on one machine works inside as it does outside: version control, compilers,
// debuggers, servers, terminals. No line needs the network, and none is allowed any.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/awf_run.hpp"

namespace awf::test_world {
namespace {

struct Work {
  const char* name;
  const char* line;    // for bash
  const char* output;  // contained in stdout when it worked
};

constexpr Work kWorks[] = {
    {"git_commit_branch_worktree",
     "git init -q r && cd r && git config user.name n && git config user.email n@example.org && "
     "echo a >a && git add a && git commit -qm first && git branch topic && "
     "git worktree add -q ../topic topic && cd ../topic && echo b >b && git add b && "
     "git commit -qm second && git -C ../r merge -q topic && git -C ../r stash list && "
     "git -C ../r gc -q && git -C ../r log --format=%s && git -C ../r fsck && echo works",
     "second\nfirst\nworks"},
    {"python_venv",
     "/usr/bin/python3 -m venv v && . v/bin/activate && python -m pip --version >/dev/null && "
     "python -c 'import sys; print(sys.prefix != sys.base_prefix)'",
     "True"},
    {"python_parallel",
     "/usr/bin/python3 -c '\nimport asyncio, multiprocessing, subprocess, concurrent.futures as f\n"
     "def square(x): return x * x\n"
     "if __name__ == \"__main__\":\n"
     "    with multiprocessing.Pool(4) as pool: assert pool.map(square, range(9))[8] == 64\n"
     "    with f.ProcessPoolExecutor(2) as e: assert list(e.map(square, [3])) == [9]\n"
     "    async def main():\n"
     "        p = await asyncio.create_subprocess_exec(\"echo\", \"works\")\n"
     "        await p.wait()\n"
     "    asyncio.run(main())\n'",
     "works"},
    {"node_child_processes_and_workers",
     "node -e '\nconst {execFileSync, fork, spawn} = require(\"child_process\");\n"
     "const {Worker} = require(\"worker_threads\");\n"
     "execFileSync(\"true\");\n"
     "spawn(\"sh\", [\"-c\", \"exit 3\"]).on(\"exit\", code => console.log(\"child\", code));\n"
     "new Worker(\"require(\\\"worker_threads\\\").parentPort.postMessage(7)\", {eval: true})"
     ".on(\"message\", m => console.log(\"worker\", m));'",
     "child 3"},
    {"make_in_parallel",
     "mkdir m && cd m && for i in $(seq 12); do echo \"int f$i(void){return $i;}\" >f$i.c; done && "
     "echo 'int f7(void); int main(void){return f7()-7;}' >main.c && "
     "printf 'prog: $(patsubst %%.c,%%.o,$(wildcard *.c))\\n\\t$(CC) -o $@ $^\\n' >Makefile && "
     "make -s -j8 && ./prog && echo works",
     "works"},
    {"cmake_and_ninja",
     "mkdir c && cd c && echo 'int main(){}' >main.cpp && printf 'cmake_minimum_required(VERSION "
     "3.16)\\nproject(c CXX)\\nadd_executable(c main.cpp)\\n' >CMakeLists.txt && "
     "cmake -G Ninja -B b . >/dev/null && cmake --build b >/dev/null && b/c && echo works",
     "works"},
    {"go_build_and_test",
     "export GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local GOPATH=$PWD/go; mkdir g && cd g && "
     "printf 'module m\\ngo 1.18\\n' >go.mod && printf 'package main\\nfunc F() int { return 4 }\\n"
     "func main() { println(F()) }\\n' >main.go && printf 'package main\\nimport \"testing\"\\n"
     "func TestF(t *testing.T) { if F() != 4 { t.Fatal() } }\\n' >main_test.go && "
     "go build -o prog . && ./prog && go vet . && go test . >/dev/null && echo works",
     "works"},
    {"cargo_build_and_test_offline",
     "cargo new -q --vcs none c && cd c && printf '#[test]\\nfn t() { assert_eq!(2 + 2, 4); }\\n' "
     ">>src/main.rs && cargo run -q --offline && cargo test -q --offline >/dev/null && echo works",
     "Hello, world!\nworks"},
    {"javac_and_java",
     "printf 'public class A { public static void main(String[] a) throws Exception {"
     "java.util.stream.IntStream.range(0, 99).parallel().sum();"
     "Thread t = new Thread(() -> System.out.println(\"works\")); t.start(); t.join(); } }' "
     ">A.java "
     "&& javac A.java && java -Xmx128m A",
     "works"},
    {"maven_knows_itself", "mvn -o --version", "Apache Maven"},
    {"npm_install_of_a_local_package",
     "mkdir lib app && echo '{\"name\":\"lib\",\"version\":\"1.0.0\"}' >lib/package.json && "
     "echo 'module.exports = \"works\"' >lib/index.js && cd app && "
     "echo '{\"name\":\"app\",\"version\":\"1.0.0\",\"scripts\":{\"x\":\"node -p "
     "\\\"require(\\\\\\\"lib\\\\\\\")\\\"\"}}' >package.json && "
     "npm install --offline --no-audit --no-fund --no-update-notifier ../lib >/dev/null && "
     "npm run -s x",
     "works"},
    {"ssh_keygen", "ssh-keygen -q -t ed25519 -N '' -f key && ssh-keygen -lf key && echo works",
     "works"},
    {"gdb_on_ones_own_child",
     "echo 'int answer = 41; int main(void){answer++; return answer;}' >a.c && gcc -g a.c && "
     "gdb -q -batch -ex 'break main' -ex run -ex next -ex 'print answer' ./a.out 2>&1",
     "= 42"},
    {"strace_of_ones_own_child",
     "strace -f -o trace sh -c 'cat /etc/hostname >/dev/null' && grep -q 'exited with 0' trace && "
     "echo works",
     "works"},
    {"a_server_and_a_client_on_localhost",
     "echo works >page; /usr/bin/python3 -u -m http.server 8123 >log 2>&1 & "
     "curl -sS --retry 50 --retry-delay 0 --retry-connrefused --noproxy '*' "
     "http://localhost:8123/page; kill $!; wait",
     "works"},
    {"a_server_on_ipv6_and_a_unix_socket",
     "/usr/bin/python3 -c '\nimport socket, threading\n"
     "for family, address in ((socket.AF_INET6, (\"::1\", 0)), (socket.AF_UNIX, \"sock\")):\n"
     "    s = socket.socket(family); s.bind(address); s.listen()\n"
     "    c = socket.socket(family); c.connect(s.getsockname()); c.send(b\"x\")\n"
     "    assert s.accept()[0].recv(1) == b\"x\"\nprint(\"works\")'",
     "works"},
    {"inotify",
     "mkdir watched; coproc inotifywait -q -m -e create --format 'made %f' watched 2>&1; "
     "while ! grep -q inotify /proc/$COPROC_PID/fdinfo/* 2>/dev/null; do :; done; "
     "until [ -n \"$line\" ]; do touch watched/file; rm watched/file; read -t 1 -u ${COPROC[0]} "
     "line; done; echo $line; kill $COPROC_PID",
     "made file"},
    {"posix_shared_memory_and_semaphores",
     "/usr/bin/python3 -c '\nfrom multiprocessing import shared_memory, Semaphore\n"
     "m = shared_memory.SharedMemory(create=True, size=4096); m.buf[0] = 7\n"
     "n = shared_memory.SharedMemory(name=m.name); assert n.buf[0] == 7\n"
     "n.close(); m.close(); m.unlink(); Semaphore(1).acquire(); print(\"works\")'",
     "works"},
    {"script_makes_a_terminal",
     "script -qec 'test -t 0 && test -t 1 && echo works' /dev/null </dev/null", "works"},
    {"tmux",
     "export TMUX_TMPDIR=$PWD; tmux -f /dev/null new-session -d 'bash --norc' && "
     "tmux send-keys 'echo works >out' Enter && until [ -s out ]; do sleep 0.1; done && cat out && "
     "tmux list-sessions && tmux kill-server",
     "works\n0: 1 windows"},
    {"ps_and_top", "ps -ef | grep -c 'ps -ef' >/dev/null && top -b -n 1 | head -1", "load average"},
    {"df_and_mounts", "df -h . >/dev/null && mount | grep -c ' on / ' && df / | tail -1", "1\n"},
    {"signals_jobs_and_limits",
     "set -m; sleep 100 & kill -STOP %1 && kill -CONT %1 && kill %1; wait %1; echo $?; "
     "ulimit -n 4096 && renice -n 5 $$ >/dev/null && taskset -p $$ >/dev/null && "
     "ionice -c 3 true && prlimit --nofile=512 true && echo works",
     "143\nworks"},
};

void PrintTo(const Work& work, std::ostream* out) {
  *out << work.name;
}

class Development : public testing::TestWithParam<std::tuple<Work, Caller>> {
 protected:
  World world = World::start();
};

TEST_P(Development, works_as_outside) {
  const auto& [work, caller] = GetParam();
  RunOptions options;
  options.caller = caller;
  options.limit = std::chrono::minutes(3);
  // The caller is www-data here, whose home is not its own to write to, which a runner's is.
  const auto result = world.run_awf(
      {"--", "export HOME=/tmp/home; mkdir /tmp/home; " + std::string(work.line)}, options);
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, testing::HasSubstr(work.output)) << result;
  EXPECT_THAT(world.packets(), testing::IsEmpty());
}

std::string work_name(const testing::TestParamInfo<std::tuple<Work, Caller>>& info) {
  return std::string(std::get<0>(info.param).name) + "_" + name_of(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(, Development,
                         testing::Combine(testing::ValuesIn(kWorks),
                                          testing::Values(Caller::kSudo, Caller::kRootless)),
                         &work_name);

}  // namespace
}  // namespace awf::test_world
