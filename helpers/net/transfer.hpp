// One message's bytes from one connected socket to another, by splice(2); both sockets stay open.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/asio.hpp"
#include "net/pipe_pool.hpp"
#include "net/upload_meter.hpp"

namespace awf::net {

enum class TransferEnd : std::uint8_t {
  kComplete,     // the message has ended where it should
  kEndOfData,    // the source has closed its half
  kFromAborted,  // the source was reset
  kToAborted,    // the target was
  kMalformed,    // not the message that was announced
  kOverBudget,   // more than the meter had left
  kNoResources,
};

// What a Transfer and a ChunkedTransfer have in common. The sockets are borrowed: they, the pool
// and the meter must live until `on_done` has run, or until the sockets are closed after stop().
class MessageTransfer {
 public:
  // `unread`: bytes of the source that were read and lie behind the message's end.
  using OnDone = std::function<void(TransferEnd end, std::string unread)>;

  MessageTransfer() = default;
  MessageTransfer(const MessageTransfer&) = delete;
  MessageTransfer& operator=(const MessageTransfer&) = delete;
  virtual ~MessageTransfer() = default;

  // `on_done` will not run any more.
  virtual void stop() = 0;
  // Bytes that the target has got.
  [[nodiscard]] virtual std::uint64_t sent() const noexcept = 0;
};

// Sends `initial`, then exactly `limit` further bytes (kComplete), or without a limit all bytes to
// the source's end (kEndOfData). Takes no byte of the source that it does not send.
class Transfer : public MessageTransfer, public std::enable_shared_from_this<Transfer> {
 public:
  // Both sockets are made non-blocking. `on_done` runs once, from the io_context, never from inside
  // start().
  static std::shared_ptr<Transfer> start(PipePool& pool, tcp::socket& from, tcp::socket& to,
                                         std::string initial, std::optional<std::uint64_t> limit,
                                         UploadMeter* meter, OnDone on_done);

  void stop() override;
  [[nodiscard]] std::uint64_t sent() const noexcept override;
  ~Transfer() override;

 private:
  struct State;
  explicit Transfer(std::unique_ptr<State> state);

  void run(bool readable);
  void wait(tcp::socket& socket, tcp::socket::wait_type event);
  void finish(TransferEnd end);

  std::unique_ptr<State> state_;
};

}  // namespace awf::net
