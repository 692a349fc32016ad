// A machine to hide credentials of: the real tree, but with /srv, /tmp and /run of its own, in a
// mount namespace that goes with the test. Needs root.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf::mask_test {

// As whom the chain runs: as after sudo, or as a plain user in a user namespace.
enum class Mode { kRoot, kRootless };

inline constexpr uid_t kUser = 33;
inline constexpr const char* kHome = "/srv/home/runner";
inline constexpr const char* kWorkspace = "/srv/home/runner/work/repo";
// Occurs in every planted secret.
inline constexpr const char* kSecret = "PLANTED-s3cr3t";

struct Outcome {
  int exit_code = -1;
  std::string output;
  std::string errors;
};
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

// The directories above exist and belong to the user; so do /run/docker.sock, which listens, and
// /run/secrets/token.
class Machine : public ::testing::TestWithParam<Mode> {
 protected:
  Machine();
  ~Machine() override;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // A file of the user; missing directories are made.
  static void plant(const std::string& path, const std::string& content = kSecret);
  static void make_directory(const std::string& path);
  // A socket that everybody may connect to and whose server is this test.
  void listen_at(const std::string& path);
  static void bind(const std::string& source, const std::string& target);

  // Runs `script` by /bin/sh, as the user and without capabilities, behind awf-mask-credentials
  // with the home and the workspace above and `options`.
  [[nodiscard]] Outcome run(const std::string& script,
                            const std::vector<std::string>& options = {}) const;
  // With `options` alone.
  [[nodiscard]] Outcome run_bare(const std::string& script,
                                 const std::vector<std::string>& options) const;
  // While the script waits in `read`, after it has printed a line, `meanwhile` happens on the host.
  [[nodiscard]] Outcome run_with(const std::string& script, const std::function<void()>& meanwhile,
                                 const std::vector<std::string>& options = {}) const;

 private:
  UniqueFd program_;
  std::vector<UniqueFd> servers_;
};

std::string mode_name(const ::testing::TestParamInfo<Mode>& info);

}  // namespace awf::mask_test

#define INSTANTIATE_IN_BOTH_MODES(Suite)                                               \
  INSTANTIATE_TEST_SUITE_P(                                                            \
      Modes, Suite,                                                                    \
      ::testing::Values(awf::mask_test::Mode::kRoot, awf::mask_test::Mode::kRootless), \
      awf::mask_test::mode_name)
