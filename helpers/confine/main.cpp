// awf-confine: gives up all authority, proves it, and runs the rest of its command line.
#include "common/child.hpp"
#include "common/run_main.hpp"
#include "confine/confinement.hpp"
#include "confine/options.hpp"

int main(int argc, char** argv) {
  return awf::run_main("awf-confine", [argc, argv] {
    const auto options = awf::confine::parse_options(argc, argv);
    if (!options) return 0;
    awf::confine::confine_self({options->uid, options->gid, options->groups, options->keep_fds,
                                options->terminal, options->process_limit,
                                options->file_size_limit});
    awf::exec_program(options->command);
  });
}
