#include "doh/doh_client.hpp"

#include <array>
#include <utility>

#include "common/check.hpp"
#include "net/limits.hpp"

namespace awf::doh {
namespace {

using net::ResolveAnswer;
using Status = ResolveAnswer::Status;

constexpr std::string_view kMediaType = "application/dns-message";

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = ::curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK)
    throw Refusal(std::string("setting an HTTPS request up: ") + ::curl_easy_strerror(code));
}

// Anything but the whole size makes libcurl end the transfer (CURLE_WRITE_ERROR).
std::size_t keep(char* data, std::size_t size, std::size_t count, void* response) {
  auto& text = *static_cast<std::string*>(response);
  if (text.size() + size * count > net::kMaxDohReplyBytes) return 0;
  text.append(data, size * count);
  return size * count;
}

// "dns.example:443:192.0.2.1,[2001:db8::1]", as CURLOPT_RESOLVE wants it.
std::string resolve_entry(const net::ServiceUrl& url,
                          const std::vector<policy::IpAddress>& addresses) {
  std::string entry = url.authority() + ":";
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const bool v6 = addresses[i].family() == policy::IpAddress::Family::kV6;
    const std::string text = addresses[i].text();
    entry += (i == 0 ? "" : ",") + (v6 ? "[" + text + "]" : text);
  }
  return entry;
}

}  // namespace

struct DohClient::Lookup {
  std::optional<ResolveAnswer> first;
  Callback callback;
  policy::HostName name;
};

struct DohClient::Transfer {
  AddressType type = AddressType::kA;
  std::shared_ptr<Lookup> lookup;
  std::string response;
  List resolve;
  std::array<char, CURL_ERROR_SIZE> error{};
  Easy easy{::curl_easy_init()};  // last: it borrows the rest
};

DohClient::DohClient(net::asio::io_context& context, net::ServiceUrl url, net::Resolver& resolver)
    : url_(std::move(url)),
      url_text_("https://" + url_.authority() + url_.path),
      resolver_(resolver),
      loop_(context) {
  if (std::holds_alternative<policy::IpAddress>(url_.host)) server_.emplace();
  for (const char* field : {"Content-Type: ", "Accept: "}) {
    const std::string line = field + std::string(kMediaType);
    headers_.reset(::curl_slist_append(headers_.release(), line.c_str()));
  }
}

DohClient::~DohClient() = default;

void DohClient::look_up(const policy::HostName& name, Callback callback) {
  const auto lookup = std::make_shared<Lookup>(Lookup{std::nullopt, std::move(callback), name});
  const auto go = [this, lookup] {
    ask(lookup, AddressType::kA);
    ask(lookup, AddressType::kAaaa);
  };
  if (server_) return go();
  find_server([this, lookup, go](const ResolveAnswer& answer) {
    if (answer.ok()) {
      server_ = answer.addresses;
      return go();
    }
    lookup->callback({answer.status == Status::kTimeout ? Status::kTimeout : Status::kServerFailure,
                      {},
                      "the DoH server " + url_.host_text() + " cannot be found: " + answer.detail});
  });
}

void DohClient::find_server(std::function<void(const ResolveAnswer&)> then) {
  resolver_.resolve(std::get<policy::HostName>(url_.host), std::move(then));
}

void DohClient::ask(const std::shared_ptr<Lookup>& lookup, AddressType type) {
  const auto transfer = transfers_.emplace(transfers_.end());
  verify(transfer->easy != nullptr, "libcurl has memory for a request");
  transfer->type = type;
  transfer->lookup = lookup;
  set_up(*transfer, make_query(lookup->name, type));
  loop_.start(transfer->easy.get(), [this, transfer](CURLcode code) { ended(transfer, code); });
}

void DohClient::set_up(Transfer& transfer, const std::string& query) {
  CURL* easy = transfer.easy.get();
  set(easy, CURLOPT_URL, url_text_.c_str());
#if LIBCURL_VERSION_NUM >= 0x075500
  set(easy, CURLOPT_PROTOCOLS_STR, "https");
#else
  set(easy, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTPS));
#endif
  set(easy, CURLOPT_PROXY, "");  // no variable of the environment decides
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(easy, CURLOPT_PIPEWAIT, 1L);  // share a connection rather than open another
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(net::kDohConnectLimit.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(net::kDohTimeLimit.count()));
  set(easy, CURLOPT_HTTPHEADER, headers_.get());
  set(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(query.size()));
  set(easy, CURLOPT_COPYPOSTFIELDS, query.data());  // after its size, since it holds NUL bytes
  set(easy, CURLOPT_WRITEFUNCTION, &keep);
  set(easy, CURLOPT_WRITEDATA, &transfer.response);
  set(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  if (server_->empty()) return;
  transfer.resolve.reset(::curl_slist_append(nullptr, resolve_entry(url_, *server_).c_str()));
  set(easy, CURLOPT_RESOLVE, transfer.resolve.get());
}

void DohClient::ended(std::list<Transfer>::iterator transfer, CURLcode code) {
  ResolveAnswer answer = outcome_of(*transfer, code);
  // It may have moved: the next lookup asks for its address again.
  const bool unreachable = code != CURLE_OK;
  if (unreachable && std::holds_alternative<policy::HostName>(url_.host)) server_.reset();
  const auto lookup = transfer->lookup;
  transfers_.erase(transfer);
  if (!lookup->first) {
    lookup->first = std::move(answer);
    return;
  }
  lookup->callback(merged(*lookup->first, answer));
}

ResolveAnswer DohClient::outcome_of(const Transfer& transfer, CURLcode code) {
  const auto failed = [](Status status, const std::string& detail) {
    return ResolveAnswer{status, {}, "DoH: " + detail};
  };
  if (code != CURLE_OK) {
    const char* detail =
        transfer.error.front() != '\0' ? transfer.error.data() : ::curl_easy_strerror(code);
    return failed(code == CURLE_OPERATION_TIMEDOUT ? Status::kTimeout : Status::kServerFailure,
                  detail);
  }
  long status = 0;
  char* type = nullptr;
  (void)::curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  (void)::curl_easy_getinfo(transfer.easy.get(), CURLINFO_CONTENT_TYPE, &type);
  if (status != 200) return failed(Status::kServerFailure, "HTTP status " + std::to_string(status));
  if (type == nullptr || std::string_view(type) != kMediaType) {
    return failed(Status::kServerFailure, "the server answers in another format than DNS");
  }
  return read_reply(transfer.response, transfer.type);
}

}  // namespace awf::doh
