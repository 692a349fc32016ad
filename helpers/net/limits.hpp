// Every limit on what a peer controls, with its unit and its reason. A limit is never a silent cut:
// whoever meets one ends the connection and names it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace awf::net {

// --- what is read before a decision ---------------------------------------------------------

// A ClientHello, records' headers included. Post-quantum key shares make 2 KiB usual; OpenSSL's
// own limit for a hello is 128 KiB and GnuTLS' is 16 KiB, so that 64 KiB refuses no real client.
inline constexpr std::size_t kMaxHelloBytes = std::size_t{64} * 1024;

// A request head. nginx takes 4 fields of 8 KiB by default, Node 16 KiB in all.
inline constexpr std::size_t kMaxHeadBytes = std::size_t{32} * 1024;
inline constexpr std::size_t kMaxFields = 128;

// A response head. Origins send more than clients do (policies, cookies, links); curl takes 300
// KiB.
inline constexpr std::size_t kMaxResponseHeadBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxResponseFields = 256;
// Interim responses (1xx) before the final one.
inline constexpr int kMaxInterimResponses = 16;

// A chunk size: digits, zero padding included, and value. Servers that keep sizes in 32 bits or
// signed read larger ones as something else, which moves the border between two requests.
inline constexpr std::size_t kMaxChunkSizeDigits = 16;
inline constexpr std::uint64_t kMaxChunkBytes = 0x7fffffff;
// Of a response, the extensions of one chunk and all trailer fields together.
inline constexpr std::size_t kMaxChunkExtras = std::size_t{16} * 1024;

// From accept to a whole hello or head. Short, because nothing of ours waits for a person; long
// enough for a client on a loaded machine.
inline constexpr std::chrono::seconds kHelloTimeLimit{10};
inline constexpr std::chrono::seconds kHeadTimeLimit{30};
// Between two requests of one plain HTTP connection.
inline constexpr std::chrono::seconds kKeepAliveIdleLimit{60};

// --- connections ----------------------------------------------------------------------------

// Open client connections of one proxy. Each costs two descriptors and below 3 KiB; beyond this
// the proxy leaves clients in the kernel's backlog.
inline constexpr std::size_t kMaxConnections = 16384;

// RFC 8305 §5 recommends 250 ms between two attempts.
inline constexpr std::chrono::milliseconds kDialStagger{250};
// All attempts together: a client would rather hear an error than wait for TCP's two minutes.
inline constexpr std::chrono::seconds kDialTimeLimit{30};

// --- names ----------------------------------------------------------------------------------

// One question to one server; c-ares doubles it with every further round.
inline constexpr std::chrono::milliseconds kResolveTryTimeout{2500};
inline constexpr int kResolveTries = 3;
// Without a word of one server the next one is asked as well. Resolvers on the way of a cold name
// rarely need a second.
inline constexpr std::chrono::milliseconds kServerPatience{1000};
// A server that kept silent or failed gets one question in this time, beside another server.
inline constexpr std::chrono::seconds kFailingServerRetry{30};
// Different names that are looked up at the same time. The command chooses the names (under a
// wildcard it may invent them), so it must not be able to hold memory and ports without end.
inline constexpr std::size_t kMaxPendingLookups = 512;
// DNS queries of the command, all doors together. A query costs some microseconds of a thread that
// also serves everything else.
inline constexpr int kMaxDnsQueriesPerSecond = 10000;
// Addresses kept of one answer; the rest of a larger answer would never be dialled in time.
inline constexpr std::size_t kMaxAddressesPerName = 32;

// One exchange with a DoH server; and with its connection, which is kept for the next ones.
inline constexpr std::chrono::milliseconds kDohConnectLimit{4000};
inline constexpr std::chrono::milliseconds kDohTimeLimit{8000};
// A DNS message has 65,535 bytes at most (RFC 8484 §6).
inline constexpr std::size_t kMaxDohReplyBytes = 65535;
// How long the proxy waits for awf-doh: longer than the look-up of the server's name and the
// exchange, so that it decides only when that program hangs.
inline constexpr std::chrono::seconds kLookupHelperLimit{30};

// --- tunnels --------------------------------------------------------------------------------

// Without a byte either way. RFC 5382 REQ-5 lets no NAT drop an established connection before
// 2 h 4 min, so clients count on that; an idle tunnel costs us almost nothing.
inline constexpr std::chrono::seconds kTunnelIdleLimit{std::chrono::minutes{124}};
// The same after one side has closed its half: RFC 5382 allows 4 min; slow answers get more.
inline constexpr std::chrono::seconds kTunnelHalfClosedIdleLimit{std::chrono::minutes{15}};
// A client that has closed its half may have gone; how often that is looked at. Until then its
// origin may end by itself.
inline constexpr std::chrono::seconds kClientCheckInterval{5};
// Whatever happens in it. Longer than any hosted job (6 h) and shorter than for ever.
inline constexpr std::chrono::seconds kTunnelTotalLimit{std::chrono::hours{24}};

// --- the pump -------------------------------------------------------------------------------

// Capacity asked for a pooled pipe (F_SETPIPE_SZ): /proc/sys/fs/pipe-max-size as it comes.
inline constexpr std::size_t kPipeBytes = std::size_t{1024} * 1024;
// Empty pipes kept for the next bytes. All pipes of a user share 64 MiB before the kernel shrinks
// new ones to a page (pipe(7), pipe-user-pages-soft), so few are kept.
inline constexpr std::size_t kMaxPooledPipes = 16;
// Rounds of one direction before the other connections get their turn.
inline constexpr int kPumpRoundsPerTurn = 8;

}  // namespace awf::net
