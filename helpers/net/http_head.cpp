// Servers disagree about bytes that the grammar does not permit, and every such disagreement has
// become a smuggling attack. So nothing is repaired here: bytes have the one reading that RFC 9112
// gives them, or the request is refused.
#include "net/http_head.hpp"

#include <algorithm>

#include "net/http_syntax.hpp"

namespace awf::net {
namespace {

using namespace syntax;  // NOLINT(google-build-using-namespace): this file's own vocabulary

// A method nobody has registered may be this long (the longest registered one has 17 letters).
constexpr std::size_t kMaxMethod = 32;

bool is_visible(char c) noexcept {
  return c > ' ' && c < '\x7f';
}

// "METHOD SP target SP HTTP/1.x" (RFC 9112 §3) with single spaces and no other white space.
Result<RequestHead> read_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return Error{"the request line has not three parts"};
  RequestHead head;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (head.method.empty() || head.method.size() > kMaxMethod || !all(head.method, is_token_char)) {
    return Error{"the method is not a token"};
  }
  if (head.target.empty() || !all(head.target, is_visible)) {
    return Error{"the request target is empty or has bytes that a URI cannot have"};
  }
  if (version != "HTTP/1.0" && version != "HTTP/1.1") {
    return Error{"the version is neither HTTP/1.0 nor HTTP/1.1"};
  }
  head.minor_version = version.back() == '1' ? 1 : 0;
  return head;
}

// RFC 9112 §6.3, without its tolerance for repeated lengths and for codings before chunked.
Result<BodyFraming> read_framing(const RequestHead& head) {
  const std::string* length = nullptr;
  const std::string* coding = nullptr;
  for (const auto& [name, value] : head.fields) {
    const bool is_length = means_field(name, "content-length");
    if (!is_length && !means_field(name, "transfer-encoding")) continue;
    if (name.find('_') != std::string::npos) return Error{"a framing field with an underscore"};
    const std::string*& place = is_length ? length : coding;
    if (place != nullptr) return Error{"Content-Length or Transfer-Encoding is repeated"};
    place = &value;
  }
  if (length != nullptr && coding != nullptr) {
    return Error{"both Content-Length and Transfer-Encoding"};
  }
  if (coding != nullptr) {
    // RFC 9112 §6.1: an HTTP/1.0 message with a transfer coding has faulty framing.
    if (head.minor_version == 0) return Error{"Transfer-Encoding in HTTP/1.0"};
    if (*coding != "chunked") return Error{"a transfer coding other than \"chunked\""};
    return BodyFraming{BodyFraming::Kind::kChunked, 0};
  }
  if (length == nullptr) return BodyFraming{};
  const auto plain = read_length(*length);
  if (!plain.ok()) return Error{plain.error()};
  return BodyFraming{BodyFraming::Kind::kLength, *plain};
}

// RFC 9112 §3.2: exactly one Host in HTTP/1.1, at most one in HTTP/1.0.
std::optional<Error> check_host(const RequestHead& head) {
  std::size_t hosts = 0;
  for (const auto& field : head.fields)
    hosts += means_field(field.name, "host") ? 1U : 0U;
  if (hosts > 1) return Error{"more than one Host"};
  if (hosts == 0 && head.minor_version == 1) return Error{"HTTP/1.1 without Host"};
  return std::nullopt;
}

// CONNECT and TRACE have no body (RFC 9110 §9.3.6, §9.3.8); bytes that follow them are read as a
// body by one server and as the tunnel or the next request by another.
bool body_is_forbidden(const RequestHead& head) {
  if (head.method != "CONNECT" && head.method != "TRACE") return false;
  return head.body.kind == BodyFraming::Kind::kChunked || head.body.length != 0;
}

// `text` is the whole head without its last CR LF; every line in it ends with CR LF.
Result<RequestHead> read_lines(std::string_view text) {
  auto head = read_request_line(take_line(text));
  if (!head.ok()) return head;
  RequestHead read = std::move(head).value();
  while (!text.empty()) {
    auto field = read_field(take_line(text));
    if (!field.ok()) return Error{field.error()};
    read.fields.push_back(std::move(field).value());
  }
  if (const auto fault = check_host(read)) return *fault;
  if (const auto fault = connection_fault(read.fields)) return *fault;
  const auto framing = read_framing(read);
  if (!framing.ok()) return Error{framing.error()};
  read.body = *framing;
  if (body_is_forbidden(read)) return Error{"CONNECT or TRACE with a body"};
  return read;
}

// Something that is not HTTP (a TLS hello, an SSH banner) shows within its first bytes or line, so
// that its sender is not kept waiting for a line that will never come.
bool may_become_request(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, kMaxMethod + 1);
  const auto space = start.find(' ');
  if (space == std::string_view::npos && start.size() > kMaxMethod) return false;
  if (space == 0 || !all(start.substr(0, space), is_token_char)) return false;
  const auto end = bytes.find('\n');
  if (end == std::string_view::npos) return true;
  constexpr std::string_view kVersion = " HTTP/1.";  // and one digit and CR
  return end >= kVersion.size() + 2 &&
         bytes.substr(end - kVersion.size() - 2, kVersion.size()) == kVersion;
}

}  // namespace

const std::string* RequestHead::field(std::string_view name) const noexcept {
  for (const auto& candidate : fields) {
    const bool same = std::equal(
        candidate.name.begin(), candidate.name.end(), name.begin(), name.end(), [](char a, char b) {
          const auto lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
          };
          return lower(a) == lower(b);
        });
    if (same) return &candidate.value;
  }
  return nullptr;
}

std::optional<Result<RequestHead>> read_request_head(std::string_view bytes) {
  if (!may_become_request(bytes)) return Error{"no HTTP request"};
  const auto size = find_end(bytes.substr(0, kMaxHeadBytes), kMaxFields);
  if (!size.ok()) return Error{size.error()};
  if (*size == 0) {
    if (bytes.size() >= kMaxHeadBytes) return Error{"the request head is larger than 32 KiB"};
    return std::nullopt;
  }
  auto head = read_lines(bytes.substr(0, *size - 2));
  if (!head.ok()) return head;
  RequestHead whole = std::move(head).value();
  whole.size = *size;
  return Result<RequestHead>(std::move(whole));
}

}  // namespace awf::net
