// A client inside that closes its connection while its answer is awaited lets go of its origin; one
// that closed only its sending half does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using nlohmann::json;
using test_world::Caller;

// The origin never answers /hang. Both doors: the proxy, and a connection to a mapped address.
constexpr const char* kClients = R"(
import os, socket, sys, urllib.parse
at = urllib.parse.urlsplit(os.environ["http_proxy"])
def ask(request):
    s = socket.create_connection((at.hostname, at.port))
    s.sendall(request)
    return s
waiting = ask(b"GET http://github.com/hang HTTP/1.1\r\nHost: github.com\r\n\r\n")
waiting.shutdown(socket.SHUT_WR)
leaving = ask(b"GET http://example.org/hang HTTP/1.1\r\nHost: example.org\r\n\r\n")
leaving.close()
direct = socket.create_connection(("www.example.org", 80))
direct.sendall(b"GET /hang HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
direct.close()
print("asked", flush=True)
sys.stdin.readline()
)";

class Departure : public testing::TestWithParam<Caller> {
 protected:
  // The record of the one connection to this name, once there is one.
  json record_of(const std::string& name) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      auto records = test_world::audit_records_of(world, name, "allow");
      if (!records.empty()) return records.front();
    }
    return json::object();
  }

  test_world::World world = test_world::World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, Departure, testing::Values(Caller::kSudo, Caller::kRootless),
                         [](const auto& tested) { return test_world::name_of(tested.param); });

TEST_P(Departure, NET_32_a_client_that_left_holds_no_origin_and_one_that_waits_does) {
  test_world::RunOptions options;
  options.caller = GetParam();
  options.input_stays_open = true;
  auto run =
      world.spawn_awf({"--allow-domains", "example.org,github.com", "--audit-dir",
                       test_world::kAuditDirectory, "--", "/usr/bin/python3", "-c", kClients},
                      options);
  ASSERT_TRUE(run.wait_for_output("asked")) << run.errors();
  for (const char* name : {"example.org", "www.example.org"}) {
    const json record = record_of(name);
    EXPECT_EQ(record.value("error", ""), "the client left") << name << record;
    EXPECT_GT(record.value("bytesUp", 0), 0);
  }
  EXPECT_TRUE(test_world::audit_records_of(world, "github.com", "allow").empty())
      << "it still waits";
  run.write_input("go\n");
  EXPECT_EQ(run.finish().exit_code, 0);
}

}  // namespace
}  // namespace awf::integration
