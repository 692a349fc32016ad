// The attack: an allowed name opens the door, and the handshake inside names somebody else
// (domain fronting), or the connection goes to an allowed name's address and claims another.
// What must stop it: the server name of the ClientHello must be the very name that was decided, and
// it is read before anything is dialled (helpers/egress-proxy).
#include "attack/attack.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using TlsAttack = Attack;

INSTANTIATE_TEST_SUITE_P(Callers, TlsAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

constexpr const char* kTls = R"(
import ssl
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
def handshake(s, name, label):
    try:
        t = context.wrap_socket(s, server_hostname=name)
        t.sendall(b'GET / HTTP/1.1\r\nHost: ' + (name or 'x').encode() + b'\r\nConnection: close\r\n\r\n')
        print(label, 'ANSWERED', t.recv(300))
    except OSError as e:
        print(label, 'closed', type(e).__name__)
def connect(target):
    s = socket.create_connection(('127.0.0.1', 3128), 10)
    s.sendall(f'CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n'.encode())
    print(target, s.recv(4096).split(b'\r\n')[0])
    return s
)";

TEST_P(TlsAttack,
       TLS_01_a_tunnel_to_an_allowed_name_with_a_denied_server_name_is_cut_before_it_dials) {
  const auto result = run_python(std::string(kPrelude) + kTls + R"(
handshake(connect('example.org:443'), 'attacker.net', 'other')
handshake(connect('example.org:443'), None, 'none')
handshake(connect('example.org:443'), 'www.example.org', 'sibling')
s = connect('example.org:443')
s.sendall(b'GET / HTTP/1.1\r\nHost: example.org\r\n\r\n')
try:
    print('plain', s.recv(100) or 'closed')
except OSError as e:
    print('plain', 'closed')
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("other closed"));
  EXPECT_THAT(result.output, HasSubstr("none closed"));
  EXPECT_THAT(result.output, HasSubstr("sibling closed"));
  EXPECT_THAT(result.output, HasSubstr("plain closed"));
  EXPECT_THAT(result.output, Not(HasSubstr("ANSWERED")));
  // The allowed name itself may have been looked up; nobody was connected to.
  EXPECT_THAT(world.packets_to_others(), IsEmpty());
}

TEST_P(TlsAttack, TLS_03_NET_03_an_allowed_names_address_does_not_serve_another_name) {
  const auto result = run_python(std::string(kPrelude) + kTls + R"(
address = socket.getaddrinfo('example.org', 443, socket.AF_INET)[0][4][0]
handshake(try_tcp(address, 443), 'attacker.net', 'other')
handshake(try_tcp(address, 443), 'github.com', 'allowed-too')
handshake(try_tcp(address, 443), 'example.org', 'right')
)",
                                 "example.org,github.com");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("other closed"));
  EXPECT_THAT(result.output, HasSubstr("allowed-too closed"));
  EXPECT_THAT(result.output, HasSubstr("right ANSWERED"));
  const auto others = world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"});
  EXPECT_THAT(others, IsEmpty());
}

TEST_P(TlsAttack, TLS_02_a_host_field_of_another_name_is_misdirected_and_reaches_nobody) {
  const auto result = run_shell(
      "curl -sS -m 5 -o /dev/null -w '%{http_code}\\n' -H 'Host: attacker.net' http://example.org/;"
      "curl -sS -m 5 --noproxy '*' -o /dev/null -w '%{http_code}\\n' -H 'Host: attacker.net' "
      "http://example.org/; true");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("421\n421"));
  EXPECT_THAT(world.packets(), IsEmpty());
}

}  // namespace
}  // namespace awf::attack
