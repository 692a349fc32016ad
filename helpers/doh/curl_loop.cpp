#include "doh/curl_loop.hpp"

#include <string>
#include <utility>
#include <vector>

#include "common/check.hpp"

namespace awf::doh {
namespace {

namespace asio = net::asio;
using net::ErrorCode;

// curl's codes are its own, not errno.
void check_curl(CURLMcode code, const std::string& doing) {
  if (code != CURLM_OK) throw Refusal(doing + ": " + ::curl_multi_strerror(code));
}

template <typename Value>
void set(CURLM* multi, CURLMoption option, Value value) {
  check_curl(::curl_multi_setopt(multi, option, value), "setting libcurl up");
}

// For servers without HTTP/2, where one connection carries one exchange at a time.
constexpr long kMaxConnections = 8;

}  // namespace

// The descriptor belongs to curl; Asio only waits on it.
struct CurlLoop::Watch {
  Watch(asio::io_context& context, curl_socket_t fd) : descriptor(context, fd) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { (void)descriptor.release(); }  // ends the waits, leaves the descriptor open

  asio::posix::stream_descriptor descriptor;
  int wanted = CURL_POLL_NONE;
  bool reading = false;
  bool writing = false;
};

CurlLoop::CurlLoop(asio::io_context& context)
    : context_(context), timer_(context), multi_(::curl_multi_init()) {
  verify(multi_ != nullptr, "libcurl starts");
  set(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  set(multi_, CURLMOPT_SOCKETDATA, this);
  set(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  set(multi_, CURLMOPT_TIMERDATA, this);
  set(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, kMaxConnections);
}

CurlLoop::~CurlLoop() {
  for (const auto& [easy, done] : running_)
    (void)::curl_multi_remove_handle(multi_, easy);
  (void)::curl_multi_cleanup(multi_);
}

void CurlLoop::start(CURL* easy, Done done) {
  running_[easy] = std::move(done);
  // Work begins from the timer that this sets, never from inside the call.
  check_curl(::curl_multi_add_handle(multi_, easy), "starting an HTTPS request");
}

int CurlLoop::on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* /*unused*/) {
  static_cast<CurlLoop*>(self)->watch(fd, what);
  return 0;
}

int CurlLoop::on_timer(CURLM* /*multi*/, long milliseconds, void* self) {
  auto* loop = static_cast<CurlLoop*>(self);
  if (milliseconds < 0) {
    loop->timer_.cancel();
    return 0;
  }
  loop->timer_.expires_after(std::chrono::milliseconds(milliseconds));
  loop->timer_.async_wait([loop](const ErrorCode& error) {
    if (!error) loop->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlLoop::watch(curl_socket_t fd, int what) {
  if (what == CURL_POLL_REMOVE) {  // curl closes the descriptor next
    watches_.erase(fd);
    return;
  }
  auto& entry = watches_[fd];
  if (!entry) entry = std::make_shared<Watch>(context_, fd);
  entry->wanted = what;
  const auto kept = entry;
  if ((what & CURL_POLL_IN) != 0) wait_for(kept, true);
  if ((what & CURL_POLL_OUT) != 0) wait_for(kept, false);
}

void CurlLoop::wait_for(const std::shared_ptr<Watch>& watch, bool reading) {
  bool& waiting = reading ? watch->reading : watch->writing;
  if (waiting) return;
  waiting = true;
  const auto event = reading ? asio::posix::stream_descriptor::wait_read
                             : asio::posix::stream_descriptor::wait_write;
  const int bit = reading ? CURL_POLL_IN : CURL_POLL_OUT;
  watch->descriptor.async_wait(
      event, [this, reading, bit, weak = std::weak_ptr<Watch>(watch)](const ErrorCode& error) {
        auto strong = weak.lock();
        if (!strong || error) return;
        (reading ? strong->reading : strong->writing) = false;
        const curl_socket_t fd = strong->descriptor.native_handle();
        const bool wanted = (strong->wanted & bit) != 0;
        strong.reset();  // curl may close the socket now
        if (!wanted) return;
        act(fd, reading ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
        const auto still = weak.lock();
        if (still && (still->wanted & bit) != 0) wait_for(still, reading);
      });
}

void CurlLoop::act(curl_socket_t fd, int events) {
  int running = 0;
  check_curl(::curl_multi_socket_action(multi_, fd, events, &running), "moving HTTPS requests on");
  collect();
}

// Callbacks may start further transfers, so all results are taken first.
void CurlLoop::collect() {
  std::vector<std::pair<Done, CURLcode>> ended;
  int left = 0;
  while (const CURLMsg* message = ::curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    CURL* easy = message->easy_handle;  // the message is gone after the next call
    (void)::curl_multi_remove_handle(multi_, easy);
    ended.emplace_back(std::move(running_.extract(easy).mapped()), code);
  }
  for (const auto& [done, code] : ended)
    done(code);
}

}  // namespace awf::doh
