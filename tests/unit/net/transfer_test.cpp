// One message from a connection to another: source — [from | to] — target.
#include "net/transfer.hpp"

#include <gtest/gtest.h>

#include "loopback.hpp"
#include "net/chunked_transfer.hpp"

namespace awf::net {
namespace {

constexpr std::chrono::seconds kPatience{20};

struct Meter final : UploadMeter {
  explicit Meter(std::uint64_t bytes) : bytes_left(bytes) {}
  [[nodiscard]] std::uint64_t left() const noexcept override { return bytes_left; }
  void spend(std::uint64_t bytes) noexcept override { bytes_left -= bytes; }
  std::uint64_t bytes_left;
};

class TransferTest : public ::testing::Test {
 protected:
  TransferTest() {
    testing::Pair front = testing::tcp_pair(io, io);
    testing::Pair back = testing::tcp_pair(io, io);
    source = std::move(front.first);
    from = std::move(front.second);
    to = std::move(back.first);
    target = std::move(back.second);
  }

  void start(std::string initial, std::optional<std::uint64_t> limit,
             UploadMeter* meter = nullptr) {
    transfer = Transfer::start(pool, from, to, std::move(initial), limit, meter, on_done());
  }
  void start_chunked(const std::string& head, const std::string& body_start,
                     ChunkedBody::Of message = ChunkedBody::Of::kRequest,
                     UploadMeter* meter = nullptr) {
    transfer = ChunkedTransfer::start(from, to, head, body_start, message, meter, on_done());
  }

  TransferEnd run_to_end() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!ended && io.run_one_until(deadline) != 0) {
    }
    EXPECT_TRUE(ended.has_value());
    return ended.value_or(TransferEnd::kNoResources);
  }

  void send(const std::string& bytes) { asio::write(source, asio::buffer(bytes)); }
  // What has arrived until now.
  std::string arrived() {
    std::string bytes(target.available(), '\0');
    asio::read(target, asio::buffer(bytes));
    return bytes;
  }

  asio::io_context io{1};
  PipePool pool;
  tcp::socket source{io};
  tcp::socket from{io};
  tcp::socket to{io};
  tcp::socket target{io};
  std::shared_ptr<MessageTransfer> transfer;
  std::optional<TransferEnd> ended;
  std::string unread;

 private:
  MessageTransfer::OnDone on_done() {
    return [this](TransferEnd end, std::string rest) {
      ended = end;
      unread = std::move(rest);
    };
  }
};

TEST_F(TransferTest, HTTP_06_a_limit_leaves_a_pipelined_request_in_its_socket) {
  start("POST ", 4);
  send("bodyGET /unjudged");
  EXPECT_EQ(run_to_end(), TransferEnd::kComplete);
  EXPECT_EQ(arrived(), "POST body");
  EXPECT_EQ(transfer->sent(), 9U);
  EXPECT_EQ(from.available(), 13U);
}

TEST_F(TransferTest, a_message_of_its_initial_bytes_reads_nothing) {
  send("next");
  start("GET", 0);
  EXPECT_EQ(run_to_end(), TransferEnd::kComplete);
  EXPECT_EQ(arrived(), "GET");
  EXPECT_EQ(from.available(), 4U);
}

TEST_F(TransferTest, without_a_limit_it_ends_with_the_data_and_closes_nothing) {
  start("", std::nullopt);
  send("all");
  source.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(run_to_end(), TransferEnd::kEndOfData);
  EXPECT_EQ(arrived(), "all");
  asio::write(to, asio::buffer("more", 4));
  EXPECT_EQ(arrived(), "more");
}

TEST_F(TransferTest, the_end_of_data_before_the_limit_is_told) {
  start("", 10);
  send("short");
  source.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(run_to_end(), TransferEnd::kEndOfData);
}

TEST_F(TransferTest, resets_of_either_side_are_told_apart) {
  start("", 10);
  source.set_option(asio::socket_base::linger(true, 0));
  source.close();
  EXPECT_EQ(run_to_end(), TransferEnd::kFromAborted);
}

TEST_F(TransferTest, a_stopped_one_says_nothing) {
  start("", 10);
  transfer->stop();
  from.close();
  io.run();
  EXPECT_FALSE(ended);
}

TEST_F(TransferTest, NET_37_no_byte_is_taken_that_the_meter_has_not_left) {
  Meter meter(7);
  start("head", std::nullopt, &meter);
  send("0123456789");
  EXPECT_EQ(run_to_end(), TransferEnd::kOverBudget);
  EXPECT_EQ(arrived(), "head012");
  EXPECT_EQ(meter.left(), 0U);
}

TEST_F(TransferTest, NET_37_initial_bytes_beyond_the_meter_are_not_sent_at_all) {
  Meter meter(3);
  start("head", 0, &meter);
  EXPECT_EQ(run_to_end(), TransferEnd::kOverBudget);
  EXPECT_EQ(arrived(), "");
}

TEST_F(TransferTest, a_meter_spent_to_the_last_byte_lets_the_end_of_data_pass) {
  Meter meter(5);
  start("", std::nullopt, &meter);
  send("exact");
  source.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(run_to_end(), TransferEnd::kEndOfData);
  EXPECT_EQ(arrived(), "exact");
}

TEST_F(TransferTest, HTTP_06_a_chunked_message_hands_back_what_it_read_too_much) {
  start_chunked("POST ", "3\r\nab");
  send("c\r\n0\r\n\r\nGET /next");
  EXPECT_EQ(run_to_end(), TransferEnd::kComplete);
  EXPECT_EQ(arrived(), "POST 3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(unread, "GET /next");
}

TEST_F(TransferTest, a_malformed_chunk_is_not_sent) {
  start_chunked("POST ", "");
  send("3;x\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(run_to_end(), TransferEnd::kMalformed);
  EXPECT_EQ(arrived(), "POST ");
}

TEST_F(TransferTest, a_chunked_response_may_have_extensions_and_trailers) {
  start_chunked("", "", ChunkedBody::Of::kResponse);
  const std::string body = "3;x=\"y\"\r\nabc\r\n0;z\r\nA: b\r\nC: d\r\n\r\n";
  send(body);
  EXPECT_EQ(run_to_end(), TransferEnd::kComplete);
  EXPECT_EQ(arrived(), body);
}

TEST_F(TransferTest, NET_37_chunked_bytes_are_spent_too) {
  Meter meter(8);
  start_chunked("POST", "", ChunkedBody::Of::kRequest, &meter);
  send("5\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(run_to_end(), TransferEnd::kOverBudget);
  EXPECT_EQ(arrived(), "POST");
}

}  // namespace
}  // namespace awf::net
