#include "egress-proxy/upstream.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "common/check.hpp"

namespace awf::egress {
namespace {

// The machine's own addresses change rarely (DHCP, IPv6 privacy addresses, a new bridge).
constexpr std::chrono::seconds kOwnAddressesKept{10};

UpstreamFailure dns_failure(const policy::HostName& name, const net::ResolveAnswer& answer) {
  using Status = net::ResolveAnswer::Status;
  const unsigned status = answer.status == Status::kTimeout ? 504 : 502;
  const char* why = "the name server failed";
  if (answer.status == Status::kNoSuchName) why = "no such name";
  if (answer.status == Status::kNoAddress) why = "the name has no address";
  if (answer.status == Status::kTimeout) why = "the name server did not answer in time";
  return {status, "dns-failure", "looking up " + name.text() + ": " + why};
}

UpstreamFailure address_refused(std::string reason) {
  return {403, "address-refused", std::move(reason)};
}

}  // namespace

Upstream::Upstream(Resolve resolve, Dial dial, net::AddressVetting vetting)
    : resolve_(std::move(resolve)),
      dial_(std::move(dial)),
      vetting_(std::move(vetting)),
      own_addresses_read_(std::chrono::steady_clock::now()) {}

void Upstream::find(const Target& target, std::function<void(Found)> callback) {
  if (const auto* address = std::get_if<policy::IpAddress>(&target.host)) {
    refresh_own_addresses();
    const auto refusal = vetting_.refusal(*address);
    return callback(refusal ? Found{{}, address_refused(*refusal)} : Found{{*address}, {}});
  }
  const auto& name = std::get<policy::HostName>(target.host);
  resolve_(name, [this, name, callback = std::move(callback)](const net::ResolveAnswer& answer) {
    callback(vetted_answer(name, answer));
  });
}

Upstream::Found Upstream::vetted_answer(const policy::HostName& name,
                                        const net::ResolveAnswer& answer) {
  if (!answer.ok() || answer.addresses.empty()) return {{}, dns_failure(name, answer)};
  refresh_own_addresses();
  auto vetted = vetting_.vet(name, answer.addresses);
  if (vetted.addresses.empty()) return {{}, address_refused(std::move(vetted.refused))};
  return {std::move(vetted.addresses), {}};
}

void Upstream::dial(const Target& target, const std::vector<policy::IpAddress>& vetted,
                    std::function<void(Connected)> callback) {
  dial_(vetted, target.port,
        [text = target.text(), callback = std::move(callback)](net::DialResult result) {
          Connected connected{std::move(result), std::nullopt};
          if (const auto& error = connected.result.error) {
            const bool late = error == net::asio::error::timed_out;
            connected.failure = UpstreamFailure{late ? 504U : 502U, "connect-failure",
                                                "connecting to " + text + ": " + error.message()};
          }
          callback(std::move(connected));
        });
}

void Upstream::refresh_own_addresses() {
  const auto now = std::chrono::steady_clock::now();
  if (now - own_addresses_read_ < kOwnAddressesKept) return;
  try {
    vetting_.set_own_addresses(net::read_own_addresses());
    own_addresses_read_ = now;
  } catch (const SystemFailure& failure) {
    // A flood of connections can use up the descriptors, and this must not end the proxy. The
    // addresses known so far stay refused.
    spdlog::warn("{}; addresses this machine gained since the last look are not refused yet",
                 failure.what());
  }
}

}  // namespace awf::egress
