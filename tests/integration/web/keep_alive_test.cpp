// Plain HTTP as clients speak it: connections used again, interim answers, old versions, halves
// closed early.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::Door;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

using KeepAlive = test_world::AwfRun;
INSTANTIATE_TEST_SUITE_P(Modes, KeepAlive, test_world::all_modes(), test_world::mode_name);

// -w tells how many connections curl made for each: the later ones find the first one's open.
TEST_P(KeepAlive, HTTP_06_one_connection_carries_many_requests_each_with_its_own_record) {
  const std::string each = "-fsS -w '%{num_connects}\\n' ";
  const auto result = run("github.com", "curl " + each + "http://github.com/ --next " + each +
                                            "-d body= http://github.com/echo --next " + each +
                                            "http://github.com/echo http://github.com/");
  EXPECT_EQ(
      result.output,
      "hello from github.com\n1\nPOST /echo\nbody=0\nGET /echo\n0\nhello from github.com\n0\n")
      << result;
  EXPECT_EQ(test_world::audit_records_of(world, "github.com", "allow").size(), 4U);
  EXPECT_EQ(world.web_requests().size(), 4U);
}

TEST_P(KeepAlive, HTTP_06_the_second_and_the_third_host_of_a_connection_are_judged_by_themselves) {
  const auto result = run("github.com,example.org",
                          "curl -sS -w '%{http_code} %{num_connects}\\n' http://github.com/ "
                          "http://example.org/ http://attacker.net/");
  // An intercepted connection has one host, so that the next one needs another connection.
  const std::string again = GetParam().door == Door::kProxy ? "0" : "1";
  EXPECT_THAT(
      result.output,
      StartsWith("hello from github.com\n200 1\nhello from example.org\n200 " + again + "\n"))
      << result;
  EXPECT_EQ(test_world::audit_records_of(world, "attacker.net", "deny").empty(), false);
  EXPECT_EQ(world.web_requests().size(), 2U);
  EXPECT_THAT(world.dns_queries(), testing::Not(testing::Contains(HasSubstr("attacker.net"))));
}

TEST_P(KeepAlive, HTTP_07_an_upload_waits_for_the_origins_100_and_gets_it) {
  const auto result =
      run("github.com",
          "head -c 2000000 /dev/zero > big; curl -fsSv -H 'Expect: 100-continue' "
          "--expect100-timeout 60 -T big http://github.com/sum 2>&1 | grep -E '^< HTTP|2000000$'");
  EXPECT_THAT(result.output, StartsWith("< HTTP/1.1 100 Continue")) << result;
  EXPECT_THAT(result.output, HasSubstr("< HTTP/1.1 200 OK"));
  EXPECT_THAT(result.output, EndsWith(" 2000000\n"));
}

TEST_P(KeepAlive, http_1_0_clients_are_served_and_closed) {
  const auto result = run("github.com",
                          "curl -fsS --http1.0 http://github.com/ http://github.com/protocol "
                          "-w '%{num_connects}\\n'");
  EXPECT_EQ(result.output, "hello from github.com\n1\nHTTP/1.0\n1\n") << result;
}

TEST_P(KeepAlive, a_chunked_upload_and_a_chunked_answer_are_whole) {
  const auto result =
      run("github.com",
          "head -c 3000000 /dev/urandom > big; sha256sum big | cut -c 1-64; "
          "curl -fsS -H 'Transfer-Encoding: chunked' -T - http://github.com/sum < big");
  ASSERT_GT(result.output.size(), 65U) << result;
  EXPECT_EQ(result.output.substr(65), result.output.substr(0, 64) + " 3000000\n") << result;
}

// argv: scheme. The client has said all it will say before the answer begins.
constexpr const char* kHalfClosed = R"(
import os, socket, ssl, sys, urllib.parse
at = urllib.parse.urlsplit(os.environ.get("HTTP_PROXY") or "http://github.com:80")
port = 80 if sys.argv[1] == "http" else 22
target = "http://github.com" if "HTTP_PROXY" in os.environ else ""
if sys.argv[1] == "http":
    s = socket.create_connection((at.hostname, at.port))
    s.sendall(f"GET {target}/bytes/3000000 HTTP/1.1\r\nHost: github.com\r\n\r\n".encode())
elif "HTTP_PROXY" in os.environ:
    s = socket.create_connection((at.hostname, at.port))
    s.sendall(b"CONNECT github.com:22 HTTP/1.1\r\nHost: github.com:22\r\n\r\n")
    head = b""
    while not head.endswith(b"\r\n\r\n"): head += s.recv(1)
else:
    s = socket.create_connection(("github.com", 22))
if sys.argv[1] != "http": s.sendall(b"x" * 1000000)
s.shutdown(socket.SHUT_WR)
total = 0
while piece := s.recv(65536): total += len(piece)
print(total > 3000000 if sys.argv[1] == "http" else total == 1000007)
)";

TEST_P(KeepAlive, a_client_that_closes_its_half_gets_all_that_still_comes) {
  world.plant_file(std::string(test_world::kWorkspace) + "/client.py", kHalfClosed);
  const auto result =
      run("github.com,github.com:22", "python3 client.py http; python3 client.py tcp");
  EXPECT_EQ(result.output, "True\nTrue\n") << result;
}

}  // namespace
}  // namespace awf::integration
