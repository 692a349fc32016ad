#include "policy/public_suffix.hpp"

#include <libpsl.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "common/check.hpp"
#include "common/text.hpp"

namespace awf::policy {
namespace {

// Suffixes under which anybody gets a name within minutes, and which the public suffix list of our
// oldest platform does not know (storage accounts, tunnels, wildcard resolvers, request catchers).
constexpr std::string_view kOpenToAnyone[] = {"blob.core.windows.net",
                                              "file.core.windows.net",
                                              "queue.core.windows.net",
                                              "table.core.windows.net",
                                              "dfs.core.windows.net",
                                              "web.core.windows.net",
                                              "servicebus.windows.net",
                                              "azureedge.net",
                                              "azurefd.net",
                                              "trafficmanager.net",
                                              "cloudapp.azure.com",
                                              "msappproxy.net",
                                              "storage.googleapis.com",
                                              "s3.amazonaws.com",
                                              "s3.us-east-1.amazonaws.com",
                                              "s3.us-west-2.amazonaws.com",
                                              "execute-api.us-east-1.amazonaws.com",
                                              "lambda-url.us-east-1.on.aws",
                                              "r2.cloudflarestorage.com",
                                              "backblazeb2.com",
                                              "ngrok.app",
                                              "ngrok.dev",
                                              "ngrok-free.app",
                                              "ngrok-free.dev",
                                              "cfargotunnel.com",
                                              "loca.lt",
                                              "serveo.net",
                                              "lhr.life",
                                              "localhost.run",
                                              "devtunnels.ms",
                                              "app.github.dev",
                                              "gitpod.io",
                                              "replit.dev",
                                              "up.railway.app",
                                              "surge.sh",
                                              "hf.space",
                                              "nip.io",
                                              "sslip.io",
                                              "pipedream.net",
                                              "oastify.com",
                                              "interact.sh",
                                              "wordpress.com"};

// On the public suffix list to keep cookies apart, although one owner gives out every name.
constexpr std::string_view kOneOwner[] = {"githubusercontent.com", "googleapis.com"};

// Names at which anybody may leave and fetch data, and resolvers that answer over HTTPS, which
// carry data out inside the names that are asked for.
constexpr std::string_view kPublicNoticeBoards[] = {"gist.github.com",
                                                    "gist.githubusercontent.com",
                                                    "githubusercontent.com",
                                                    "raw.githubusercontent.com",
                                                    "pastebin.com",
                                                    "webhook.site",
                                                    "transfer.sh"};
constexpr std::string_view kDnsOverHttps[] = {"dns.google",
                                              "dns.google.com",
                                              "8888.google",
                                              "dns64.dns.google",
                                              "cloudflare-dns.com",
                                              "mozilla.cloudflare-dns.com",
                                              "chrome.cloudflare-dns.com",
                                              "security.cloudflare-dns.com",
                                              "family.cloudflare-dns.com",
                                              "one.one.one.one",
                                              "dns.cloudflare.com",
                                              "dns.quad9.net",
                                              "dns9.quad9.net",
                                              "dns10.quad9.net",
                                              "dns11.quad9.net",
                                              "doh.opendns.com",
                                              "doh.familyshield.opendns.com",
                                              "doh.umbrella.com",
                                              "dns.nextdns.io",
                                              "doh.cleanbrowsing.org",
                                              "dns.adguard-dns.com",
                                              "unfiltered.adguard-dns.com",
                                              "family.adguard-dns.com",
                                              "dns.adguard.com",
                                              "dns.mullvad.net",
                                              "base.dns.mullvad.net",
                                              "doh.mullvad.net",
                                              "doh.dns.sb",
                                              "dns.sb",
                                              "dns0.eu",
                                              "zero.dns0.eu",
                                              "dns.alidns.com",
                                              "doh.pub",
                                              "doh.360.cn",
                                              "freedns.controld.com",
                                              "doh.libredns.gr",
                                              "ordns.he.net",
                                              "wikimedia-dns.org",
                                              "doh.ffmuc.net",
                                              "dns.switch.ch",
                                              "odvr.nic.cz",
                                              "dns.njal.la",
                                              "doh.applied-privacy.net",
                                              "private.canadianshield.cira.ca",
                                              "public.dns.iij.jp",
                                              "doh.tiar.app"};

// The same resolvers by address: their certificates cover these.
constexpr std::string_view kResolverAddresses[] = {"1.1.1.1",
                                                   "1.0.0.1",
                                                   "8.8.8.8",
                                                   "8.8.4.4",
                                                   "9.9.9.9",
                                                   "149.112.112.112",
                                                   "208.67.222.222",
                                                   "208.67.220.220",
                                                   "94.140.14.14",
                                                   "223.5.5.5",
                                                   "223.6.6.6",
                                                   "2606:4700:4700::1111",
                                                   "2001:4860:4860::8888",
                                                   "2620:fe::fe"};

template <std::size_t kSize>
bool is_one_of(std::string_view name, const std::string_view (&names)[kSize]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool is_single_label(std::string_view name) noexcept {
  return name.find('.') == std::string_view::npos;
}

// Is `name` a suffix by a rule of the list, not just because it has one label?
bool is_listed_suffix(const std::string& name) {
  constexpr int kAnySection = PSL_TYPE_ICANN | PSL_TYPE_PRIVATE | PSL_TYPE_NO_STAR_RULE;
  // The list inside the library, never a file: the same policy means the same on every run. Debian
  // and Ubuntu build it in; without it nothing would be a suffix, so its absence is a refusal.
  const psl_ctx_t* list = psl_builtin();
  verify(list != nullptr, "libpsl carries the public suffix list");
  return psl_is_public_suffix2(list, name.c_str(), kAnySection) == 1;
}

bool is_open_to_anyone(const std::string& name) {
  if (is_one_of(name, kOneOwner)) return false;
  return is_listed_suffix(name) || is_one_of(name, kOpenToAnyone);
}

std::optional<std::string> refusal_of_single_label(const std::string& name) {
  if (name == "localhost") {
    return "has no public meaning: inside the sandbox it is the command's own loopback; remove it";
  }
  if (is_listed_suffix(name)) {
    return "is a public suffix: it would allow every name that anybody registers below it; write a "
           "whole name, such as example." +
           name;
  }
  return "is a single label, which names no public host; write its full name, such as " + name +
         ".example.com";
}

std::optional<std::string> refusal_of_name(const HostPattern& pattern) {
  const std::string name(pattern.fixed_tail());
  if (is_single_label(name)) return refusal_of_single_label(name);
  if (name.ends_with(".localhost")) {
    return "has no public meaning: names below localhost are the command's own loopback; remove it";
  }
  if (pattern.kind() == HostPattern::Kind::kExact || !is_open_to_anyone(name)) return std::nullopt;
  return "is a public suffix: it would allow every name that anybody registers below it; write "
         "NAME." +
         name + " with your NAME, or =" + name + " for that host alone";
}

// What stands after the last '*' must belong to somebody.
std::optional<std::string> refusal_of_wildcard(const HostPattern& pattern) {
  const std::string tail(pattern.fixed_tail());
  if (tail.empty()) {
    return "has a '*' in its last label, so it would allow names of anybody; write whole labels "
           "after the last '*', such as *.example.com";
  }
  if (is_single_label(tail) || is_open_to_anyone(tail)) {
    return "covers names that anybody may register under " + tail + "; write *.NAME." + tail +
           " with your NAME";
  }
  return std::nullopt;
}

template <std::size_t kSize>
std::optional<std::string_view> first_covered(const IpRange& range,
                                              const std::string_view (&addresses)[kSize]) {
  const auto* found =
      std::find_if(std::begin(addresses), std::end(addresses), [&](std::string_view text) {
        const auto address = IpAddress::parse(text);
        return address && range.contains(*address);
      });
  return found == std::end(addresses) ? std::nullopt : std::optional(*found);
}

template <std::size_t kSize>
std::optional<std::string_view> first_covered(const HostPattern& pattern,
                                              const std::string_view (&names)[kSize]) {
  const auto* found = std::find_if(std::begin(names), std::end(names),
                                   [&](std::string_view name) { return pattern.covers(name); });
  return found == std::end(names) ? std::nullopt : std::optional(*found);
}

std::optional<std::string> warning_of_pattern(const HostPattern& pattern) {
  if (const auto name = first_covered(pattern, kDnsOverHttps)) {
    return "covers " + std::string(*name) +
           ", which resolves names over HTTPS: data can leave inside the names asked for";
  }
  // Only when it is named: github.com covers gist.github.com, but is no different itself.
  if (is_one_of(pattern.fixed_tail(), kPublicNoticeBoards)) {
    return "covers " + std::string(pattern.fixed_tail()) +
           ", where anybody may publish and fetch data";
  }
  if (const auto name = first_covered(pattern, kOpenToAnyone)) {
    return "covers " + std::string(*name) + ", below which anybody may register names";
  }
  return std::nullopt;
}

}  // namespace

AllowReview review_for_allow_list(const HostPattern& pattern) {
  const bool wildcard =
      pattern.kind() == HostPattern::Kind::kBelow || pattern.kind() == HostPattern::Kind::kGlob;
  AllowReview review;
  review.refusal = wildcard ? refusal_of_wildcard(pattern) : refusal_of_name(pattern);
  if (!review.refusal) review.warning = warning_of_pattern(pattern);
  return review;
}

AllowReview review_for_allow_list(const IpRange& range) {
  AllowReview review;
  if (range.prefix_length() == 0) {
    review.refusal = "covers every address; write the blocks that are meant";
    return review;
  }
  const bool is_v4 = range.base().family() == IpAddress::Family::kV4;
  if (range.prefix_length() < (is_v4 ? 8U : 16U)) {
    review.warning = "covers more addresses than any one organisation owns";
  }
  if (const auto resolver = first_covered(range, kResolverAddresses)) {
    review.warning = "covers " + std::string(*resolver) +
                     ", which resolves names over HTTPS: data can leave inside the names asked for";
  }
  constexpr std::string_view kMetadata[] = {"169.254.169.254", "168.63.129.16", "100.100.100.200",
                                            "192.0.0.192", "fd00:ec2::254"};
  if (const auto service = first_covered(range, kMetadata)) {
    review.warning = "covers " + std::string(*service) + ", where clouds hand out credentials";
  }
  return review;
}

}  // namespace awf::policy
