// A message with a chunked body from one connected socket to another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/chunked_body.hpp"
#include "net/transfer.hpp"

namespace awf::net {

// The end of a chunked body is known only by reading it, so these bytes pass through user space;
// not a byte behind that end is sent. Rules of MessageTransfer; it may read more of the source than
// it sends, and hands that back.
class ChunkedTransfer : public MessageTransfer,
                        public std::enable_shared_from_this<ChunkedTransfer> {
 public:
  // `head` goes first; `body_start` was read behind the head. `on_done` runs once, from the
  // io_context, never from inside start().
  static std::shared_ptr<ChunkedTransfer> start(tcp::socket& from, tcp::socket& to,
                                                std::string head, std::string_view body_start,
                                                ChunkedBody::Of message, UploadMeter* meter,
                                                OnDone on_done);

  void stop() override { on_done_ = nullptr; }
  [[nodiscard]] std::uint64_t sent() const noexcept override { return sent_; }
  // What is wrong after kMalformed.
  [[nodiscard]] std::string_view fault() const noexcept { return body_.error(); }

 private:
  ChunkedTransfer(tcp::socket& from, tcp::socket& to, ChunkedBody::Of message, UploadMeter* meter,
                  OnDone on_done);

  void take(std::string_view bytes);
  void send();
  void read();
  void finish(TransferEnd end);

  tcp::socket& from_;
  tcp::socket& to_;
  ChunkedBody body_;
  UploadMeter* meter_;
  OnDone on_done_;  // empty when it has ended
  std::string outgoing_;
  std::vector<char> incoming_;
  std::string unread_;
  std::uint64_t sent_ = 0;
};

}  // namespace awf::net
