// Any bytes as the start of a TLS connection: the reader that gets them piece by piece and the one
// that gets them at once agree, and a verdict never changes with what comes behind it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/check.hpp"
#include "net/client_hello.hpp"

namespace {

using awf::net::ClientHello;
using awf::net::ClientHelloReader;
using State = ClientHello::State;

void verify_consistent(const ClientHello& hello, std::size_t size) {
  const bool bad = hello.state == State::kNotTls || hello.state == State::kMalformed;
  awf::verify(hello.fault.empty() != bad, "a refusal, and nothing else, has a reason");
  awf::verify(hello.server_name.size() <= size, "a name is made of the bytes given");
  if (hello.state != State::kComplete) {
    awf::verify(hello.server_name.empty() && !hello.encrypted_hello && hello.highest_version == 0,
                "nothing is told of a hello that is not complete");
  }
}

bool same(const ClientHello& a, const ClientHello& b) {
  return a.state == b.state && a.server_name == b.server_name &&
         a.encrypted_hello == b.encrypted_hello && a.highest_version == b.highest_version &&
         a.fault == b.fault;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The first byte chooses the size of the pieces.
  const std::size_t step = 1 + data[0] % 64U;
  const std::span<const std::uint8_t> bytes(data + 1, size - 1);
  const ClientHello whole = awf::net::read_client_hello(bytes);
  verify_consistent(whole, bytes.size());
  ClientHelloReader reader;
  ClientHello last;
  for (std::size_t seen = 0; seen < bytes.size() && last.state == State::kNeedMore;) {
    seen = std::min(seen + step, bytes.size());
    last = reader.read(bytes.first(seen));
    verify_consistent(last, seen);
    awf::verify(same(last, awf::net::read_client_hello(bytes.first(seen))),
                "pieces read as the whole does");
  }
  awf::verify(same(last, whole), "what follows a verdict does not change it");
  return 0;
}
