// What bench-load and bench-origin say to each other inside a tunnel: a real ClientHello, one byte
// in return, and one byte that chooses what follows. A proxy on the way sees TLS begin and nothing
// that it could know afterwards.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace awf::bench {

inline constexpr char kHelloAnswered = 'S';
inline constexpr char kSendToMe = 'D';    // the origin sends until the tunnel ends
inline constexpr char kTakeFromMe = 'U';  // the origin answers kBlockTaken for each whole block
inline constexpr char kEcho = 'E';
inline constexpr char kBlockTaken = 'B';

inline constexpr std::size_t kBlockBytes = std::size_t{64} << 20U;
// What one send or recv moves at most: what curl and OpenSSL programs use at best.
inline constexpr std::size_t kStepBytes = std::size_t{256} << 10U;

// A ClientHello as a current client sends it (TLS 1.3, X25519, padded to 517 bytes) for `name`.
std::string client_hello(std::string_view name);

}  // namespace awf::bench
