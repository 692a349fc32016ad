#include "net/http_response.hpp"

#include "common/text.hpp"
#include "net/http_syntax.hpp"

namespace awf::net {
namespace {

using namespace syntax;  // NOLINT(google-build-using-namespace): this file's own vocabulary

constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::size_t kStatusEnd = 12;  // of "HTTP/1.1 200"

// "HTTP/1.x SP NNN [SP reason]" (RFC 9112 §4).
Result<ResponseHead> read_status_line(std::string_view line) {
  ResponseHead head;
  const auto status =
      line.size() < kStatusEnd ? std::nullopt : parse_number<unsigned>(line.substr(9, 3));
  if (!status || *status < 100 || line.substr(0, kVersion.size()) != kVersion || line[8] != ' ' ||
      (line[7] != '0' && line[7] != '1')) {
    return Error{"the status line is not that of HTTP/1.0 or HTTP/1.1"};
  }
  head.status = *status;
  head.minor_version = line[7] == '1' ? 1 : 0;
  const std::string_view rest = line.substr(kStatusEnd);
  if (!rest.empty() && (rest.front() != ' ' || !all(rest, is_value_char))) {
    return Error{"the reason phrase has control characters"};
  }
  if (!rest.empty()) head.reason = rest.substr(1);
  return head;
}

Result<ResponseHead> read_lines(std::string_view text) {
  auto head = read_status_line(take_line(text));
  if (!head.ok()) return head;
  ResponseHead read = std::move(head).value();
  while (!text.empty()) {
    auto field = read_field(take_line(text));
    if (!field.ok()) return Error{field.error()};
    read.fields.push_back(std::move(field).value());
  }
  if (const auto fault = connection_fault(read.fields)) return *fault;
  return read;
}

bool has_no_body(unsigned status, std::string_view request_method) noexcept {
  return request_method == "HEAD" || status / 100 == 1 || status == 204 || status == 304;
}

}  // namespace

std::optional<Result<ResponseHead>> read_response_head(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, kVersion.size());
  if (start != kVersion.substr(0, start.size())) return Error{"no HTTP/1 response"};
  const auto size = find_end(bytes.substr(0, kMaxResponseHeadBytes), kMaxResponseFields);
  if (!size.ok()) return Error{size.error()};
  if (*size == 0) {
    if (bytes.size() >= kMaxResponseHeadBytes) return Error{"the response head is too large"};
    return std::nullopt;
  }
  auto head = read_lines(bytes.substr(0, *size - 2));
  if (!head.ok()) return head;
  ResponseHead whole = std::move(head).value();
  whole.size = *size;
  return Result<ResponseHead>(std::move(whole));
}

Result<ResponseFraming> response_framing(const ResponseHead& head,
                                         std::string_view request_method) {
  using Kind = ResponseFraming::Kind;
  const std::string* length = nullptr;
  const std::string* coding = nullptr;
  for (const auto& [name, value] : head.fields) {
    const std::string lower = ascii_lower(name);
    const bool is_length = lower == "content-length";
    if (!is_length && lower != "transfer-encoding") continue;
    const std::string*& place = is_length ? length : coding;
    if (place != nullptr) return Error{"Content-Length or Transfer-Encoding is repeated"};
    place = &value;
  }
  if (length != nullptr && coding != nullptr) {
    return Error{"both Content-Length and Transfer-Encoding"};
  }
  std::uint64_t bytes = 0;
  if (length != nullptr) {
    const auto plain = read_length(*length);
    if (!plain.ok()) return Error{plain.error()};
    bytes = *plain;
  }
  if (coding != nullptr && (ascii_lower(*coding) != "chunked" || head.minor_version == 0)) {
    return Error{"a transfer coding other than \"chunked\""};
  }
  if (has_no_body(head.status, request_method)) return ResponseFraming{};
  if (coding != nullptr) return ResponseFraming{Kind::kChunked, 0};
  if (length != nullptr) return ResponseFraming{Kind::kLength, bytes};
  return ResponseFraming{Kind::kUntilClose, 0};
}

}  // namespace awf::net
