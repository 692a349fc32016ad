#include "common/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/check.hpp"

namespace awf {
namespace {

bool is_close_on_exec(int fd) {
  return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

TEST(File, a_sealed_file_reads_from_its_start_and_cannot_be_changed) {
  const UniqueFd fd = make_sealed_file("test", "content");
  EXPECT_EQ(read_rest(fd.get(), 100, "test"), "content");
  EXPECT_LT(::write(fd.get(), "x", 1), 0);
  EXPECT_LT(::ftruncate(fd.get(), 0), 0);
}

TEST(File, a_file_larger_than_its_limit_is_refused) {
  const UniqueFd fd = make_sealed_file("test", std::string(101, 'x'));
  EXPECT_THROW((void)read_rest(fd.get(), 100, "test"), Refusal);
}

TEST(File, a_missing_file_is_nothing_or_an_error_as_asked) {
  EXPECT_EQ(read_file_if_there("/nonexistent/file", 10), std::nullopt);
  EXPECT_THROW((void)read_file("/nonexistent/file", 10), SystemFailure);
}

TEST(File, a_pipe_is_close_on_exec_from_birth) {
  const Pipe pipe = make_pipe();
  EXPECT_TRUE(is_close_on_exec(pipe.read_end.get()));
  EXPECT_TRUE(is_close_on_exec(pipe.write_end.get()));
}

// In a process of its own: the call touches every descriptor.
TEST(File, close_on_exec_except_marks_all_but_the_kept_ones) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Not close-on-exec on purpose: that is what the call must change.
    // NOLINTBEGIN(android-cloexec-open)
    const int a = ::open("/dev/null", O_RDONLY);
    const int b = ::open("/dev/null", O_RDONLY);
    const int c = ::open("/dev/null", O_RDONLY);
    // NOLINTEND(android-cloexec-open)
    close_on_exec_except({b, 1});
    const bool right = is_close_on_exec(a) && !is_close_on_exec(b) && is_close_on_exec(c) &&
                       !is_close_on_exec(STDERR_FILENO);
    ::_exit(right ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace awf
