// A DNS server of a few lines on 127.0.0.1: answers from a table and remembers what it was asked.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/asio.hpp"
#include "net/resolver.hpp"

namespace awf::net::testing {

class DnsResponder {
 public:
  struct Zone {
    std::uint8_t rcode = 0;
    std::vector<std::string> v4;  // raw address bytes
    std::vector<std::string> v6;
    bool silent = false;
  };

  explicit DnsResponder(asio::io_context& io)
      : socket_(io, udp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    receive();
  }

  [[nodiscard]] DnsServer server() const {
    return {policy::IpAddress::v4({127, 0, 0, 1}), "", socket_.local_endpoint().port()};
  }

  std::map<std::string, Zone> zones;   // others are NXDOMAIN
  std::vector<std::string> questions;  // "name type" in order

 private:
  static constexpr std::uint8_t kNameError = 3;
  static constexpr std::size_t kHeader = 12;

  void receive() {
    socket_.async_receive_from(asio::buffer(query_), peer_, [this](ErrorCode error, std::size_t n) {
      if (error) return;
      answer(std::string(query_.data(), n));
      receive();
    });
  }

  void answer(const std::string& query) {
    std::string name;
    std::size_t at = kHeader;
    while (query[at] != 0) {
      const std::size_t size = static_cast<unsigned char>(query[at]);
      name += (name.empty() ? "" : ".") + query.substr(at + 1, size);
      at += size + 1;
    }
    const bool v6 = query[at + 2] == 28;
    questions.push_back(name + (v6 ? " AAAA" : " A"));
    const std::string question = query.substr(kHeader, at + 5 - kHeader);
    const auto zone = zones.find(name);
    Zone nothing;
    nothing.rcode = kNameError;
    const Zone& found = zone == zones.end() ? nothing : zone->second;
    if (found.silent) return;
    const auto& records = v6 ? found.v6 : found.v4;
    std::string reply = query.substr(0, 2) + "\x81";
    reply += static_cast<char>(0x80 | found.rcode);
    reply += std::string("\0\1\0", 3) + static_cast<char>(records.size()) + std::string(4, '\0');
    reply += question;
    for (const std::string& record : records) {
      reply +=
          std::string("\xc0\x0c\0", 3) + (v6 ? '\x1c' : '\1') + std::string("\0\1\0\0\0\0\0", 7);
      reply += static_cast<char>(record.size()) + record;
    }
    ErrorCode ignored;
    (void)socket_.send_to(asio::buffer(reply), peer_, 0, ignored);
  }

  udp::socket socket_;
  udp::endpoint peer_;
  std::array<char, 512> query_{};
};

}  // namespace awf::net::testing
