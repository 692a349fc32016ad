// The attack: the doors themselves. Addresses and names in other spellings, ports that nobody
// named, proxies behind the proxy, redirects, more connections than anybody needs. What must stop
// it: one canonical form of a target, one decision for all doors (helpers/policy), and limits that
// make clients wait instead of letting them pass (helpers/egress-proxy).
#include "attack/http_attack.hpp"

namespace awf::attack {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using DoorAttack = HttpAttack;

INSTANTIATE_TEST_SUITE_P(Callers, DoorAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

TEST_P(DoorAttack, NET_04_no_spelling_of_an_address_or_name_is_another_way_to_it) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
for host in ['3324583431', '0xc6291e07', '0306.051.036.07', '0xc6.0x29.0x1e.0x07', '198.41.7687', '198.2694663',
             '198.41.30.007', '198.41.30.7.', '198.41.30.7%2e', '%31%39%38.41.30.7', '198.41.30.7%00.example.org',
             '[::ffff:198.41.30.7]', '[::198.41.30.7]', '[64:ff9b::198.41.30.7]', '::ffff:198.41.30.7', '198.41.30.256',
             '\xef\xbc\x91\xef\xbc\x99\xef\xbc\x98.41.30.7', '0', '0.0.0.0', '127.1', '127.0.0.1', '[::1]', '[::]',
             'localhost', 'localhost.', 'attacker.net.', 'ATTACKER.NET', 'example.org.attacker.net',
             'attacker.net%2eexample.org', 'attacker\xe3\x80\x82net', '169.254.169.254', '2852039166']:
    for request in [f'GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n', f'CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n',
                    f'CONNECT {host}:80 HTTP/1.1\r\nHost: {host}:80\r\n\r\n',
                    f'GET http://example.org/ HTTP/1.1\r\nHost: {host}\r\n\r\n']:
        got = statuses(talk(proxy, request))
        if len(got) != 1 or got[0] not in ('400', '403', '421'): print('OPEN', repr(request), got)
    got = statuses(talk(inside, f'GET / HTTP/1.1\r\nHost: {host}\r\n\r\n'))
    if len(got) != 1 or got[0] not in ('400', '421'): print('OPEN inside', host, got)
print('done')
)");
  EXPECT_EQ(result.output, "done\n") << result;
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DoorAttack, NET_27_ports_that_no_entry_names_stay_shut_however_they_are_spelled) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
for port in ['22', '25', '8443', '8080', '0', '65536', '65979', '4294967739', '', '0443', '443:', '443:443', '+443', '-1',
             ' 443', '443 ', '0x1bb', '443/', '443@22', '4e2']:
    for request in [f'CONNECT example.org:{port} HTTP/1.1\r\nHost: example.org\r\n\r\n',
                    f'GET http://example.org:{port}/ HTTP/1.1\r\nHost: example.org:{port}\r\n\r\n']:
        got = statuses(talk(proxy, request))
        if len(got) != 1 or got[0] not in ('400', '403'): print('OPEN', repr(request), got)
for port in [22, 25, 853, 8080, 8443]:
    try_tcp(inside[0], port)
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, AllOf(Not(HasSubstr("OPEN")), HasSubstr(" 8443 ")));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DoorAttack, NET_30_a_relay_inside_and_a_proxy_behind_the_proxy_change_no_verdict) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
import threading
relay = socket.create_server(('127.0.0.1', 0))
def serve():
    while True:
        client, _ = relay.accept()
        server = socket.create_connection(proxy)
        def copy(a, b):
            try:
                while data := a.recv(65536): b.sendall(data)
                b.shutdown(socket.SHUT_WR)
            except OSError: pass
        for pair in ((client, server), (server, client)): threading.Thread(target=copy, args=pair, daemon=True).start()
threading.Thread(target=serve, daemon=True).start()
def connect(target): return f'CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n'
print(statuses(talk(relay.getsockname(), connect('attacker.net:443'))))
print(statuses(talk(relay.getsockname(), 'GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n')))
for nested in ['127.0.0.1:3128', 'localhost:3128', '[::1]:3128']:
    print(statuses(talk(proxy, connect(nested) + connect('attacker.net:443'))))
print(statuses(talk(proxy, connect('example.org:80') + connect('attacker.net:443'))))
# The reset may overtake the "200" before it.
print(statuses(talk(proxy, connect('example.org:443') + connect('attacker.net:443')))[-1:])
)");
  EXPECT_EQ(result.output,
            "['403']\n['200']\n['403']\n['403']\n['403']\n['200', '400']\n['RESET']\n")
      << result;
  expect_nothing_smuggled();
}

TEST_P(DoorAttack, NET_31_a_redirect_is_the_clients_to_follow_and_is_judged_again) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
import urllib.request
for code in [301, 302, 303, 307, 308]:
    for to in ['http://attacker.net/', 'http://198.41.30.7/', 'http://169.254.169.254/latest/', 'https://attacker.net/']:
        try:
            print('OPEN', urllib.request.urlopen(f'http://example.org/status/{code}?to={to}', timeout=10).read())
        except OSError as e:
            pass
    answer = talk(inside, f'GET /status/{code}?to=http://attacker.net/ HTTP/1.1\r\nHost: example.org\r\n\r\n')
    if str(code) not in statuses(answer) or b'Location: http://attacker.net/' not in answer: print('LOST', answer)
print('done')
)");
  EXPECT_EQ(result.output, "done\n") << result;
  EXPECT_EQ(world.web_requests().size(), 25U);
  expect_nothing_smuggled();
}

TEST_P(DoorAttack, NET_32_a_flood_of_idle_and_slow_connections_neither_stops_nor_opens_anything) {
  const auto result = run_python(std::string(kPrelude) + kHttp + R"(
import resource, subprocess
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
starts = [(proxy, b''), (proxy, b'GET http://example.org/ HTTP/1.1\r\nHost: exam'),
          (proxy, b'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n\x16\x03\x01'),
          (inside, b'POST /sum HTTP/1.1\r\nHost: example.org\r\nContent-Length: 1000\r\n\r\nslow'),
          (inside, b'GET /bytes/100000000 HTTP/1.1\r\nHost: example.org\r\n\r\n'), (proxy, b'\x05'), ((inside[0], 443), b'\x16')]
held = []
for i in range(2000):
    # Of those that reach the origin only some: it is the world's, and has a thread for each.
    kinds = starts if i < 140 else [s for s in starts if not s[1].startswith((b'POST', b'GET /bytes'))]
    address, start = kinds[i % len(kinds)]
    s = socket.create_connection(address, 30)
    s.sendall(start)
    held.append(s)
def curl(url): return subprocess.run(['curl', '-sS', '-m', '20', url], capture_output=True, text=True).stdout.strip()
print(len(held), curl('https://example.org/'), curl('http://example.org/'), 'hello' in curl('http://attacker.net/'), 'hello' in curl('https://attacker.net/'))
)");
  EXPECT_EQ(result.output, "2000 hello from example.org hello from example.org False False\n")
      << result;
  expect_nothing_smuggled();
}

}  // namespace
}  // namespace awf::attack
