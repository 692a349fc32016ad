#include "net/chunked_transfer.hpp"

#include <utility>

namespace awf::net {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;

}  // namespace

ChunkedTransfer::ChunkedTransfer(tcp::socket& from, tcp::socket& to, ChunkedBody::Of message,
                                 UploadMeter* meter, OnDone on_done)
    : from_(from), to_(to), body_(message), meter_(meter), on_done_(std::move(on_done)) {}

std::shared_ptr<ChunkedTransfer> ChunkedTransfer::start(tcp::socket& from, tcp::socket& to,
                                                        std::string head,
                                                        std::string_view body_start,
                                                        ChunkedBody::Of message, UploadMeter* meter,
                                                        OnDone on_done) {
  std::shared_ptr<ChunkedTransfer> transfer(
      new ChunkedTransfer(from, to, message, meter, std::move(on_done)));
  transfer->outgoing_ = std::move(head);
  transfer->take(body_start);
  return transfer;
}

void ChunkedTransfer::take(std::string_view bytes) {
  const std::size_t ours = body_.feed(bytes);
  if (body_.state() == ChunkedBody::State::kMalformed) return finish(TransferEnd::kMalformed);
  outgoing_.append(bytes.substr(0, ours));
  unread_ = bytes.substr(ours);
  send();
}

void ChunkedTransfer::send() {
  if (meter_ != nullptr) {
    if (outgoing_.size() > meter_->left()) return finish(TransferEnd::kOverBudget);
    meter_->spend(outgoing_.size());
  }
  asio::async_write(to_, asio::buffer(outgoing_),
                    [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                      self->sent_ += size;
                      if (!self->on_done_) return;
                      if (error) return self->finish(TransferEnd::kToAborted);
                      self->outgoing_.clear();
                      if (self->body_.state() == ChunkedBody::State::kOpen) return self->read();
                      self->finish(TransferEnd::kComplete);
                    });
}

void ChunkedTransfer::read() {
  incoming_.resize(kBufferBytes);
  from_.async_read_some(asio::buffer(incoming_),
                        [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                          if (!self->on_done_) return;
                          if (error == asio::error::eof)
                            return self->finish(TransferEnd::kEndOfData);
                          if (error) return self->finish(TransferEnd::kFromAborted);
                          self->take({self->incoming_.data(), size});
                        });
}

// Nothing of a socket is touched any more once on_done_ is gone: its owner may be gone, too.
void ChunkedTransfer::finish(TransferEnd end) {
  if (!on_done_) return;
  asio::post(from_.get_executor(), [self = shared_from_this(), end] {
    if (const OnDone on_done = std::exchange(self->on_done_, nullptr)) {
      on_done(end, std::move(self->unread_));
    }
  });
}

}  // namespace awf::net
