#include "egress-proxy/audit_record.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace awf::egress {
namespace {

using std::chrono::milliseconds;

std::int64_t epoch_milliseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

std::string iso_time(std::chrono::system_clock::time_point time) {
  const std::int64_t total = epoch_milliseconds(time);
  const std::time_t seconds = total / 1000;
  std::tm utc{};
  (void)::gmtime_r(&seconds, &utc);  // fails for years beyond int only
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                      utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                      utc.tm_sec, static_cast<int>(total % 1000));
  return text.data();
}

std::string cut(const std::string& text) {
  return text.size() <= kMaxShownText ? text : text.substr(0, kMaxShownText) + "...";
}

// Squid's way: percent encoding of what could end a field or confuse a terminal.
std::string field(const std::string& text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  if (text.empty()) return "-";
  std::string out;
  for (const char c : cut(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '"' && c != '\\') {
      out.push_back(c);
    } else {
      out.append({'%', kHex[byte >> 4U], kHex[byte & 0x0FU]});
    }
  }
  return out;
}

// As field(), but words may be separated, for inside the quotes.
std::string quoted_field(const std::string& text) {
  std::string out = field(text);
  for (std::size_t at = out.find("%20"); at != std::string::npos; at = out.find("%20", at)) {
    out.replace(at, 3, " ");
  }
  return out;
}

std::string authority_of(const AuditRecord& record) {
  const bool is_v6 = record.name.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + record.name + "]" : record.name;
  return record.port == 0 ? host : host + ":" + std::to_string(record.port);
}

bool is_http(const AuditRecord& record) noexcept {
  return record.protocol == AuditProtocol::kHttp && record.method != "CONNECT";
}

std::string method_of(const AuditRecord& record) {
  switch (record.protocol) {
    case AuditProtocol::kHttp:
      return record.method.empty() ? "NONE" : record.method;
    case AuditProtocol::kTls:
    case AuditProtocol::kTcp:
      return record.door == policy::Door::kPacket ? "TCP" : "CONNECT";
    case AuditProtocol::kUdp:
      return "UDP";
    case AuditProtocol::kIcmp:
      return "ICMP";
    case AuditProtocol::kDns:
      return "DNS";
    case AuditProtocol::kOther:
      break;
  }
  return "NONE";
}

std::string result_of(const AuditRecord& record) {
  if (record.verdict == policy::Verdict::kDeny) return "TCP_DENIED:HIER_NONE";
  const std::string kind = is_http(record) ? "TCP_MISS" : "TCP_TUNNEL";
  return kind + (record.address.empty() ? ":HIER_NONE" : ":HIER_DIRECT");
}

unsigned status_of(const AuditRecord& record) noexcept {
  if (record.status != 0) return record.status;
  return record.verdict == policy::Verdict::kDeny ? 403 : 0;
}

}  // namespace

std::string_view text_of(policy::Door door) noexcept {
  switch (door) {
    case policy::Door::kProxy:
      return "proxy";
    case policy::Door::kIntercept:
      return "intercept";
    case policy::Door::kDns:
      return "dns";
    case policy::Door::kPacket:
      return "packet";
  }
  return "other";
}

std::string_view text_of(AuditProtocol protocol) noexcept {
  constexpr std::array<std::string_view, 7> kNames{"http", "tls", "tcp",  "udp",
                                                   "icmp", "dns", "other"};
  return kNames.at(static_cast<std::size_t>(protocol));
}

std::string audit_line(const AuditRecord& record) {
  nlohmann::ordered_json line;
  const bool denied = record.verdict == policy::Verdict::kDeny;
  line["schema"] = "awf-audit/1";
  line["time"] = iso_time(record.time);
  line["door"] = text_of(record.door);
  line["protocol"] = text_of(record.protocol);
  line["name"] = cut(record.name);
  line["port"] = record.port;
  line["verdict"] = denied ? "deny" : "allow";
  line["rule"] = cut(record.rule);
  line["reason"] = cut(record.reason);
  line["address"] = nullptr;
  if (!record.address.empty()) line["address"] = record.address;
  if (record.process) {
    line["process"] = {{"name", cut(record.process->name)}, {"pid", record.process->pid}};
  }
  if (!record.method.empty()) line["method"] = cut(record.method);
  if (!record.error.empty()) line["error"] = cut(record.error);
  if (record.repeats != 0) line["repeats"] = record.repeats;
  line["bytesUp"] = record.bytes_up;
  line["bytesDown"] = record.bytes_down;
  line["durationMs"] = record.duration.count();
  // ASCII only: U+2028, C1 controls and half characters would otherwise reach terminals and
  // summaries as they are.
  return line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string access_line(const AuditRecord& record) {
  const std::int64_t time = epoch_milliseconds(record.time);
  const std::string authority = authority_of(record);
  const std::string url = is_http(record) ? "http://" + authority + record.path : authority;
  std::array<char, 96> head{};
  (void)std::snprintf(head.data(), head.size(), "%lld.%03d ", static_cast<long long>(time / 1000),
                      static_cast<int>(time % 1000));
  std::array<char, 8> status{};
  (void)std::snprintf(status.data(), status.size(), "%03u", status_of(record) % 1000);
  const std::string destination =
      record.address.empty() ? "-:-" : field(record.address) + ":" + std::to_string(record.port);
  const bool spoke_http = record.protocol == AuditProtocol::kHttp ||
                          (record.door == policy::Door::kProxy && !record.method.empty());
  return std::string(head.data()) + (record.client.empty() ? "-:-" : field(record.client)) + " " +
         field(authority) + " " + destination + " " + (spoke_http ? "1.1" : "-") + " " +
         field(method_of(record)) + " " + status.data() + " " + result_of(record) + " " +
         field(url) + " \"" + quoted_field(record.user_agent) + "\"\n";
}

}  // namespace awf::egress
