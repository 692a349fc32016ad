// A program that does with its environment what programs do, one kind of thing a call, and prints
// what it saw. usage: probe WORK [NAME]
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

const char* read_by_a_constructor = nullptr;

__attribute__((constructor)) void read_early() {
  read_by_a_constructor = ::getenv("EARLY_TOKEN");
}

const char* shown(const char* value) {
  return value == nullptr ? "(unset)" : value;
}

std::string own_environ_block() {
  const int fd = ::open("/proc/self/environ", O_RDONLY | O_CLOEXEC);
  std::string text(1U << 20U, '\0');
  std::size_t used = 0;
  for (ssize_t got = 1; got > 0 && used < text.size(); used += static_cast<std::size_t>(got)) {
    got = ::read(fd, text.data() + used, text.size() - used);
    if (got < 0) break;
  }
  (void)::close(fd);
  text.resize(used);
  return text;
}

bool in_environ(const std::string& name) {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (std::string_view(*entry).rfind(name + "=", 0) == 0) return true;
  }
  return false;
}

// What a child sees of the name: through posix_spawn, as most programs start others.
std::string of_child(const std::string& name) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return "(no pipe)";
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  std::string program = "/usr/bin/printenv";
  std::string argument = name;
  char* argv[] = {program.data(), argument.data(), nullptr};
  pid_t pid = 0;
  const int rc = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, argv, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  (void)::close(ends[1]);
  if (rc != 0) return "(no child)";
  std::string text(65536, '\0');
  const ssize_t got = ::read(ends[0], text.data(), text.size());
  (void)::close(ends[0]);
  (void)::waitpid(pid, nullptr, 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) - 1 : 0);  // without the newline
  return got > 0 ? text : "(unset)";
}

int twice(const char* name) {
  const char* first = ::getenv(name);
  const char* second = ::getenv(name);
  std::printf("%s\n%s\n%s\n", shown(first), shown(second), first == second ? "same" : "different");
  return 0;
}

int secure(const char* name) {
  const char* first = ::secure_getenv(name);
  const char* second = ::getenv(name);
  std::printf("%s\n%s\nin environ: %d\n", shown(first), shown(second), in_environ(name) ? 1 : 0);
  return 0;
}

int places(const char* name, const char* text) {
  const bool before = own_environ_block().find(text) != std::string::npos;
  std::printf("block before: %d\nenviron before: %d\nchild before: %s\n", before ? 1 : 0,
              in_environ(name) ? 1 : 0, of_child(name).c_str());
  std::printf("read: %s\n", shown(::getenv(name)));
  const bool after = own_environ_block().find(text) != std::string::npos;
  std::printf("block after: %d\nenviron after: %d\nchild after: %s\n", after ? 1 : 0,
              in_environ(name) ? 1 : 0, of_child(name).c_str());
  return 0;
}

int setters(const char* name) {
  std::printf("read: %s\n", shown(::getenv(name)));
  (void)::setenv(name, "second", 0);
  std::printf("kept: %s\n", shown(::getenv(name)));
  (void)::setenv(name, "a third value that is longer than the first", 1);
  std::printf("set: %s\n", shown(::getenv(name)));
  std::printf("in environ: %d\n", in_environ(name) ? 1 : 0);
  std::string entry = std::string(name) + "=put";
  (void)::putenv(entry.data());
  std::printf("put: %s\n", shown(::getenv(name)));
  (void)::unsetenv(name);
  std::printf("unset: %s\n", shown(::getenv(name)));
  (void)::setenv(name, "again", 0);
  std::printf("again: %s\n", shown(::getenv(name)));
  std::string bare = name;
  (void)::putenv(bare.data());
  std::printf("put bare: %s\n", shown(::getenv(name)));
  (void)::setenv(name, "last", 1);
  std::printf("last: %s\n", shown(::getenv(name)));
  (void)::clearenv();
  std::printf("cleared: %s\n", shown(::getenv(name)));
  const char* no_name = ::getenv("NO_SUCH_VARIABLE");
  std::printf("bad name: %d, %s\n", ::setenv("", "x", 1) == -1 && errno == EINVAL ? 1 : 0,
              shown(no_name));
  return 0;
}

// 32 threads: all read the token first at once; half go on with a name that nobody guards.
int threads(const char* name) {
  constexpr int kThreads = 32;
  constexpr int kReads = 2000;
  const std::string expected = "planted-value";
  std::atomic<bool> go{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> all;
  all.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    all.emplace_back([&, i] {
      while (!go.load())
        std::this_thread::yield();
      for (int read = 0; read < kReads; ++read) {
        const char* token = ::getenv(name);
        if (token == nullptr || expected != token) ++wrong;
        if (i % 2 == 0 && ::getenv("HOME_OF_PROBE") == nullptr) ++wrong;
      }
    });
  }
  go.store(true);
  for (auto& thread : all)
    thread.join();
  std::printf("wrong: %d\nin environ: %d\n", wrong.load(), in_environ(name) ? 1 : 0);
  return wrong.load() == 0 ? 0 : 1;
}

bool child_reads(const char* name, bool by_vfork) {
  const pid_t pid = by_vfork ? ::vfork() : ::fork();
  if (pid == 0) ::_exit(::getenv(name) != nullptr ? 0 : 1);
  int status = 1;
  return ::waitpid(pid, &status, 0) == pid && status == 0;
}

// 1,000 children while other threads change and read: none may hang on a lock of its parent.
int forks(const char* name) {
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  constexpr int kBusy = 2;
  std::vector<std::thread> busy;
  busy.reserve(kBusy);
  for (int i = 0; i < kBusy; ++i) {
    busy.emplace_back([&, i] {
      while (!stop.load()) {
        if (::getenv(name) == nullptr) ++wrong;
        if (i == 0) (void)::setenv(name, "planted-value", 1);
      }
    });
  }
  for (int child = 0; child < 1000; ++child) {
    if (!child_reads(name, child % 2 == 0)) ++wrong;
  }
  stop.store(true);
  for (auto& thread : busy)
    thread.join();
  std::printf("wrong: %d\n", wrong.load());
  return wrong.load() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  (void)::setenv("HOME_OF_PROBE", "here", 1);
  const std::string_view work = argv[1];
  if (work == "early") {
    std::printf("%s\n%s\n", shown(read_by_a_constructor), shown(::getenv("EARLY_TOKEN")));
    return 0;
  }
  if (work == "twice") return twice(argv[2]);
  if (work == "secure") return secure(argv[2]);
  if (work == "places" && argc == 4) return places(argv[2], argv[3]);
  if (work == "setters") return setters(argv[2]);
  if (work == "threads") return threads(argv[2]);
  if (work == "fork") return forks(argv[2]);
  return 2;
}
