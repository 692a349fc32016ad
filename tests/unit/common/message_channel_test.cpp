#include "common/message_channel.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "common/check.hpp"
#include "common/file.hpp"

namespace awf {
namespace {

TEST(MessageChannel, borders_between_messages_are_kept) {
  const auto [a, b] = MessageChannel::make_pair();
  a.send("one");
  a.send("two");
  EXPECT_EQ(b.receive()->text, "one");
  EXPECT_EQ(b.receive()->text, "two");
}

TEST(MessageChannel, descriptors_arrive_in_order_and_usable) {
  const auto [a, b] = MessageChannel::make_pair();
  const Pipe pipe = make_pipe();
  a.send("pipe", {pipe.read_end.get(), pipe.write_end.get()});
  const auto message = b.receive();
  ASSERT_TRUE(message);
  ASSERT_EQ(message->fds.size(), 2U);
  write_all(message->fds[1].get(), "x", "pipe");
  char byte = 0;
  EXPECT_EQ(::read(message->fds[0].get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(MessageChannel, the_end_of_the_peer_is_nothing_not_an_error) {
  auto [a, b] = MessageChannel::make_pair();
  { const MessageChannel gone = std::move(a); }
  EXPECT_FALSE(b.receive());
  EXPECT_THROW(b.send("into the void"), SystemFailure);
}

TEST(MessageChannel, a_wait_that_is_limited_ends) {
  const auto [a, b] = MessageChannel::make_pair();
  try {
    (void)b.receive(std::chrono::milliseconds(1));
    FAIL() << "nothing was sent";
  } catch (const SystemFailure& failure) {
    EXPECT_EQ(failure.error_number(), ETIMEDOUT);
  }
}

TEST(MessageChannel, a_message_that_is_too_long_is_refused_by_the_sender) {
  const auto [a, b] = MessageChannel::make_pair();
  EXPECT_THROW(a.send(std::string(MessageChannel::kMaxText + 1, 'x')), Refusal);
}

}  // namespace
}  // namespace awf
