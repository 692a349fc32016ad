// awf-exit-relay: PID 1 for the command, and its exact exit status for the caller.
#include "common/run_main.hpp"
#include "exit-relay/options.hpp"
#include "exit-relay/relay.hpp"

int main(int argc, char** argv) {
  return awf::run_main("awf-exit-relay", [argc, argv] {
    const auto options = awf::exit_relay::parse_options(argc, argv);
    return options ? awf::exit_relay::run_relay(*options) : 0;
  });
}
