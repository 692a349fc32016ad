#include "credential-mask/proofs.hpp"

#include <gtest/gtest.h>

namespace awf::mask {
namespace {

const auto kMounts = parse_mount_table(
    "1 0 8:1 / / ro - ext4 a rw\n"
    "2 1 0:5 / /tmp rw - tmpfs t rw\n"
    "3 1 0:6 / /home/u rw - overlay home rw\n"
    "4 3 0:7 / /home/u/x/y ro - tmpfs t rw\n");

TEST(Proof, finds_a_mount_that_is_writable_without_leave) {
  EXPECT_EQ(stray_writable_mount(kMounts, {"/tmp", "/home/u"}), std::nullopt);
  EXPECT_EQ(stray_writable_mount(kMounts, {"/tmp"}), "/home/u");
  EXPECT_EQ(stray_writable_mount(kMounts, {"/home", "/tm"}), "/tmp");
}

TEST(Proof, S4_G7_finds_a_mount_that_names_a_hidden_path) {
  EXPECT_EQ(path_named_by(kMounts, {"/home/u/.aws", "/home/u/x/y"}), "/home/u/x/y");
  EXPECT_EQ(path_named_by(kMounts, {"/home/u/x"}), "/home/u/x");
  EXPECT_EQ(path_named_by(kMounts, {"/home/u/.aws"}), std::nullopt);
}

}  // namespace
}  // namespace awf::mask
