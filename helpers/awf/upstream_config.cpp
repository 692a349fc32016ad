#include "awf/upstream_config.hpp"

#include <net/if.h>

#include <algorithm>
#include <array>

#include "common/check.hpp"
#include "common/text.hpp"
#include "net/service_url.hpp"
#include "policy/host_name.hpp"
#include "policy/ip_range.hpp"

namespace awf::supervisor {
namespace {

constexpr std::string_view kNone = "none";

struct Proxy {
  net::ServiceUrl url;
  bool from_environment;
};

std::optional<std::string> variable_in_any_case(const GetVariable& variable,
                                                const std::string& lower,
                                                const std::string& upper) {
  for (const auto& name : {lower, upper}) {
    if (auto value = variable(name); value && !trimmed(*value).empty()) {
      return std::string(trimmed(*value));
    }
  }
  return std::nullopt;
}

// The values may hold a password: only the variable's name is repeated.
std::optional<net::ServiceUrl> proxy_of_variable(const GetVariable& variable,
                                                 const std::string& lower,
                                                 const std::string& upper) {
  auto text = variable_in_any_case(variable, lower, upper);
  if (!text) return std::nullopt;
  if (text->find("://") == std::string::npos) text->insert(0, "http://");
  auto url = net::parse_proxy_url(*text);
  if (!url) {
    throw Refusal("the variable " + lower + ": " + url.error() +
                  "; or pass --upstream-proxy (\"none\" for no proxy)");
  }
  return std::move(url).value();
}

std::optional<net::ServiceUrl> proxy_of_environment(const GetVariable& variable) {
  auto secure = proxy_of_variable(variable, "https_proxy", "HTTPS_PROXY");
  auto plain = proxy_of_variable(variable, "http_proxy", "HTTP_PROXY");
  if (secure && plain &&
      (secure->authority() != plain->authority() || secure->credentials != plain->credentials)) {
    throw Refusal("the variables https_proxy and http_proxy name different proxies (" +
                  secure->authority() + ", " + plain->authority() +
                  "); choose one with --upstream-proxy");
  }
  return secure ? secure : plain;
}

std::optional<Proxy> find_proxy(const Options& options, const GetVariable& variable) {
  if (options.upstream_proxy == kNone) return std::nullopt;
  if (!options.upstream_proxy) {
    auto url = proxy_of_environment(variable);
    if (!url) return std::nullopt;
    return Proxy{std::move(*url), true};
  }
  auto url = net::parse_proxy_url(*options.upstream_proxy);
  if (!url) throw Refusal("--upstream-proxy: " + url.error());
  if (!url->credentials.empty()) {
    throw Refusal(
        "--upstream-proxy: credentials on a command line are readable by every process; put the "
        "URL into the variable https_proxy");
  }
  return Proxy{std::move(url).value(), false};
}

std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> words;
  for (const auto piece : split(list, ',')) {
    for (const auto word : split(piece, ' ')) {
      if (!trimmed(word).empty()) words.push_back(trimmed(word));
    }
  }
  return words;
}

// Nobody reaches the loopback through us, so these usual parts are not worth a warning.
bool is_loopback_part(std::string_view word) {
  constexpr std::array<std::string_view, 5> kLoopback{"localhost", ".localhost", "127.0.0.1",
                                                      "127.0.0.0/8", "::1"};
  return std::find(kLoopback.begin(), kLoopback.end(), word) != kLoopback.end();
}

void read_no_proxy(UpstreamConfig& config, std::string_view list) {
  for (const auto word : words_of(list)) {
    if (is_loopback_part(word)) continue;
    const auto name = policy::HostName::parse(word.substr(word.front() == '.' ? 1 : 0));
    if (name) {
      config.no_proxy.push_back(name->text());
    } else {
      config.warnings.push_back("no_proxy: " + quoted(word) +
                                " is ignored; only domains make a connection direct");
    }
  }
}

bool means_everything(std::string_view no_proxy) {
  const auto words = words_of(no_proxy);
  return std::find(words.begin(), words.end(), "*") != words.end();
}

}  // namespace

// A link-local address means nothing without its interface (RFC 4007), any other needs none.
void verify_dns_server(const std::string& text) {
  const auto percent = text.find('%');
  const auto address = policy::IpAddress::parse(text.substr(0, percent));
  const std::string named = "--dns-servers " + quoted(text);
  if (!address.ok()) {
    throw Refusal(named + " is not an IP address (" + address.error() +
                  "); write 9.9.9.9 or 2620:fe::fe");
  }
  const bool link_local = address->family() == policy::IpAddress::Family::kV6 &&
                          policy::classify(*address) == policy::AddressClass::kLinkLocal;
  if (percent == std::string::npos) {
    if (!link_local) return;
    throw Refusal(named + " is link-local; name its interface: " + text + "%eth0");
  }
  if (!link_local) throw Refusal(named + ": only link-local addresses have an interface");
  const std::string zone = text.substr(percent + 1);
  if (::if_nametoindex(zone.c_str()) == 0) {
    throw Refusal(named + ": this machine has no interface " + quoted(zone));
  }
}

UpstreamConfig judge_upstream(const Options& options, const GetVariable& variable) {
  UpstreamConfig config;
  if (options.dns_over_https) {
    if (const auto url = net::parse_doh_url(*options.dns_over_https); !url) {
      throw Refusal("--dns-over-https " + quoted(*options.dns_over_https) + ": " + url.error());
    }
    config.doh_url = options.dns_over_https;
  }
  const auto proxy = find_proxy(options, variable);
  if (!proxy) return config;
  const auto no_proxy = variable_in_any_case(variable, "no_proxy", "NO_PROXY").value_or("");
  if (proxy->from_environment && means_everything(no_proxy)) return config;
  if (config.doh_url) {
    throw Refusal("--dns-over-https and the upstream proxy " + proxy->url.authority() +
                  " exclude each other: the proxy looks the names up; give up one "
                  "(--upstream-proxy none ignores the environment's)");
  }
  read_no_proxy(config, no_proxy);
  const std::string credentials =
      proxy->url.credentials.empty() ? "" : proxy->url.credentials + "@";
  config.proxy_shown = proxy->url.authority();
  config.proxy_url = "http://" + credentials + config.proxy_shown;
  return config;
}

}  // namespace awf::supervisor
