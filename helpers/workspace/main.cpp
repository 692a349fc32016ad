// awf-workspace: what the command changed in the workspace. See README.md of this folder.
#include <fcntl.h>

#include <vector>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/service_lockdown.hpp"
#include "workspace/options.hpp"
#include "workspace/watch.hpp"

namespace {

using namespace awf;

int serve(const workspace::Options& options) {
  std::vector<int> kept = {options.control_fd};
  if (options.report_fd) kept.push_back(*options.report_fd);
  for (const int fd : kept)
    set_close_on_exec(fd, true);
  const MessageChannel supervisor{UniqueFd(options.control_fd)};
  // Before the change of user: directories above may be closed to the command's.
  const UniqueFd top(
      check(::open(options.directory.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
            "opening the workspace " + options.directory));
  lock_down_service({options.uid, options.gid, {}});
  workspace::watch(options, top.get(), supervisor);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("awf-workspace", [&] {
    const auto options = workspace::parse_options(argc, argv);
    return options ? serve(*options) : 0;
  });
}
