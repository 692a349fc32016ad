// Reading the server name from the start of a TLS connection. Pure; input is hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/limits.hpp"

namespace awf::net {

// What was found in the bytes so far. RFC 8446 §4.1.2 and §5.1, RFC 6066 §3 (SNI), RFC 9849 (ECH).
struct ClientHello {
  enum class State : std::uint8_t {
    kNeedMore,  // a valid beginning
    kComplete,
    kNotTls,     // cannot become a ClientHello
    kMalformed,  // TLS records, but not a ClientHello that RFC 8446 permits
  };
  State state = State::kNeedMore;
  std::string server_name;  // as sent; empty when there was none
  // An ECH extension of type outer is present. GREASE ECH looks the same on the wire by intent
  // (RFC 9849 §6.2), so this says "perhaps another name is meant", never "certainly".
  bool encrypted_hello = false;
  // The highest of supported_versions, or legacy_version without that extension; GREASE and
  // unknown major versions left out; 0 when nothing remains.
  std::uint16_t highest_version = 0;
  std::string_view fault;  // why kNotTls or kMalformed, for a person; otherwise empty
};

// Looks at the first bytes a client sent. Handles a hello split over several records and larger
// than one (post-quantum key shares); more than kMaxHelloBytes is kMalformed.
ClientHello read_client_hello(std::span<const std::uint8_t> bytes);

// The same for bytes that arrive piece by piece: looks at every byte once, so that a client that
// sends one byte at a time costs no more than its bytes.
class ClientHelloReader {
 public:
  // `so_far` is everything since the start of the connection: the bytes of the call before and
  // those behind them. A final state is final.
  const ClientHello& read(std::span<const std::uint8_t> so_far);

 private:
  void take_record(std::span<const std::uint8_t> so_far);
  void check_message_start();
  void fail(ClientHello::State state, std::string_view fault);

  ClientHello hello_;
  std::vector<std::uint8_t> message_;  // the handshake message, free of record headers
  std::size_t next_record_ = 0;        // offset of the header that comes next
  std::size_t message_size_ = 0;       // announced, its 4 bytes of header included; 0: not known
};

}  // namespace awf::net
