#include "credential-mask/listening_sockets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace awf::mask {
namespace {

using ::testing::ElementsAre;

TEST(SocketPaths, are_the_absolute_ones_with_their_white_space) {
  EXPECT_THAT(parse_socket_paths(
                  "Num       RefCount Protocol Flags    Type St Inode Path\n"
                  "0000000000000000: 00000002 00000000 00010000 0001 01  1001 /srv/a b.sock\n"
                  "0000000000000000: 00000003 00000000 00000000 0001 03  1002\n"
                  "0000000000000000: 00000002 00000000 00010000 0001 01  1003 @abstract/x\n"
                  "0000000000000000: 00000002 00000000 00010000 0001 01  1004 relative/x\n"
                  "0000000000000000: 00000002 00000000 00000000 0002 01  1005 /dev/log\n"),
              ElementsAre("/srv/a b.sock", "/dev/log"));
}

}  // namespace
}  // namespace awf::mask
