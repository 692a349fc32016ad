// Reading the server name from the start of a TLS connection. Pure; input is hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

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
  std::string server_name;            // as sent; empty when there was none
  bool encrypted_hello = false;       // an ECH extension of type outer is present
  std::uint16_t highest_version = 0;  // of supported_versions or legacy_version, GREASE left out
};

// Looks at the first bytes a client sent. Handles a hello split over several records and larger
// than one (post-quantum key shares); more than kMaxHelloBytes is kMalformed.
ClientHello read_client_hello(std::span<const std::uint8_t> bytes);

}  // namespace awf::net
