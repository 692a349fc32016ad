// The attack: a ClientHello that two readers read differently — cut into single bytes and many
// records, larger than one record, with two names or an encrypted one — or something that is no
// hello, on the port where TLS is expected.
// What must stop it: one reading of the hello before anything is dialled (helpers/net), the server
// name that was decided (helpers/egress-proxy). Every legal shape must pass.
#include "attack/attack.hpp"

namespace awf::attack {
namespace {

using testing::IsEmpty;

using HelloAttack = Attack;

INSTANTIATE_TEST_SUITE_P(Callers, HelloAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

// A real client whose first flight the script may cut and change.
constexpr const char* kHello = R"(
import re, ssl
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
inside = socket.getaddrinfo('example.org', 443, socket.AF_INET)[0][4][0]
def through_proxy():
    s = socket.create_connection(('127.0.0.1', 3128), 10)
    s.sendall(b'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n')
    assert b' 200 ' in s.recv(4096)
    return s
def intercepted(): return socket.create_connection((inside, 443), 10)
doors = [('proxy', through_proxy), ('intercept', intercepted)]
class Client:
    def __init__(self, name, protocols=None):
        context.set_alpn_protocols(protocols or ['http/1.1'])
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)
        try: self.tls.do_handshake()
        except ssl.SSLWantReadError: pass
        self.hello = self.outgoing.read()
    def message(self):  # free of its records
        left, message = self.hello, b''
        while left:
            size = struct.unpack('!H', left[3:5])[0]
            message, left = message + left[5:5 + size], left[5 + size:]
        return message
    def get(self, s, first, piece=None):
        s.settimeout(10)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(first), piece or len(first)): s.sendall(first[at:at + (piece or len(first))])
        def step(action):
            while True:
                try: return action()
                except ssl.SSLWantReadError:
                    if data := self.outgoing.read(): s.sendall(data)
                    data = s.recv(65536)
                    if not data: raise ConnectionError('closed')
                    self.incoming.write(data)
        step(self.tls.do_handshake)
        self.tls.write(b'GET / HTTP/1.1\r\nHost: example.org\r\n\r\n')
        s.sendall(self.outgoing.read())
        return step(lambda: self.tls.read(4096))
def records(message, most, version=b'\x03\x01'):
    return b''.join(b'\x16' + version + struct.pack('!H', len(message[i:i + most])) + message[i:i + most]
                    for i in range(0, len(message), most))
def answer_to(s, data):
    s.settimeout(10)
    try:
        s.sendall(data)
        return 'ANSWERED' if s.recv(65536) else 'closed'
    except OSError as e:
        return 'closed'
)";

TEST_P(HelloAttack, TLS_01_a_hello_of_any_legal_shape_reaches_its_origin_and_no_other) {
  const auto result = run_python(std::string(kPrelude) + kHello + R"(
large = [('x%03d' % i) * 60 for i in range(70)] + ['http/1.1']
shapes = [('as it is', None, lambda c: c.hello, None), ('single bytes', None, lambda c: c.hello, 1),
          ('records of one byte', None, lambda c: records(c.message(), 1), None),
          ('records of 100 bytes in segments of 7', None, lambda c: records(c.message(), 100), 7),
          ('16 KiB', large, lambda c: c.hello, None), ('16 KiB in records of 999', large, lambda c: records(c.message(), 999), 1400)]
for door, connect in doors:
    for label, protocols, shape, piece in shapes:
        client = Client('example.org', protocols)
        if protocols: assert len(client.hello) > 16384, len(client.hello)
        try: answer = client.get(connect(), shape(client), piece)
        except OSError as e: answer = repr(e).encode()
        if b'hello from example.org' not in answer: print('LOST', door, label, answer)
        other = Client('attacker.net', protocols)
        if answer_to(connect(), shape(other)) != 'closed': print('OPEN', door, label)
print('done')
)");
  EXPECT_EQ(result.output, "done\n") << result;
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
  EXPECT_EQ(world.web_requests().size(), 12U);
}

// On the wire an encrypted hello and GREASE are alike (RFC 9849 §6.2). What tells them apart here:
// real keys come with HTTPS records, which are never delivered, and bring the outer name of their
// provider; GREASE has no keys and its outer name is the very target.
TEST_P(HelloAttack, TLS_05_an_encrypted_hello_passes_only_under_the_very_name) {
  const auto result = run_python(std::string(kPrelude) + kHello + R"(
def with_extension(message, extension):
    at = 4 + 2 + 32
    at += 1 + message[at]
    at += 2 + struct.unpack('!H', message[at:at + 2])[0]
    at += 1 + message[at]
    extensions = message[at + 2:] + extension
    body = message[4:at] + struct.pack('!H', len(extensions)) + extensions
    return b'\x01' + struct.pack('!I', len(body))[1:] + body
def ech(kind, payload=b'p' * 144):
    outer = b'\x00\x01\x00\x01\x2a' + struct.pack('!H', 32) + b'k' * 32 + struct.pack('!H', len(payload)) + payload
    data = bytes([kind]) + (outer if kind == 0 else b'')
    return struct.pack('!HH', 0xfe0d, len(data)) + data
for door, connect in doors:
    def tried(name, extension): return answer_to(connect(), records(with_extension(Client(name).message(), extension), 16384))
    print(door, tried('example.org', ech(0)), tried('cloudflare-ech.com', ech(0)), tried('attacker.net', ech(0)),
          tried('example.org', ech(1)), tried('example.org', ech(0, b'')), tried('example.org', ech(0) + ech(0)))
)");
  EXPECT_EQ(result.output,
            "proxy ANSWERED closed closed closed closed closed\n"
            "intercept ANSWERED closed closed closed closed closed\n")
      << result;
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
}

TEST_P(HelloAttack, TLS_01_TLS_03_a_hello_with_two_readings_is_cut_before_it_dials) {
  const auto result = run_python(std::string(kPrelude) + kHello + R"(
def entry(name): return b'\x00' + struct.pack('!H', len(name)) + name
def server_names(*entries):
    data = b''.join(entries)
    return struct.pack('!HHH', 0, len(data) + 2, len(data)) + data
def hello(*extensions):
    all = b''.join(extensions)
    body = b'\x03\x03' + bytes(32) + b'\x00' + b'\x00\x02\x13\x01' + b'\x01\x00' + struct.pack('!H', len(all)) + all
    return b'\x01' + struct.pack('!I', len(body))[1:] + body
good, bad = entry(b'example.org'), entry(b'attacker.net')
versions = b'\x00\x2b\x00\x03\x02\x03\x04'
first, second = hello(server_names(good), versions), hello(server_names(bad), versions)
shapes = {
    'two names': records(hello(server_names(good, bad), versions), 16384),
    'two extensions': records(hello(server_names(good), server_names(bad), versions), 16384),
    'NUL in the name': records(hello(server_names(entry(b'attacker.net\x00.example.org')), versions), 16384),
    'NUL behind the name': records(hello(server_names(entry(b'example.org\x00.attacker.net')), versions), 16384),
    'a list of names': records(hello(server_names(entry(b'example.org,attacker.net')), versions), 16384),
    'a dot in front': records(hello(server_names(entry(b'.example.org')), versions), 16384),
    'an address': records(hello(server_names(entry(b'198.41.30.7')), versions), 16384),
    'another type of name': records(hello(server_names(b'\x01' + good[1:]), versions), 16384),
    'two hellos in a record': records(first + second, 16384),
    'an alert in between': records(first[:20], 16384) + b'\x15\x03\x01\x00\x02\x01\x00' + records(first[20:], 16384),
    'an empty record first': b'\x16\x03\x01\x00\x00' + records(first, 16384),
    'SSL 2': b'\x80\x2e\x01\x03\x01' + bytes(43),
    'HTTP': b'GET / HTTP/1.1\r\nHost: example.org\r\n\r\n', 'SSH': b'SSH-2.0-x\r\n', 'SOCKS': b'\x05\x01\x00',
    'a server hello': records(b'\x02' + first[1:], 16384), 'data': b'\x17\x03\x03\x00\x05hello',
}
for door, connect in doors:
    for label, data in shapes.items():
        if answer_to(connect(), data) != 'closed': print('OPEN', door, label)
print('done')
)");
  EXPECT_EQ(result.output, "done\n") << result;
  EXPECT_THAT(world.packets_to_others(), IsEmpty());
}

}  // namespace
}  // namespace awf::attack
