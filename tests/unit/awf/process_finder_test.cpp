// On this machine's own processes: a child of ours stands for the chain's first process, its child
// for PID 1.
#include "awf/process_finder.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "common/check.hpp"
#include "common/file.hpp"

namespace awf::supervisor {
namespace {

std::uint64_t inode_of(int fd) {
  struct stat status {};
  check(::fstat(fd, &status), "identifying a socket");
  return status.st_ino;
}

// A process with one child; both wait until the object is gone.
class Family {
 public:
  Family() : gate_(make_pipe()) {
    Pipe ready = make_pipe();
    parent_ = check(::fork(), "forking");
    if (parent_ == 0) {
      const pid_t child = ::fork();
      char byte = 'x';
      if (child == 0) (void)!::write(ready.write_end.get(), &byte, 1);
      gate_.write_end.reset();
      (void)!::read(gate_.read_end.get(), &byte, 1);
      if (child > 0) (void)::waitpid(child, nullptr, 0);
      ::_exit(0);
    }
    char byte = 0;
    check(::read(ready.read_end.get(), &byte, 1), "waiting for the family");
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;
  ~Family() {
    gate_.write_end.reset();
    (void)::waitpid(parent_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return parent_; }

 private:
  Pipe gate_;
  pid_t parent_ = 0;
};

TEST(ProcessFinder, names_the_process_that_holds_a_socket_and_knows_when_there_is_none) {
  const Family family;
  ProcessFinder finder(family.pid(), std::chrono::seconds(10));
  const UniqueFd socket(check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "a socket"));
  const auto found = finder.holder_of_socket(inode_of(socket.get()));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pid, static_cast<unsigned>(::getpid()));
  EXPECT_EQ(found->name, "unit-awf");
  EXPECT_FALSE(finder.holder_of_socket(0));
  EXPECT_FALSE(finder.holder_of_socket(~std::uint64_t{0}));
}

TEST(ProcessFinder, finds_nothing_before_the_sandbox_is_there) {
  ProcessFinder finder(::getpid());
  const UniqueFd socket(check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "a socket"));
  EXPECT_FALSE(finder.holder_of_socket(inode_of(socket.get())));
}

}  // namespace
}  // namespace awf::supervisor
