#include "egress-proxy/proxy_handshake.hpp"

#include <sys/socket.h>

#include <array>
#include <utility>

#include "common/text.hpp"
#include "net/limits.hpp"

namespace awf::egress {
namespace {

namespace asio = net::asio;
using net::ErrorCode;

constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::size_t kStatusLineStart = 12;  // "HTTP/1.1 200"
constexpr std::size_t kPeekStep = 4096;

// What may stand before the end of the head that begins in the next piece.
std::size_t search_start(std::size_t had) {
  return had < kEndOfHead.size() ? 0 : had - (kEndOfHead.size() - 1);
}

}  // namespace

ProxyHandshake::ProxyHandshake(net::tcp::socket socket, std::string request, Callback callback)
    : socket_(std::move(socket)),
      limit_(socket_.get_executor()),
      request_(std::move(request)),
      callback_(std::move(callback)) {}

void ProxyHandshake::start(net::tcp::socket socket, std::string request, Callback callback) {
  const std::shared_ptr<ProxyHandshake> handshake(
      new ProxyHandshake(std::move(socket), std::move(request), std::move(callback)));
  handshake->limit_.expires_after(net::kDialTimeLimit);
  handshake->limit_.async_wait([weak = std::weak_ptr(handshake)](const ErrorCode& error) {
    const auto self = weak.lock();
    if (!error && self) self->fail("did not answer in time");
  });
  handshake->send_request();
}

void ProxyHandshake::send_request() {
  asio::async_write(socket_, asio::buffer(request_),
                    [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                      if (error) return self->fail("closed the connection");
                      self->wait_for_reply();
                    });
}

void ProxyHandshake::wait_for_reply() {
  socket_.async_wait(net::tcp::socket::wait_read,
                     [self = shared_from_this()](const ErrorCode& error) {
                       if (error) return self->fail("closed the connection");
                       self->read_reply();
                     });
}

// Not a byte beyond the head is taken: in a tunnel whose server speaks first, what follows is
// already the tunnel's. So it is looked at before it is read.
void ProxyHandshake::read_reply() {
  if (!callback_) return;  // too late
  std::array<char, kPeekStep> piece{};
  const int fd = socket_.native_handle();
  const ssize_t seen = ::recv(fd, piece.data(), piece.size(), MSG_PEEK | MSG_DONTWAIT);
  if (seen < 0 && (errno == EAGAIN || errno == EINTR)) return wait_for_reply();
  if (seen <= 0) return fail("closed the connection");
  const std::size_t had = reply_.size();
  reply_.append(piece.data(), static_cast<std::size_t>(seen));
  const auto end = reply_.find(kEndOfHead, search_start(had));
  if (end != std::string::npos) reply_.resize(end + kEndOfHead.size());
  const ssize_t taken = ::recv(fd, piece.data(), reply_.size() - had, MSG_DONTWAIT);
  if (taken != static_cast<ssize_t>(reply_.size() - had)) return fail("closed the connection");
  if (end != std::string::npos) return judge();
  if (reply_.size() > net::kMaxHeadBytes) return fail("answered with an endless head");
  wait_for_reply();
}

void ProxyHandshake::judge() {
  const std::string_view line = std::string_view(reply_).substr(0, kStatusLineStart);
  const bool http =
      line.size() == kStatusLineStart && line.starts_with("HTTP/1.") && line[8] == ' ';
  const auto status = http ? parse_number<unsigned>(line.substr(9)) : std::nullopt;
  if (!status) return fail("does not speak HTTP/1");
  if (*status == 407) return fail("wants credentials (give them in the variable https_proxy)");
  if (*status < 200 || *status > 299) return fail("answered " + std::to_string(*status));
  finish(std::nullopt);
}

void ProxyHandshake::fail(const std::string& why) {
  if (!callback_) return;
  ErrorCode ignored;  // close(2) has no error that concerns anyone here
  (void)socket_.close(ignored);
  finish(why);
}

void ProxyHandshake::finish(const std::optional<std::string>& fault) {
  limit_.cancel();
  const Callback callback = std::exchange(callback_, nullptr);
  callback(std::move(socket_), fault);
}

}  // namespace awf::egress
