// The second half of Session: from an allowed target to bytes that move.
#include <memory>
#include <utility>

#include "egress-proxy/packed_record.hpp"
#include "egress-proxy/session.hpp"
#include "egress-proxy/socket_end.hpp"
#include "net/limits.hpp"

namespace awf::egress {
namespace {

// What remains of a session while its bytes move.
class Tunnel final : public OpenConnection {
 public:
  Tunnel(Services& services, const AuditRecord& record, ConnectionSlots::Slot slot,
         std::chrono::steady_clock::time_point began)
      : audit_(services.audit), packed_(record), slot_(std::move(slot)), began_(began) {
    services.open.enter(*this);
  }

  void runs_in(const std::shared_ptr<net::Pump>& pump) { pump_ = pump; }

  void ended(const net::PumpTotals& totals, const UploadAllowance* allowance) {
    const bool orderly = totals.reason == net::PumpEnd::kFinished;
    const bool over_budget = totals.reason == net::PumpEnd::kOverBudget && allowance != nullptr;
    record(totals, orderly || over_budget ? "" : net::describe(totals.reason),
           over_budget ? allowance : nullptr);
  }

  void record_unfinished() override {
    const auto pump = pump_.lock();
    if (!recorded_) record(pump ? pump->totals() : net::PumpTotals{}, {}, nullptr);
  }

 private:
  void record(const net::PumpTotals& totals, std::string_view error, const UploadAllowance* spent) {
    recorded_ = true;
    AuditRecord record = packed_.unpack();
    record.bytes_up += totals.up;
    record.bytes_down += totals.down;
    record.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began_);
    record.error = error;
    if (spent != nullptr) deny_over_budget(record, *spent);
    audit_.record(record);
  }

  AuditLog& audit_;
  PackedRecord packed_;
  ConnectionSlots::Slot slot_;
  bool recorded_ = false;
  std::chrono::steady_clock::time_point began_;
  std::weak_ptr<net::Pump> pump_;
};

}  // namespace

void Session::find_addresses(std::function<void()> next) {
  services_.upstream.find(
      *target_, [self = shared_from_this(), next = std::move(next)](Upstream::Found found) {
        if (found.failure) return self->fail(*found.failure);
        self->addresses_ = std::move(found.addresses);
        next();
      });
}

void Session::connect(std::function<void()> next) {
  if (!addresses_.empty()) return dial(std::move(next));
  find_addresses([this, next = std::move(next)]() mutable { dial(std::move(next)); });
}

void Session::dial(std::function<void()> next) {
  services_.upstream.dial(
      *target_, addresses_, use_,
      [self = shared_from_this(), next = std::move(next)](Upstream::Connected connected) {
        if (connected.result.address) self->record_.address = connected.result.address->text();
        if (connected.failure) return self->fail(*connected.failure);
        self->upstream_ = std::move(connected.result.socket);
        next();
      });
}

void Session::pump_tunnel() {
  record_.status = 200;
  net::PumpOptions options;
  options.initial_up = std::move(buffer_);
  pump(std::move(options));
}

void Session::pump(net::PumpOptions options) {
  deadline_.cancel();
  kept_.reset();
  auto tunnel = std::make_shared<Tunnel>(services_, record_, std::move(slot_), began_);
  options.up_meter = allowance_;
  options.presence = &services_.presence;
  // on_done never runs from inside start().
  tunnel->runs_in(net::Pump::start(services_.pipes, std::move(client_), std::move(upstream_),
                                   std::move(options),
                                   [tunnel, allowance = allowance_](const net::PumpTotals& totals) {
                                     tunnel->ended(totals, allowance.get());
                                   }));
}

}  // namespace awf::egress
