// awf-mask-credentials: a view of the file system without credentials, then the next program.
#include <cstdio>

#include "common/child.hpp"
#include "common/run_main.hpp"
#include "credential-mask/mount_plan.hpp"
#include "credential-mask/options.hpp"
#include "credential-mask/view.hpp"

int main(int argc, char** argv) {
  using namespace awf;
  return run_main("awf-mask-credentials", [&] {
    const auto parsed = mask::parse_options(argc, argv);
    if (!parsed) return 0;
    const auto options = mask::resolved_on_host(*parsed);
    const auto plan = mask::make_plan(options);
    if (options.print_plan) {
      (void)std::fputs(mask::shown(plan).c_str(), stdout);
      return 0;
    }
    mask::enter_view(options, plan);
    exec_program(options.command);
  });
}
