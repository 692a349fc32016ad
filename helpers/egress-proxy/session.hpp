// One client connection: the steps that both TCP doors share, from the judged target to the pump.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "egress-proxy/audit_record.hpp"
#include "egress-proxy/checks.hpp"
#include "egress-proxy/connection_slots.hpp"
#include "egress-proxy/http_exchange.hpp"
#include "egress-proxy/http_reply.hpp"
#include "egress-proxy/services.hpp"
#include "egress-proxy/target.hpp"
#include "egress-proxy/upload_budgets.hpp"
#include "net/client_hello.hpp"
#include "net/http_head.hpp"
#include "net/pump.hpp"

namespace awf::egress {

// The order is the guarantee: judge() → find (resolve and vet) → dial, and for TLS and HTTP the
// hello or the head between them, so that nothing is looked up for a denied target and nothing is
// dialled before the client has said the name it was allowed for. A session lives as long as an
// operation of it is pending; an established tunnel leaves only its audit record behind, and no
// buffer.
class Session : public std::enable_shared_from_this<Session>, public OpenConnection {
 public:
  virtual ~Session() = default;

  void record_unfinished() override;

 protected:
  Session(Services& services, net::tcp::socket client, ConnectionSlots::Slot slot,
          policy::Door door);

  using OnRequest = std::function<void(const net::RequestHead&)>;

  // Reading what the client says first, within the time of limits.hpp. `on_request` sees whole,
  // well-formed heads only, their bytes consumed; everything else ends the session. After a
  // response that leaves the client's connection open it sees the next request, with target,
  // decision and record as they were when serve_requests() was called: each is judged by itself.
  void serve_requests(OnRequest on_request);
  void read_hello_and_connect();

  // Sets target and decision; when it is denied, ends the session and returns false.
  bool judge(policy::Protocol protocol, Target target);
  // Checks that `head` names the judged target, then forwards it.
  void check_and_forward(const net::RequestHead& head);
  void forward_request(const net::RequestHead& head, const std::string& origin_form);
  // Resolves and vets; then `next`, or the session ends.
  void find_addresses(std::function<void()> next);
  // Finds, unless that is done, and dials; then `next`, or the session ends.
  void connect(std::function<void()> next);
  void send_to_client(std::string bytes, std::function<void()> next);
  // What was read so far goes up, then both directions until they end.
  void pump_tunnel();

  // The bad ends. deny: a rule of ours said no. refuse_request: that was no request. fail: an
  // allowed connection could not be made.
  void deny(unsigned status, const Fault& fault);
  void refuse_request(std::string_view reason, unsigned status = 400);
  void fail(const UpstreamFailure& failure);

  Services& services_;
  net::tcp::socket client_;
  // While true the client speaks HTTP with us and hears of errors in HTTP; otherwise by a reset.
  bool answers_http_ = false;
  std::optional<Target> target_;
  policy::Decision decision_;
  AuditRecord record_;

 private:
  using Step = bool (Session::*)();  // true: enough was read, and the next operation has begun
  struct Beginning {
    std::optional<Target> target;
    policy::Decision decision;
    AuditRecord record;
  };
  // An origin's connection that is open between two requests of one client.
  struct Kept {
    net::tcp::socket socket;
    Target target;
    std::string address;
  };

  void start_deadline(std::chrono::seconds limit, void (Session::*on_expiry)());
  void read_until(Step step);
  void client_is_silent();
  bool take_head();
  bool take_hello();
  void dial(std::function<void()> next);

  void begin_request();
  void next_request();
  bool take_kept();
  void start_exchange(bool on_kept_connection);
  void exchange_ended(HttpExchange::Outcome outcome, bool on_kept_connection);
  void go_on_or_close(const HttpExchange::Outcome& outcome);
  void watch_for_reset();
  void over_budget();
  void break_both(std::string_view why);
  void close_both(std::string_view why);

  void pump(net::PumpOptions options);
  void write_record();
  void end_with(std::string reply);

  ConnectionSlots::Slot slot_;
  net::tcp::socket upstream_;
  net::asio::steady_timer deadline_;
  std::chrono::steady_clock::time_point began_;
  OnRequest on_request_;
  Beginning beginning_;
  bool answered_ = false;  // at least one request
  bool idle_ = false;      // between two requests, without a byte of the next
  bool watched_ = false;   // for a reset
  net::ClientHelloReader hello_;
  std::string buffer_;                        // read from the client, not yet consumed
  std::vector<policy::IpAddress> addresses_;  // vetted
  std::string outgoing_;                      // what a pending write borrows
  ForwardedRequest request_;
  std::weak_ptr<HttpExchange> exchange_;  // it holds us by what it calls at its end
  std::optional<Kept> kept_;
  std::shared_ptr<UploadAllowance> allowance_;  // of the target; empty without a budget
  Upstream::Use use_ = Upstream::Use::kTunnel;
  bool recorded_ = false;
};

}  // namespace awf::egress
