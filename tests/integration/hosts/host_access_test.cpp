// Services of the machine's own loopback: reached when a port is named, as host.docker.internal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::Packets;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// What listens on the machine: a dev server and a database on 127.0.0.1, a service on ::1 alone, a
// published container port on all addresses. Each greets with its name; "http" speaks HTTP.
constexpr const char* kServices = R"(
import selectors, socket
services = (('127.0.0.1', 3000, 'http'), ('127.0.0.1', 5432, 'postgres'), ('::1', 3100, 'six'),
            ('0.0.0.0', 6379, 'redis'), ('127.0.0.1', 2375, 'docker'), ('127.0.0.1', 8080, 'http'))
chosen = selectors.DefaultSelector()
for address, port, name in services:
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.create_server((address, port), family=family)
    chosen.register(s, selectors.EVENT_READ, name)
print('up', flush=True)
while True:
    for key, _ in chosen.select():
        c = key.fileobj.accept()[0]
        if key.data == 'http':
            c.recv(4096)
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\ndev server')
        else:
            c.sendall(key.data.encode())
        c.close()
)";

// Prints "PORT greeting" or "PORT error" for each port.
constexpr const char* kVisit = R"(
import errno, socket, sys
def visit(host, port):
    try:
        s = socket.create_connection((host, port), timeout=10)
        data = s.recv(100)
        print(host, port, data.decode() or 'closed', flush=True)
    except OSError as e:
        print(host, port, errno.errorcode.get(e.errno, e), flush=True)
)";

std::string caller_name(const testing::TestParamInfo<Caller>& info) {
  return test_world::name_of(info.param);
}

class HostAccess : public testing::TestWithParam<Caller> {
 protected:
  test_world::CommandResult run_python(std::vector<std::string> arguments,
                                       const std::string& script) {
    arguments.insert(arguments.end(), {"--audit-dir", test_world::kAuditDirectory, "--",
                                       "/usr/bin/python3", "-c", kVisit + script});
    return run(arguments);
  }
  test_world::CommandResult run(const std::vector<std::string>& arguments) {
    test_world::RunOptions options;
    options.caller = GetParam();
    return world.run_awf(arguments, options);
  }
  void SetUp() override { ASSERT_TRUE(services.wait_for_output("up")); }

  test_world::World world = test_world::World::start();
  test_world::RunningCommand services =
      world.spawn_in_machine({"/usr/bin/python3", "-u", "-c", kServices});
};

INSTANTIATE_TEST_SUITE_P(Callers, HostAccess,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

TEST_P(HostAccess, NET_18_named_ports_answer_by_raw_tcp_and_all_others_are_refused) {
  const auto result = run_python({"--enable-host-access", "--allow-host-ports", "3100-3105",
                                  "--allow-host-service-ports", "5432,6379"},
                                 R"(
for port in (5432, 6379, 3100, 3101, 3000, 2375, 22, 80, 443):
    visit('host.docker.internal', port)
visit('172.30.0.1', 5432)
visit('172.30.0.1', 2375)
for address in ('127.0.0.1', '::1', '127.0.0.2', '20.55.0.2', '172.17.0.1'):
    visit(address, 5432)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.settimeout(5)
u.connect((socket.gethostbyname('host.docker.internal'), 5432))
try:
    u.send(b'x')
    print('udp', u.recv(10))
except OSError as e:
    print('udp', errno.errorcode.get(e.errno))
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  for (const char* line :
       {"internal 5432 postgres\n", "internal 6379 redis\n", "internal 3100 six\n",
        "internal 3000 ECONNRESET\n", "internal 2375 ECONNRESET\n", "172.30.0.1 5432 postgres\n",
        "172.30.0.1 2375 ECONNRESET\n", "127.0.0.1 5432 ECONNREFUSED\n",
        "20.55.0.2 5432 ECONNREFUSED\n", "172.17.0.1 5432 ECONNREFUSED\n", "udp ECONNREFUSED\n"}) {
    EXPECT_THAT(result.output, HasSubstr(line)) << result;
  }
  for (const char* service : {"docker\n", "dev server"}) {
    EXPECT_THAT(result.output, Not(HasSubstr(service)));
  }
  // The machine's own account: nothing but the named ports was dialled, and nothing left it.
  EXPECT_THAT(
      world.loopback_packets(),
      testing::Each(AllOf(testing::Field(&Packets::protocol, "tcp"),
                          testing::Field(&Packets::port, testing::AnyOf(5432, 6379, 3100, 3101,
                                                                        testing::Ge(32768))))));
  EXPECT_THAT(world.packets(), IsEmpty());
  const auto denied = test_world::audit_records_of(world, "host.docker.internal", "deny");
  ASSERT_FALSE(denied.empty());
  EXPECT_THAT(denied.front()["reason"].get<std::string>(), HasSubstr("--allow-host-ports 3000"));
}

TEST_P(HostAccess, NET_18_a_dev_server_is_reached_through_the_proxy_and_without_it) {
  const std::string line =
      "curl -sS http://host.docker.internal:3000/; echo; export NO_PROXY= no_proxy=; "
      "curl -sS http://host.docker.internal:3000/; echo; "
      "curl -sSp http://host.docker.internal:3000/; echo; "
      "curl -sS http://host.docker.internal:8080/";
  const auto result = run({"--enable-host-access", "--allow-host-ports", "3000", "--", line});
  EXPECT_THAT(result.output, testing::StartsWith("dev server\ndev server\ndev server\n")) << result;
  EXPECT_THAT(result.output,
              HasSubstr("\"request\":\"--enable-host-access --allow-host-ports 8080\""));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(HostAccess, NET_18_names_that_lead_to_loopback_stay_refused_beside_host_access) {
  const auto result =
      run_python({"--enable-host-access", "--allow-host-service-ports", "5432", "--allow-domains",
                  "example.org,loopback.example.org:5432,own.example.org:5432"},
                 R"(
visit('loopback.example.org', 5432)
visit('own.example.org', 5432)
visit('docker.internal', 5432)
visit('a.host.docker.internal', 5432)
)");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("postgres")));
  EXPECT_THAT(world.loopback_packets(), IsEmpty());
  EXPECT_THAT(world.packets_to_others(), IsEmpty());
}

TEST_P(HostAccess, NET_18_without_the_options_nothing_of_the_host_is_reached) {
  const auto result = run_python({"--allow-domains", "example.org"}, R"(
for port in (3000, 5432, 6379, 2375):
    visit('host.docker.internal', port)
    visit('172.30.0.1', port)
)");
  EXPECT_THAT(result.output, AllOf(Not(HasSubstr("postgres")), Not(HasSubstr("redis")))) << result;
  EXPECT_THAT(world.loopback_packets(), IsEmpty());
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(HostAccess, NET_18_the_keyword_localhost_opens_the_ports_of_dev_servers) {
  const auto result = run_python({"--allow-domains", "localhost"}, R"(
s = socket.create_connection(('host.docker.internal', 8080))
s.sendall(b'GET / HTTP/1.0\r\n\r\n')
print(s.makefile().read().split()[-1])
visit('host.docker.internal', 5432)
visit('localhost', 8080)
)");
  EXPECT_THAT(result.output, HasSubstr("server\n")) << result;
  EXPECT_THAT(result.output, HasSubstr("internal 5432 ECONNRESET"));
  EXPECT_THAT(result.output, HasSubstr("localhost 8080 ECONNREFUSED"));
  EXPECT_THAT(result.errors, HasSubstr("the entry localhost opens ports of this machine"));
}

TEST_P(HostAccess, a_block_closes_a_port_that_an_option_opened) {
  const auto result = run_python(
      {"--allow-host-service-ports", "5432,6379", "--block-domains", "host.docker.internal:5432"},
      "visit('host.docker.internal', 5432)\n"
      "visit('172.30.0.1', 5432)\n"
      "visit('host.docker.internal', 6379)\n");
  EXPECT_THAT(result.output, Not(HasSubstr("postgres"))) << result;
  EXPECT_THAT(result.output, HasSubstr("redis"));
}

}  // namespace
}  // namespace awf::integration
