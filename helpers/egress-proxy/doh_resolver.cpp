#include "egress-proxy/doh_resolver.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "common/check.hpp"
#include "net/limits.hpp"
#include "net/lookup_messages.hpp"

namespace awf::egress {
namespace {

namespace asio = net::asio;
using Status = net::ResolveAnswer::Status;

constexpr int kHelperControlFd = 3;

std::string text_of(const net::DnsServer& server) {
  const std::string zone = server.zone.empty() ? "" : "%" + server.zone;
  const std::string bare = server.address.text() + zone;
  const bool v6 = server.address.family() == policy::IpAddress::Family::kV6;
  return (v6 ? "[" + bare + "]" : bare) + ":" + std::to_string(server.port);
}

std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  return variables;
}

}  // namespace

DohHelper start_doh_helper(const std::string& program, const std::string& url,
                           const std::vector<net::DnsServer>& dns_servers,
                           const std::vector<std::string>& identity_options) {
  auto [ours, theirs] = MessageChannel::make_pair();
  SpawnPlan plan;
  plan.program = program;
  plan.argv = {"awf-doh", "--control-fd", std::to_string(kHelperControlFd), "--url", url};
  for (const auto& server : dns_servers) {
    plan.argv.emplace_back("--dns-server");
    plan.argv.push_back(text_of(server));
  }
  plan.argv.insert(plan.argv.end(), identity_options.begin(), identity_options.end());
  plan.environment = own_environment();
  plan.fds = {{kHelperControlFd, theirs.fd()}};
  return {Child::spawn(plan), std::move(ours)};
}

DohResolver::DohResolver(asio::io_context& context, DohHelper helper)
    : context_(context), helper_(std::move(helper)), pending_(context), readable_(context) {
  // Asio owns what it waits for: it gets a duplicate, so that the channel keeps its own.
  readable_.assign(
      check(::fcntl(helper_.channel.fd(), F_DUPFD_CLOEXEC, 3), "duplicating a descriptor"));
  wait_for_answer();
}

DohResolver::~DohResolver() = default;

void DohResolver::resolve(const policy::HostName& name, net::Resolver::Callback callback) {
  if (!pending_.add(name.text(), std::move(callback))) return;
  const std::uint32_t number = next_number_++;
  const std::string question = net::write_question({number, name});
  // Never waits: the helper may be waiting for us to read.
  const ssize_t sent =
      ::send(helper_.channel.fd(), question.data(), question.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) {
    return pending_.answer(name.text(), {Status::kServerFailure, {}, "awf-doh takes no question"});
  }
  auto& asked =
      asked_.emplace(number, Question{name.text(), asio::steady_timer(context_)}).first->second;
  asked.limit.expires_after(net::kLookupHelperLimit);
  asked.limit.async_wait([this, number](const net::ErrorCode& error) {
    if (!error) end(number, {Status::kTimeout, {}, "awf-doh did not answer in time"});
  });
}

void DohResolver::wait_for_answer() {
  readable_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this](const net::ErrorCode& error) {
                         if (error) return;  // we are gone
                         take_answer();
                         wait_for_answer();
                       });
}

void DohResolver::take_answer() {
  const auto message = helper_.channel.receive();
  if (!message) throw Refusal("awf-doh ended; no name can be looked up");
  auto read = net::read_answer(message->text).or_refuse();
  end(read.number, std::move(read.answer));
}

// Also for an answer that comes after its time: then nobody asked.
void DohResolver::end(std::uint32_t number, net::ResolveAnswer answer) {
  const auto asked = asked_.extract(number);
  if (!asked.empty()) pending_.answer(asked.mapped().name, std::move(answer));
}

}  // namespace awf::egress
