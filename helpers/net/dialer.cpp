#include "net/dialer.hpp"

#include <algorithm>

#include "net/endpoint.hpp"

namespace awf::net {

using policy::IpAddress;

struct Dialer::Attempt {
  tcp::socket socket;
  IpAddress address;
};

std::vector<IpAddress> interleaved(const std::vector<IpAddress>& addresses) {
  std::vector<IpAddress> v4;
  std::vector<IpAddress> v6;
  for (const IpAddress& address : addresses) {
    (address.family() == IpAddress::Family::kV4 ? v4 : v6).push_back(address);
  }
  std::vector<IpAddress> order;
  for (std::size_t i = 0; i < std::max(v4.size(), v6.size()); ++i) {
    if (i < v6.size()) order.push_back(v6[i]);
    if (i < v4.size()) order.push_back(v4[i]);
  }
  return order;
}

Dialer::Dialer(asio::io_context& context, std::uint16_t port, Callback callback, Options options)
    : context_(context),
      port_(port),
      callback_(std::move(callback)),
      options_(options),
      timer_(context),
      deadline_(std::chrono::steady_clock::now() + options.time_limit),
      first_error_(asio::error::host_not_found) {}

Dialer::~Dialer() = default;

std::shared_ptr<Dialer> Dialer::start(asio::io_context& context,
                                      const std::vector<IpAddress>& vetted, std::uint16_t port,
                                      Callback callback, Options options) {
  // The constructor is private, so that every Dialer is owned by a shared_ptr.
  std::shared_ptr<Dialer> dialer(new Dialer(context, port, std::move(callback), options));
  dialer->waiting_ = interleaved(vetted);
  std::reverse(dialer->waiting_.begin(), dialer->waiting_.end());
  dialer->start_next();
  return dialer;
}

// Starts one attempt. Addresses that fail before a packet was sent (no route, no such family) are
// passed over at once; with none left and none running, the dialing has failed.
void Dialer::start_next() {
  while (!waiting_.empty()) {
    const IpAddress address = waiting_.back();
    waiting_.pop_back();
    const tcp::endpoint target = endpoint_of(address, port_);
    auto attempt = std::make_unique<Attempt>(Attempt{tcp::socket(context_), address});
    ErrorCode error;
    (void)attempt->socket.open(target.protocol(), error);
    if (error) {
      remember(error, address);
      continue;
    }
    ++running_;
    attempts_.push_back(std::move(attempt));
    Attempt* const started = attempts_.back().get();  // lives as long as the Dialer
    started->socket.async_connect(target, [self = shared_from_this(), started](const ErrorCode& e) {
      self->attempt_ended(*started, e);
    });
    return arm_timer();
  }
  if (running_ == 0) fail(first_error_);
}

void Dialer::remember(const ErrorCode& error, const IpAddress& address) {
  if (first_failed_) return;
  first_error_ = error;
  first_failed_ = address;
}

void Dialer::attempt_ended(Attempt& attempt, const ErrorCode& error) {
  if (!callback_) return;  // finished or cancelled before
  --running_;
  if (error) {
    remember(error, attempt.address);
    return start_next();
  }
  ErrorCode ignored;  // a peer that is gone already shows at the first byte
  (void)attempt.socket.set_option(tcp::no_delay(true), ignored);
  finish({{}, std::move(attempt.socket), attempt.address});
}

void Dialer::arm_timer() {
  auto next = deadline_;
  if (!waiting_.empty()) next = std::min(next, std::chrono::steady_clock::now() + options_.stagger);
  timer_.expires_at(next);  // ends the wait before
  timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error && self->callback_) self->timer_fired();
  });
}

void Dialer::timer_fired() {
  if (std::chrono::steady_clock::now() >= deadline_) return fail(asio::error::timed_out);
  start_next();
}

void Dialer::fail(const ErrorCode& error) {
  finish({error, tcp::socket(context_), first_failed_});
}

void Dialer::finish(DialResult result) {
  // Posted, since start() may have failed without a single attempt. DialResult can only be moved
  // and std::function of the callback wants it by value, hence the shared_ptr.
  auto kept = std::make_shared<DialResult>(std::move(result));
  asio::post(context_, [self = shared_from_this(), kept = std::move(kept)] {
    if (self->cancelled_) return;
    const Callback callback = std::move(self->posted_);
    callback(std::move(*kept));
  });
  posted_ = std::exchange(callback_, nullptr);
  close_all();
}

void Dialer::cancel() {
  cancelled_ = true;
  callback_ = nullptr;
  posted_ = nullptr;
  close_all();
}

void Dialer::close_all() {
  timer_.cancel();
  waiting_.clear();
  for (const auto& attempt : attempts_) {
    ErrorCode ignored;  // close(2) has no error that concerns anyone here
    (void)attempt->socket.close(ignored);
  }
}

}  // namespace awf::net
