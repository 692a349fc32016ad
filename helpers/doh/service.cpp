#include "doh/service.hpp"

#include <fcntl.h>

#include <optional>
#include <utility>

#include "common/check.hpp"
#include "doh/doh_client.hpp"
#include "net/lookup_messages.hpp"

namespace awf::doh {
namespace {

namespace asio = net::asio;

net::ResolverOptions resolver_options(const Options& options) {
  net::ResolverOptions chosen;
  chosen.servers = options.dns_servers;
  return chosen;
}

}  // namespace

class Service::Parts {
 public:
  explicit Parts(const Options& options)
      : resolver_(context_, resolver_options(options)),
        client_(context_, *options.url, resolver_),
        readable_(context_) {}

  void run(MessageChannel control) {
    control_ = std::move(control);
    // Asio owns what it waits for: it gets a duplicate, so that the channel keeps its own.
    readable_.assign(
        check(::fcntl(control_->fd(), F_DUPFD_CLOEXEC, 3), "duplicating the control descriptor"));
    wait_for_question();
    context_.run();
  }

 private:
  void wait_for_question() {
    readable_.async_wait(
        asio::posix::stream_descriptor::wait_read, [this](const net::ErrorCode& error) {
          if (error) throw_system_failure("waiting for the egress proxy", error.value());
          const auto message = control_->receive();
          if (!message) return context_.stop();
          const auto question = net::read_question(message->text).or_refuse();
          client_.look_up(question.name,
                          [this, number = question.number](const net::ResolveAnswer& answer) {
                            control_->send(net::write_answer({number, answer}));
                          });
          wait_for_question();
        });
  }

  asio::io_context context_{1};
  net::Resolver resolver_;
  DohClient client_;
  std::optional<MessageChannel> control_;
  asio::posix::stream_descriptor readable_;
};

Service::Service(const Options& options) : parts_(std::make_unique<Parts>(options)) {}

Service::~Service() = default;

void Service::run(MessageChannel control) {
  parts_->run(std::move(control));
}

}  // namespace awf::doh
