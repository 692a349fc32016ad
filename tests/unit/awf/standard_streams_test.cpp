#include "awf/standard_streams.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <array>

#include "common/check.hpp"
#include "common/file.hpp"

namespace awf::supervisor {
namespace {

UniqueFd opened(const char* path, int flags) {
  return UniqueFd(check(::open(path, flags | O_CLOEXEC), "opening a file"));
}

TEST(StandardStreams, pipes_terminals_and_dev_null_are_handed_over) {
  const Pipe pipe = make_pipe();
  EXPECT_TRUE(may_be_handed_over(pipe.read_end.get()));
  EXPECT_TRUE(may_be_handed_over(pipe.write_end.get()));
  EXPECT_TRUE(may_be_handed_over(opened("/dev/null", O_RDWR).get()));
  const UniqueFd terminal(check(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "a terminal"));
  EXPECT_TRUE(may_be_handed_over(terminal.get()));
}

TEST(StandardStreams, NET_13_files_sockets_and_other_devices_are_not) {
  EXPECT_FALSE(may_be_handed_over(opened("/proc/version", O_RDONLY).get()));
  EXPECT_FALSE(may_be_handed_over(make_sealed_file("file", "x").get()));
  EXPECT_FALSE(may_be_handed_over(opened("/dev/zero", O_RDONLY).get()));
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "making sockets");
  const UniqueFd one(ends[0]);
  const UniqueFd other(ends[1]);
  EXPECT_FALSE(may_be_handed_over(one.get()));
  const UniqueFd tcp(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "making a socket"));
  EXPECT_FALSE(may_be_handed_over(tcp.get()));
}

TEST(StandardStreams, one_file_is_known_through_two_descriptors) {
  const UniqueFd file = make_sealed_file("file", "x");
  const std::string name = "/proc/self/fd/" + std::to_string(file.get());
  EXPECT_TRUE(are_one_file(file.get(), opened(name.c_str(), O_RDONLY).get()));
  EXPECT_FALSE(are_one_file(file.get(), make_sealed_file("file", "x").get()));
}

}  // namespace
}  // namespace awf::supervisor
