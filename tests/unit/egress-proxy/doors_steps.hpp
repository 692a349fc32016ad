// What the tests of all doors say and hear: requests, servers, and the door of the explicit proxy.
#pragma once

#include <string>
#include <string_view>

#include "doors_fixture.hpp"

namespace awf::test {

inline constexpr std::string_view kEndOfHead = "\r\n\r\n";

inline void echo(const Peer& peer) {
  for (std::string piece = peer.read_exactly(1); !piece.empty(); piece = peer.read_exactly(1)) {
    peer.send(piece);
  }
}

inline std::string connect_request(const std::string& authority) {
  return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority +
         "\r\nUser-Agent: test/1\r\n\r\n";
}

// An origin that answers each request with its own head, so that a test sees what arrived.
inline void reflect_head(const Peer& peer) {
  const std::string head = peer.read_until(kEndOfHead);
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(head.size()) +
            "\r\nConnection: close\r\n\r\n" + head);
}

// Answers every request of a connection with its own head, as long as its client goes on.
inline void reflect_heads(const Peer& peer) {
  for (;;) {
    const std::string head = peer.read_until(kEndOfHead);
    if (!head.ends_with(kEndOfHead)) return;
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(head.size()) + "\r\n\r\n" +
              head);
  }
}

// "GET http://HOST/PATH" without anything else.
inline std::string get(const std::string& host, const std::string& path = "/") {
  return "GET http://" + host + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

// One response whose head gives the length of its body; head and body, or what there was of them.
inline std::string read_response(const Peer& peer) {
  constexpr std::string_view kLength = "Content-Length: ";
  std::string response = peer.read_until(kEndOfHead);
  const auto length = response.find(kLength);
  if (length == std::string::npos) return response;
  const auto size = std::stoul(response.substr(length + kLength.size()));
  return response + peer.read_exactly(size);
}

class ProxyDoor : public Doors {
 protected:
  ProxyDoor() { addresses_["example.com"] = {"127.0.0.1"}; }

  // A client that sends this and nothing more.
  std::string answer_to(const std::string& request) {
    const Peer client = connect_to_proxy();
    client.send(request);
    client.finish_sending();
    return client.read_to_end();
  }
};

}  // namespace awf::test
