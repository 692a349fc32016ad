// libcurl's transfers on Asio's event loop.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <unordered_map>

#include "net/asio.hpp"

namespace awf::doh {

struct CleanUpEasy {
  void operator()(CURL* easy) const noexcept { ::curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, CleanUpEasy>;

// One multi handle: its sockets are watched by Asio (CURLMOPT_SOCKETFUNCTION), its one timer too.
// Connections are kept and shared by all transfers. One thread; must outlive the io_context's run.
class CurlLoop {
 public:
  using Done = std::function<void(CURLcode)>;

  // Throws Refusal when libcurl cannot start.
  explicit CurlLoop(net::asio::io_context& context);
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;
  // Transfers that are not done are dropped without a call.
  ~CurlLoop();

  // `done` runs once, from the io_context; the handle is out of the loop by then. Borrows `easy`
  // until then.
  void start(CURL* easy, Done done);

 private:
  struct Watch;

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* unused);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  void watch(curl_socket_t fd, int what);
  void wait_for(const std::shared_ptr<Watch>& watch, bool reading);
  void act(curl_socket_t fd, int events);
  void collect();

  net::asio::io_context& context_;
  net::asio::steady_timer timer_;
  CURLM* multi_;
  std::unordered_map<CURL*, Done> running_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
};

}  // namespace awf::doh
