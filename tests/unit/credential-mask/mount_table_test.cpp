#include "credential-mask/mount_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/check.hpp"

namespace awf::mask {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kTable =
    "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "22 21 0:21 / /proc rw,nosuid - proc proc rw\n"
    "23 21 8:1 /home/u/.aws /srv/aws\\040copy ro,relatime shared:2 master:7 - ext4 /dev/sda1 rw\n"
    "24 21 0:30 / /run rw - tmpfs tmpfs rw\n"
    "25 21 8:1 / /mnt/all rw - ext4 /dev/sda1 rw\n";

std::vector<std::string> texts(const std::vector<Alias>& aliases) {
  std::vector<std::string> all;
  all.reserve(aliases.size());
  for (const auto& alias : aliases) {
    all.push_back(std::to_string(alias.mount_id) + " " + alias.path + " " + alias.part);
  }
  return all;
}

TEST(MountTable, is_read_with_its_optional_fields_and_escapes) {
  const auto mounts = parse_mount_table(kTable);
  ASSERT_EQ(mounts.size(), 5U);
  EXPECT_EQ(mounts[2].id, 23U);
  EXPECT_EQ(mounts[2].device, "8:1");
  EXPECT_EQ(mounts[2].root, "/home/u/.aws");
  EXPECT_EQ(mounts[2].mount_point, "/srv/aws copy");
  EXPECT_EQ(mounts[2].type, "ext4");
  EXPECT_TRUE(mounts[2].read_only());
  EXPECT_FALSE(mounts[0].read_only());
}

TEST(MountTable, a_line_of_another_form_is_refused) {
  EXPECT_THROW((void)parse_mount_table("21 1 8:1 / / rw\n"), Refusal);
  EXPECT_THROW((void)parse_mount_table("x 1 8:1 / / rw - ext4 a rw\n"), Refusal);
}

TEST(Paths, are_moved_from_one_top_to_another) {
  EXPECT_EQ(moved("/a/b/c", "/a", "/x"), "/x/b/c");
  EXPECT_EQ(moved("/a", "/a", "/x"), "/x");
  EXPECT_EQ(moved("/a/b", "/", "/x"), "/x/a/b");
  EXPECT_EQ(moved("/a/b", "/a", "/"), "/b");
}

TEST(Place, is_found_by_the_deepest_mount_and_the_last_of_several) {
  const auto mounts =
      parse_mount_table(std::string(kTable) + "26 24 0:31 / /run rw - tmpfs t rw\n");
  EXPECT_EQ(locate(mounts, "/home/u/.aws")->device, "8:1");
  EXPECT_EQ(locate(mounts, "/home/u/.aws")->path, "/home/u/.aws");
  EXPECT_EQ(locate(mounts, "/run/docker.sock")->device, "0:31");
  EXPECT_EQ(locate(mounts, "/run/docker.sock")->path, "/docker.sock");
  EXPECT_EQ(locate(mounts, "/srv/aws copy/credentials")->path, "/home/u/.aws/credentials");
}

TEST(Aliases, S4_06_of_a_file_are_found_through_bind_mounts_above_it_and_below_it) {
  const auto mounts = parse_mount_table(kTable);
  EXPECT_THAT(texts(aliases_of(mounts, {"8:1", "/home/u/.aws/credentials"})),
              ElementsAre("21 /home/u/.aws/credentials ", "23 /srv/aws copy/credentials ",
                          "25 /mnt/all/home/u/.aws/credentials "));
  EXPECT_THAT(texts(aliases_of(mounts, {"8:1", "/home/u"})),
              ElementsAre("21 /home/u ", "23 /srv/aws copy .aws", "25 /mnt/all/home/u "));
}

TEST(Aliases, of_a_place_on_another_file_system_are_none_here) {
  EXPECT_THAT(aliases_of(parse_mount_table(kTable), {"9:9", "/home/u"}), IsEmpty());
}

constexpr const char* kOverlays =
    "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "30 21 0:40 / /mnt/ov rw - overlay o "
    "rw,lowerdir=/srv/empty:/home/u,upperdir=/srv/up,workdir=/w\n"
    "31 21 0:41 / /mnt/new rw - overlay o rw,lowerdir+=/a\\054b,lowerdir+=/c\\134:d::/data\n"
    "32 21 0:40 /.aws /mnt/aws rw - overlay o rw,lowerdir=/srv/empty:/home/u\n";

TEST(Overlays, say_which_directories_they_are_made_of) {
  const auto mounts = parse_mount_table(kOverlays);
  EXPECT_THAT(overlay_directories(mounts[0]), IsEmpty());
  EXPECT_THAT(overlay_directories(mounts[1]), ElementsAre("/srv/empty", "/home/u", "/srv/up"));
  EXPECT_THAT(overlay_directories(mounts[2]), ElementsAre("/a,b", "/c:d", "/data"));
}

TEST(Overlays, FS_01_S4_06_are_sights_of_what_lies_in_their_layers) {
  auto mounts = parse_mount_table(kOverlays);
  for (const std::size_t overlay : {1U, 3U})
    mounts[overlay].layers = {{"8:1", "/home/u"}};
  EXPECT_THAT(texts(aliases_of(mounts, {"8:1", "/home/u/.aws/credentials"})),
              ElementsAre("21 /home/u/.aws/credentials ", "30 /mnt/ov/.aws/credentials ",
                          "32 /mnt/aws/credentials "));
  EXPECT_THAT(texts(aliases_of(mounts, {"8:1", "/home"})),
              ElementsAre("21 /home ", "30 /mnt/ov u", "32 /mnt/aws u/.aws"));
}

TEST(Overlays, put_what_lies_on_them_in_two_places) {
  auto mounts = parse_mount_table(kOverlays);
  mounts[3].layers = {{"8:1", "/home/u"}};
  const auto places = places_of(mounts, "/mnt/aws/credentials");
  ASSERT_EQ(places.size(), 2U);
  EXPECT_EQ(places[0].device + " " + places[0].path, "0:40 /.aws/credentials");
  EXPECT_EQ(places[1].device + " " + places[1].path, "8:1 /home/u/.aws/credentials");
}

}  // namespace
}  // namespace awf::mask
