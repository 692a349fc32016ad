#include "credential-mask/name_service.hpp"

#include <gtest/gtest.h>

namespace awf::mask {
namespace {

TEST(ResolverFile, names_the_resolver_of_the_sandbox_only) {
  EXPECT_EQ(resolver_file(), "nameserver 127.0.0.1\n");
}

TEST(HostsFile, knows_loopback_and_the_machine) {
  EXPECT_EQ(hosts_file("vm-1"),
            "127.0.0.1 localhost vm-1\n::1 localhost ip6-localhost ip6-loopback\n");
  EXPECT_EQ(hosts_file("localhost").find("localhost localhost"), std::string::npos);
}

TEST(HostsFile, takes_no_name_that_could_be_read_as_something_else) {
  EXPECT_EQ(hosts_file("a\n6.6.6.6 github.com"), hosts_file(""));
}

TEST(SwitchFile, replaces_the_line_for_hosts_and_keeps_the_others) {
  EXPECT_EQ(switch_file("passwd: files systemd\n hosts : files mdns4 resolve [!UNAVAIL=return]\n"
                        "# hosts: commented\nhosts:\tdns\n"),
            "passwd: files systemd\n# hosts: commented\nhosts: files dns\n");
}

TEST(SwitchFile, of_a_host_without_one_has_the_line_for_hosts) {
  EXPECT_EQ(switch_file(""), "hosts: files dns\n");
}

}  // namespace
}  // namespace awf::mask
