// c-ares says which of its sockets it waits for (socket state callback) and until when
// (ares_timeout); Asio waits and hands the events back through ares_process_fd. The sockets are
// opened here rather than by c-ares, because c-ares 1.18 has no place for the zone of a link-local
// server and because close-on-exec has to hold from their birth.
#include "net/cares_channel.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "common/check.hpp"
#include "common/text.hpp"

namespace awf::net {
namespace {

using policy::IpAddress;

IpAddress address_from(const in6_addr& address) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return IpAddress::v6(bytes);
}

IpAddress address_from(const in_addr& address) {
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return IpAddress::v4(bytes);
}

// c-ares hands socket addresses around as sockaddr; copying is what the aliasing rules permit.
template <typename SocketAddress>
SocketAddress copy_of(const sockaddr* address) {
  SocketAddress copy{};
  std::memcpy(&copy, address, sizeof copy);
  return copy;
}

std::vector<IpAddress> addresses_of(const ares_addrinfo* info) {
  std::vector<IpAddress> addresses;
  if (info == nullptr) return addresses;
  for (const ares_addrinfo_node* node = info->nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family == AF_INET) {
      addresses.push_back(address_from(copy_of<sockaddr_in>(node->ai_addr).sin_addr));
    } else if (node->ai_family == AF_INET6) {
      addresses.push_back(address_from(copy_of<sockaddr_in6>(node->ai_addr).sin6_addr));
    }
  }
  return addresses;
}

// A failure of c-ares outside a query: its codes are its own, not errno.
void check_cares(int status, const std::string& doing) {
  if (status == ARES_SUCCESS) return;
  throw Refusal(doing + ": " + ares_strerror(status));
}

ares_addr_port_node node_of(const DnsServer& server) {
  ares_addr_port_node node{};
  if (server.address.family() == IpAddress::Family::kV4) {
    node.family = AF_INET;
    std::memcpy(&node.addr.addr4, server.address.v4_bytes().data(), sizeof node.addr.addr4);
  } else {
    node.family = AF_INET6;
    std::memcpy(&node.addr.addr6, server.address.bytes().data(), sizeof node.addr.addr6);
  }
  node.udp_port = server.port;
  node.tcp_port = server.port;
  return node;
}

}  // namespace

// The descriptor belongs to c-ares; Asio only waits on it.
struct CaresChannel::Watch {
  Watch(asio::io_context& context, ares_socket_t fd) : descriptor(context, fd) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { (void)descriptor.release(); }  // ends the waits, leaves the descriptor open

  asio::posix::stream_descriptor descriptor;
  bool wants_read = false;
  bool wants_write = false;
  bool reading = false;
  bool writing = false;
};

// Owned by c-ares between ares_getaddrinfo and its callback.
struct CaresChannel::Query {
  CaresChannel* channel;
  Callback callback;
};

CaresChannel::CaresChannel(asio::io_context& context, const ResolverOptions& options,
                           const std::optional<DnsServer>& server)
    : context_(context), timer_(context) {
  check_cares(ares_library_init(ARES_LIB_INIT_ALL), "starting the resolver library");
  ares_options settings{};
  // A name is what the policy judged: neither the search list (also of $LOCALDOMAIN) nor the
  // aliases of $HOSTALIASES may make another name of it.
  settings.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  settings.timeout = static_cast<int>(options.timeout.count());
  settings.tries = options.tries;
  settings.ndots = 0;
  std::string lookups = "fb";  // the hosts file before the servers; c-ares copies it
  settings.lookups = lookups.data();
  settings.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<CaresChannel*>(self)->watch(fd, readable != 0, writable != 0);
  };
  settings.sock_state_cb_data = this;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
                   ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS | ARES_OPT_SOCK_STATE_CB;
  check_cares(ares_init_options(&channel_, &settings, mask), "setting the resolver up");
  try {
    use_own_sockets();
    if (server) use_server(*server);
  } catch (...) {
    ares_destroy(channel_);
    ares_library_cleanup();
    throw;
  }
}

CaresChannel::~CaresChannel() {
  closing_ = true;
  ares_destroy(channel_);  // runs the callbacks of open queries, which see closing_
  ares_library_cleanup();
}

void CaresChannel::use_own_sockets() {
  static const ares_socket_functions kFunctions = {
      [](int family, int type, int protocol, void*) -> ares_socket_t {
        return ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
      },
      [](ares_socket_t fd, void*) { return ::close(fd); },
      [](ares_socket_t fd, const sockaddr* address, ares_socklen_t size, void* self) {
        return static_cast<CaresChannel*>(self)->connect(fd, address, size);
      },
      [](ares_socket_t fd, void* data, std::size_t size, int flags, sockaddr* from,
         ares_socklen_t* from_size,
         void*) -> ares_ssize_t { return ::recvfrom(fd, data, size, flags, from, from_size); },
      [](ares_socket_t fd, const iovec* pieces, int count, void*) -> ares_ssize_t {
        return ::writev(fd, pieces, count);
      },
  };
  ares_set_socket_functions(channel_, &kFunctions, this);
}

// Link-local addresses mean nothing without an interface (RFC 4007 §6).
int CaresChannel::connect(ares_socket_t fd, const sockaddr* address, ares_socklen_t size) const {
  if (address->sa_family != AF_INET6) return ::connect(fd, address, size);
  auto target = copy_of<sockaddr_in6>(address);
  target.sin6_scope_id = zone_;
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&target), sizeof target);
}

void CaresChannel::use_server(const DnsServer& server) {
  if (!server.zone.empty()) {
    zone_ = if_nametoindex(server.zone.c_str());
    if (zone_ == 0) {
      throw Refusal("DNS server " + server.address.text() + ": there is no interface " +
                    quoted(server.zone));
    }
  }
  ares_addr_port_node node = node_of(server);
  check_cares(ares_set_servers_ports(channel_, &node), "setting the DNS server");
}

void CaresChannel::look_up(const std::string& name, Callback callback) {
  ares_addrinfo_hints hints{};
  // Unsorted: RFC 6724's order would cost a probing socket an address; the dialer alternates.
  hints.ai_flags = ARES_AI_NOSORT;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // otherwise every address comes once for each type
  auto query = std::make_unique<Query>(Query{this, std::move(callback)});
  ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &CaresChannel::answered,
                   query.release());
  arm_timer();
}

void CaresChannel::answered(void* query, int status, int /*timeouts*/, ares_addrinfo* info) {
  const std::unique_ptr<Query> owned(static_cast<Query*>(query));
  const std::vector<IpAddress> addresses = addresses_of(info);
  if (info != nullptr) ares_freeaddrinfo(info);
  if (!owned->channel->closing_) owned->callback(status, addresses);
}

void CaresChannel::arm_timer() {
  timeval wait{};
  if (ares_timeout(channel_, nullptr, &wait) == nullptr) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::chrono::seconds(wait.tv_sec) + std::chrono::microseconds(wait.tv_usec));
  // A timer that has fired cannot be cancelled any more, so its handler may run after the
  // destructor.
  timer_.async_wait([this, alive = std::weak_ptr<const bool>(alive_)](const ErrorCode& error) {
    if (!error && !alive.expired()) process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  });
}

void CaresChannel::process(ares_socket_t readable, ares_socket_t writable) {
  ares_process_fd(channel_, readable, writable);
  arm_timer();
}

void CaresChannel::watch(ares_socket_t fd, bool readable, bool writable) {
  if (!readable && !writable) {  // c-ares closes the descriptor next
    watches_.erase(fd);
    return;
  }
  auto& watch = watches_[fd];
  if (!watch) watch = std::make_shared<Watch>(context_, fd);
  watch->wants_read = readable;
  watch->wants_write = writable;
  const auto kept = watch;
  if (readable) wait_for(kept, true);
  if (writable) wait_for(kept, false);
}

void CaresChannel::wait_for(const std::shared_ptr<Watch>& watch, bool reading) {
  bool& waiting = reading ? watch->reading : watch->writing;
  if (waiting) return;
  waiting = true;
  const auto event = reading ? asio::posix::stream_descriptor::wait_read
                             : asio::posix::stream_descriptor::wait_write;
  // The watch outlives neither its socket nor the channel: while it is there, so is `this`.
  watch->descriptor.async_wait(
      event, [this, reading, weak = std::weak_ptr<Watch>(watch)](const ErrorCode& error) {
        auto strong = weak.lock();
        if (!strong || error) return;
        (reading ? strong->reading : strong->writing) = false;
        const ares_socket_t fd = strong->descriptor.native_handle();
        const bool wanted = reading ? strong->wants_read : strong->wants_write;
        strong.reset();  // c-ares may close the socket now
        if (!wanted) return;
        process(reading ? fd : ARES_SOCKET_BAD, reading ? ARES_SOCKET_BAD : fd);
        const auto still = weak.lock();
        if (still && (reading ? still->wants_read : still->wants_write)) wait_for(still, reading);
      });
}

}  // namespace awf::net
