// Two layers, as on the wire: records are stripped until the first handshake message is whole
// (ClientHelloReader), then that message is read once (parse_hello). Where RFC 8446 leaves a
// choice, the stricter reading is taken: what a server might read differently is no hello.
#include "net/client_hello.hpp"

#include <algorithm>

namespace awf::net {
namespace {

using Bytes = std::span<const std::uint8_t>;
using State = ClientHello::State;

constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kClientHelloMessage = 1;
constexpr std::size_t kRecordHeader = 5;
constexpr std::size_t kMessageHeader = 4;
constexpr std::size_t kMaxRecordPayload = 16384;  // RFC 8446 §5.1

constexpr std::uint16_t kServerNameExtension = 0;
constexpr std::uint16_t kSupportedVersionsExtension = 43;
constexpr std::uint16_t kEchExtension = 0xfe0d;
constexpr std::uint16_t kEsniExtension = 0xffce;  // draft-ietf-tls-esni before ECH
constexpr std::uint8_t kEchOuter = 0;

std::size_t big_endian(Bytes bytes) {
  std::size_t value = 0;
  for (const std::uint8_t byte : bytes)
    value = value << 8U | byte;
  return value;
}

// A cursor that never leaves its bytes: reading too far gives zeros and is remembered, so that a
// structure is read straight through and judged once at its end.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) noexcept : rest_(bytes) {}

  Bytes take(std::size_t count) noexcept {
    if (count > rest_.size()) {
      overrun_ = true;
      rest_ = {};
      return {};
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::size_t number(std::size_t width) noexcept { return big_endian(take(width)); }
  // A vector of the TLS presentation language: its length in `width` bytes, then its content.
  Bytes vector(std::size_t width) noexcept { return take(number(width)); }

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] bool overrun() const noexcept { return overrun_; }
  [[nodiscard]] bool exhausted() const noexcept { return !overrun_ && rest_.empty(); }

 private:
  Bytes rest_;
  bool overrun_ = false;
};

// RFC 8701: 0x0a0a, 0x1a1a, …, 0xfafa.
bool is_grease(std::size_t value) noexcept {
  return (value & 0x0f0fU) == 0x0a0aU && value >> 8U == (value & 0xffU);
}

// RFC 6066 §3. A second host_name is forbidden, and another name_type has no known length, so that
// the only list that all servers read alike is one host_name.
std::string_view read_server_name(Bytes data, ClientHello& hello) {
  Cursor extension(data);
  Cursor list(extension.vector(2));
  const std::size_t type = list.number(1);
  const Bytes name = list.vector(2);
  if (!extension.exhausted() || !list.exhausted() || type != 0 || name.empty()) {
    return "the server_name extension is not a list of exactly one host name";
  }
  hello.server_name.assign(name.begin(), name.end());
  return {};
}

std::string_view read_versions(Bytes data, ClientHello& hello) {
  Cursor extension(data);
  const Bytes versions = extension.vector(1);
  if (!extension.exhausted() || versions.size() < 2 || versions.size() % 2 != 0) {
    return "the supported_versions extension is not a list of versions";
  }
  hello.highest_version = 0;
  for (std::size_t i = 0; i < versions.size(); i += 2) {
    const std::size_t version = big_endian(versions.subspan(i, 2));
    if (is_grease(version) || version >> 8U != 3) continue;
    hello.highest_version = std::max(hello.highest_version, static_cast<std::uint16_t>(version));
  }
  return {};
}

// RFC 9849 §5: type outer carries a cipher suite, a config id, an encapsulated key and the
// payload. Type inner exists only inside such a payload or between a provider's own servers.
std::string_view read_ech(Bytes data, ClientHello& hello) {
  Cursor extension(data);
  const bool outer = extension.number(1) == kEchOuter;
  (void)extension.take(5);  // KDF, AEAD, config id
  (void)extension.vector(2);
  const Bytes payload = extension.vector(2);
  if (!outer || !extension.exhausted() || payload.empty()) {
    return "the encrypted_client_hello extension is not an outer one";
  }
  hello.encrypted_hello = true;
  return {};
}

std::string_view read_extension(std::size_t type, Bytes data, ClientHello& hello) {
  switch (type) {
    case kServerNameExtension:
      return read_server_name(data, hello);
    case kSupportedVersionsExtension:
      return read_versions(data, hello);
    case kEchExtension:
      return read_ech(data, hello);
    case kEsniExtension:
      hello.encrypted_hello = true;
      return {};
    default:
      return {};
  }
}

std::string_view read_extensions(Bytes all, ClientHello& hello) {
  Cursor cursor(all);
  std::vector<std::size_t> types;
  while (!cursor.at_end()) {
    const std::size_t type = cursor.number(2);
    const Bytes data = cursor.vector(2);
    if (cursor.overrun()) return "an extension is longer than the ClientHello";
    types.push_back(type);
    if (const auto fault = read_extension(type, data, hello); !fault.empty()) return fault;
  }
  // RFC 8446 §4.2: one of a kind. With two server_name extensions a server might take the other.
  std::sort(types.begin(), types.end());
  if (std::adjacent_find(types.begin(), types.end()) != types.end()) {
    return "an extension is repeated";
  }
  return {};
}

// The body of the message (RFC 8446 §4.1.2). Returns what is wrong with it, or nothing.
std::string_view parse_hello(Bytes body, ClientHello& hello) {
  Cursor cursor(body);
  const std::size_t legacy_version = cursor.number(2);
  (void)cursor.take(32);  // random
  const Bytes session_id = cursor.vector(1);
  const Bytes cipher_suites = cursor.vector(2);
  const Bytes compression = cursor.vector(1);
  if (cursor.overrun()) return "the ClientHello ends too early";
  if (legacy_version >> 8U != 3) return "the ClientHello has an unknown version";
  if (session_id.size() > 32) return "the session id is longer than 32 bytes";
  if (cipher_suites.size() < 2 || cipher_suites.size() % 2 != 0) {
    return "the list of cipher suites is empty or cut";
  }
  if (compression.empty()) return "the list of compression methods is empty";
  hello.highest_version = static_cast<std::uint16_t>(legacy_version);
  if (cursor.at_end()) return {};  // TLS 1.2 permits a hello without extensions (RFC 5246 §7.4.1.2)
  const Bytes extensions = cursor.vector(2);
  if (!cursor.exhausted()) return "the extensions do not end where the ClientHello ends";
  return read_extensions(extensions, hello);
}

}  // namespace

void ClientHelloReader::fail(State state, std::string_view fault) {
  hello_ = ClientHello{};
  hello_.state = state;
  hello_.fault = fault;
  std::vector<std::uint8_t>().swap(message_);  // frees it, which assigning {} does not
}

// The header of the handshake message, as soon as its 4 bytes are there.
void ClientHelloReader::check_message_start() {
  if (!message_.empty() && message_.front() != kClientHelloMessage) {
    return fail(State::kMalformed, "the first handshake message is no ClientHello");
  }
  if (message_size_ != 0 || message_.size() < kMessageHeader) return;
  message_size_ = kMessageHeader + big_endian(Bytes(message_).subspan(1, 3));
  if (message_size_ > kMaxHelloBytes) {
    fail(State::kMalformed, "the ClientHello is larger than 64 KiB");
  }
}

// One whole record at next_record_, or nothing yet. What is already wrong with a part of a record
// header is said at once, so that a client that does not speak TLS is not kept waiting.
void ClientHelloReader::take_record(Bytes so_far) {
  const Bytes rest = so_far.subspan(next_record_);
  const bool first = next_record_ == 0;
  const State wrong = first ? State::kNotTls : State::kMalformed;
  if (!rest.empty() && rest[0] != kHandshakeRecord) return fail(wrong, "no TLS handshake record");
  if (rest.size() > 1 && rest[1] != 3) return fail(wrong, "an unknown version of TLS records");
  if (rest.size() < kRecordHeader) return;
  const std::size_t payload = big_endian(rest.subspan(3, 2));
  // RFC 8446 §5.1 forbids empty handshake records; without that rule a client could send records
  // for ever without coming nearer to a hello.
  if (payload == 0 || payload > kMaxRecordPayload) {
    return fail(wrong, "a TLS record of an impossible length");
  }
  const std::size_t end = next_record_ + kRecordHeader + payload;
  if (end > kMaxHelloBytes) return fail(State::kMalformed, "the ClientHello is larger than 64 KiB");
  if (so_far.size() < end) return;
  const Bytes content = rest.subspan(kRecordHeader, payload);
  message_.insert(message_.end(), content.begin(), content.end());
  next_record_ = end;
  check_message_start();
}

const ClientHello& ClientHelloReader::read(Bytes so_far) {
  while (hello_.state == State::kNeedMore) {
    const std::size_t before = next_record_;
    take_record(so_far);
    if (hello_.state != State::kNeedMore || next_record_ == before) break;
    if (message_size_ == 0 || message_.size() < message_size_) continue;
    // Nothing of a client's first flight may share the last record with the hello; servers differ
    // in what they make of it.
    if (message_.size() > message_size_) {
      fail(State::kMalformed, "bytes follow the ClientHello in its record");
    } else if (const auto fault = parse_hello(Bytes(message_).subspan(kMessageHeader), hello_);
               !fault.empty()) {
      fail(State::kMalformed, fault);
    } else {
      hello_.state = State::kComplete;
      std::vector<std::uint8_t>().swap(message_);
    }
  }
  return hello_;
}

ClientHello read_client_hello(Bytes bytes) {
  return ClientHelloReader().read(bytes);
}

}  // namespace awf::net
