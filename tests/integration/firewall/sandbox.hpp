// A sandbox made by the built awf-firewall, with the test as its supervisor.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "common/child.hpp"
#include "common/message_channel.hpp"
#include "net/sandbox_sockets.hpp"

namespace awf::tests {

enum class Mode {
  kRoot,      // awf-firewall as root
  kRootless,  // as uid 33, --user-namespace
};
std::ostream& operator<<(std::ostream& out, Mode mode);

// Who acts inside.
enum class Actor {
  kCommand,        // uid 33, in the sandbox's user namespace, without a capability
  kNamespaceRoot,  // with every capability over the sandbox's namespaces
};

// awf-firewall, started; its output is read by the test.
struct Firewall {
  Child process;
  MessageChannel control;
  UniqueFd output;  // stdout and stderr
};
// Throws when it does not start. `next` runs after "go", with the further descriptors `fds`, pairs
// of its number there and ours.
Firewall start_firewall(Mode mode, const std::vector<std::string>& options,
                        const std::vector<std::string>& next,
                        const std::vector<std::pair<int, int>>& fds = {});

class Sandbox {
 public:
  explicit Sandbox(Mode mode, const std::vector<std::string>& options = {});

  // Runs `body` in the sandbox's network namespace, in a process of its own, and returns what it
  // returned; "exception: …" when it threw.
  [[nodiscard]] std::string inside(Actor actor, const std::function<std::string()>& body) const;

  [[nodiscard]] const net::SandboxSockets& sockets() const { return sockets_; }
  void close_interceptor() { sockets_.intercept4.reset(); }
  // Reports of the packet log since the last call.
  [[nodiscard]] std::vector<std::string> log() const;

 private:
  Firewall firewall_;
  net::SandboxSockets sockets_;
  UniqueFd network_;
  UniqueFd user_;
};

// All that can be read until the writers are gone.
std::string read_output(int fd);

}  // namespace awf::tests
