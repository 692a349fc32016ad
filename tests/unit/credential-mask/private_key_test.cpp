#include "credential-mask/private_key.hpp"

#include <gtest/gtest.h>

#include <string>

namespace awf::mask {
namespace {

class PrivateKey : public ::testing::TestWithParam<const char*> {};

TEST_P(PrivateKey, S4_G4_is_known_by_its_first_lines) {
  EXPECT_TRUE(looks_like_private_key(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    Forms, PrivateKey,
    ::testing::Values("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz",
                      "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n",
                      "-----BEGIN EC PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----\n",
                      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
                      "-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
                      "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n",
                      "PuTTY-User-Key-File-3: ssh-ed25519\n",
                      "Bag Attributes\n    localKeyID: 01\n-----BEGIN PRIVATE KEY-----\n",
                      "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n"
                      "-----BEGIN RSA PRIVATE KEY-----\n"));

class NoPrivateKey : public ::testing::TestWithParam<const char*> {};

TEST_P(NoPrivateKey, S4_G4_stays_visible) {
  EXPECT_FALSE(looks_like_private_key(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Forms, NoPrivateKey,
                         ::testing::Values("", "github.com ssh-ed25519 AAAAC3NzaC1lZDI1\n",
                                           "ssh-rsa AAAAB3NzaC1yc2E me@host\n",
                                           "-----BEGIN PUBLIC KEY-----\n",
                                           "-----BEGIN CERTIFICATE-----\nMIIB PRIVATE\n",
                                           "Host *\n  IdentityFile ~/.ssh/PRIVATE KEY\n"));

TEST(Glob, a_star_stands_for_any_bytes_of_one_name) {
  EXPECT_TRUE(matches_glob("id_*", "id_rsa"));
  EXPECT_TRUE(matches_glob("id_*", "id_"));
  EXPECT_TRUE(matches_glob("*.pem", "a.pem"));
  EXPECT_TRUE(matches_glob(".*_history", ".bash_history"));
  EXPECT_TRUE(matches_glob("config", "config"));
  EXPECT_FALSE(matches_glob("id_*", "xid_rsa"));
  EXPECT_FALSE(matches_glob("*.pem", "pem"));
  EXPECT_FALSE(matches_glob("ssh_host_*_key", "ssh_host_key"));
  EXPECT_FALSE(matches_glob("*", "a/b"));
  EXPECT_FALSE(matches_glob("config", "config2"));
}

}  // namespace
}  // namespace awf::mask
