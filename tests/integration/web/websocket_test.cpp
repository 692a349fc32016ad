// WebSocket (RFC 6455) through both doors, plain and TLS, with a client of a few lines since curl
// learned the protocol only lately.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

using WebSocket = test_world::AwfRun;
INSTANTIATE_TEST_SUITE_P(Modes, WebSocket, test_world::all_modes(), test_world::mode_name);

// argv: scheme host. Prints what came back for a masked text frame "ping".
constexpr const char* kClient = R"(
import os, socket, ssl, sys, urllib.parse
scheme, host = sys.argv[1:]
port = 443 if scheme == "wss" else 80
proxy = os.environ.get("HTTPS_PROXY")
try:
    if proxy:
        at = urllib.parse.urlsplit(proxy)
        s = socket.create_connection((at.hostname, at.port))
    else:
        s = socket.create_connection((host, port))
    if proxy and scheme == "wss":
        s.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += s.recv(1)
        if b" 200 " not in head.split(b"\r\n")[0]:
            sys.exit("refused: " + head.split(b"\r\n")[0].decode())
    if scheme == "wss":
        context = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
        s = context.wrap_socket(s, server_hostname=host)
    target = f"http://{host}/ws" if proxy and scheme == "ws" else "/ws"
    s.sendall((f"GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
               "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    stream = s.makefile("rb")
    first = stream.readline().decode().strip()
    while stream.readline().strip():
        pass
    if " 101 " not in first:
        sys.exit("refused: " + first)
    mask, text = b"\1\2\3\4", b"ping"
    s.sendall(b"\x81\x84" + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(text)))
    print(stream.read(6))
except OSError as error:
    sys.exit(f"refused: {error}")
)";

TEST_P(WebSocket, S1_G5_frames_are_exchanged_with_an_allowed_domain) {
  world.plant_file(std::string(test_world::kWorkspace) + "/client.py", kClient);
  for (const std::string scheme : {"ws", "wss"}) {
    const auto result = run("github.com", "python3 client.py " + scheme + " github.com");
    EXPECT_EQ(result.output, "b'\\x81\\x04ping'\n") << scheme << result;
  }
}

TEST_P(WebSocket, S1_G5_an_upgrade_with_a_denied_domain_is_refused) {
  world.plant_file(std::string(test_world::kWorkspace) + "/client.py", kClient);
  for (const std::string scheme : {"ws", "wss"}) {
    const auto result = run("github.com", "python3 client.py " + scheme + " attacker.net");
    EXPECT_EQ(result.exit_code, 1) << scheme << result;
    EXPECT_THAT(result.errors, HasSubstr("refused: ")) << scheme;
  }
  EXPECT_THAT(world.packets(), IsEmpty());
}

}  // namespace
}  // namespace awf::integration
