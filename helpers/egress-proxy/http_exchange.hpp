// One HTTP request and its response between two connected sockets, exactly framed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/asio.hpp"
#include "net/chunked_transfer.hpp"
#include "net/client_presence.hpp"
#include "net/http_head.hpp"
#include "net/http_response.hpp"
#include "net/transfer.hpp"

namespace awf::egress {

struct ForwardedRequest {
  std::string head;  // as the origin gets it
  std::string method;
  net::BodyFraming body;
  bool is_http_1_0 = false;       // such a client gets no interim response (RFC 9110 §15.2)
  bool expects_continue = false;  // the origin's 100 is relayed
  bool is_websocket = false;      // a 101 is an answer
  bool client_goes_on = false;
  bool origin_goes_on = false;  // it was asked to
};

// Both directions move by themselves: the body up while the response comes down, whichever ends
// first. Bodies of known length move by splice(2), chunked ones through user space. Nothing of the
// client is taken behind the request's end but what it sent with a chunked body, which is handed
// back. Ends when the response is whole and the request, too, has ended. Lives until `on_done`.
class HttpExchange : public std::enable_shared_from_this<HttpExchange> {
 public:
  enum class End : std::uint8_t {
    kAnswered,   // the response is whole
    kUpgraded,   // 101 to a WebSocket handshake; nothing of it was relayed
    kNoAnswer,   // the origin ended before its response began, or said nothing for too long
    kBadAnswer,  // that was no response; the client has got none
    kBroken,     // cut off on the way: both sides have to be reset
    kLeft,       // the client has, after its whole request; the origin need not know it as a break
    kOverBudget,
  };
  struct Outcome {
    End end = End::kBroken;
    std::string fault;  // of a bad answer or a break, for a person
    unsigned status = 0;
    std::uint64_t up = 0;
    std::uint64_t down = 0;
    bool client_goes_on = false;
    bool origin_goes_on = false;
    std::string from_client;  // read and behind the request
    std::string from_origin;  // after kUpgraded: the response and what followed it
  };
  using OnDone = std::function<void(Outcome)>;

  struct Means {
    net::PipePool& pipes;
    net::ClientPresence& presence;
    net::UploadMeter* meter;  // or nullptr
  };

  // The sockets and means are borrowed until `on_done`, which runs once, from the io_context, never
  // from inside start(). `from_client` was read behind the head.
  static std::shared_ptr<HttpExchange> start(Means means, net::tcp::socket& client,
                                             net::tcp::socket& origin, ForwardedRequest request,
                                             const std::string& from_client, OnDone on_done);

  // The client's connection was reset.
  void client_aborted() { break_off("client aborted"); }
  [[nodiscard]] std::uint64_t up() const;
  [[nodiscard]] std::uint64_t down() const;

 private:
  HttpExchange(Means means, net::tcp::socket& client, net::tcp::socket& origin,
               ForwardedRequest request, OnDone on_done);

  void send_request(const std::string& from_client);
  void request_ended(net::TransferEnd end, const std::string& unread);
  void read_response();
  void take_response();
  void take_interim(const net::ResponseHead& head);
  void take_final(const net::ResponseHead& head);
  void relay(const net::ResponseHead& head, const net::ResponseFraming& framing);
  void response_ended(net::TransferEnd end, const std::string& unread);
  void watch_for_silence();
  void look_around();
  void bad_answer(std::string fault);
  void break_off(std::string fault, End end = End::kBroken);
  void finish(End end);

  Means means_;
  net::tcp::socket& client_;
  net::tcp::socket& origin_;
  ForwardedRequest request_;
  OnDone on_done_;  // empty when it has ended
  net::asio::steady_timer timer_;
  // Weak: they hold us by what they call at their end.
  std::weak_ptr<net::MessageTransfer> up_;
  std::weak_ptr<net::MessageTransfer> down_;
  std::uint64_t up_sent_ = 0;    // by what has ended
  std::uint64_t down_sent_ = 0;  // likewise
  std::uint64_t seen_moving_ = 0;
  std::chrono::steady_clock::time_point moved_last_ = std::chrono::steady_clock::now();
  bool request_whole_ = false;
  bool request_over_ = false;  // whole, or the origin takes no more of it
  bool response_over_ = false;
  int interims_ = 0;
  std::string response_;  // read from the origin, not yet consumed
  std::string interim_;   // what a pending write borrows
  net::ResponseFraming framing_;
  Outcome outcome_;
};

}  // namespace awf::egress
