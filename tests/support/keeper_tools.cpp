#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "support/keeper.hpp"

namespace awf::test_world::keeper {

std::string find_tool(const std::string& name) {
  for (const char* directory : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
    std::string path = directory + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  throw Refusal("the test world needs " + name + ": run entrypoint/install-deps --test");
}

void run_tool(const std::vector<std::string>& argv, std::string_view input) {
  const UniqueFd standard_input = make_sealed_file("input", input);
  SpawnPlan plan;
  plan.program = find_tool(argv.front());
  plan.argv = argv;
  plan.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
  // Some tools talk about their success; what they say matters when they fail.
  const UniqueFd errors(check(::memfd_create("errors", MFD_CLOEXEC), "making a file in memory"));
  plan.fds = {{0, standard_input.get()}, {2, errors.get()}};
  Child child = Child::spawn(plan);
  const int status = child.wait();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  check(::lseek(errors.get(), 0, SEEK_SET), "rewinding");
  throw Refusal(argv.front() + " failed while the test world started: " +
                quoted(read_rest(errors.get(), 65536, "error output"), 500));
}

void mount_memory(const std::string& target, const std::string& mode) {
  check(::mount("tmpfs", target.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, ("mode=" + mode).c_str()),
        "mounting a file system in memory on " + target);
}

}  // namespace awf::test_world::keeper
