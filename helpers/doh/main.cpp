// awf-doh: looks names up by DNS over HTTPS. See README.md of this folder.
#include <curl/curl.h>

#include <csignal>
#include <iostream>
#include <utility>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/service_lockdown.hpp"
#include "doh/options.hpp"
#include "doh/service.hpp"

namespace {

using namespace awf;

int serve(const doh::Options& options) {
  // A terminal's ^C and hang-up are the supervisor's to handle.
  for (const int number : {SIGPIPE, SIGINT, SIGHUP})
    (void)std::signal(number, SIG_IGN);
  MessageChannel control{UniqueFd(options.control_fd)};
  set_close_on_exec(options.control_fd, true);
  verify(::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl starts");
  doh::Service service(options);
  lock_down_service({options.uid, options.gid, {}});
  service.run(std::move(control));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("awf-doh", [&] {
    const auto options = doh::parse_options(argc, argv);
    if (!options.help) return serve(options);
    std::cout << doh::help_text();
    return 0;
  });
}
