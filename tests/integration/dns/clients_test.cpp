// The resolvers of the field are content with our answers: an allowed name and a denied one,
// without a stall. A resolver that misses an answer waits 2 s (c-ares) to 5 s (glibc, musl, Go,
// dig) before it asks again, so a look-up below kStall has missed none, however busy the machine
// is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::RunOptions;
using test_world::World;
using testing::IsEmpty;

constexpr long kStall = 1500;  // milliseconds

struct Client {
  const char* name;
  // Prints "found" or "unknown" for the name in $1, and "ms=N" for the time that it took.
  const char* script;
};

// `timed COMMAND...` for those that report by their exit status.
constexpr const char* kTimed =
    "timed() { local s=$(date +%s%N); \"$@\" > out 2>&1 && r=found || r=unknown; "
    "echo $r ms=$((($(date +%s%N) - s) / 1000000)); }; ";

// bind9's tools end with 0 for NXDOMAIN too.
constexpr const char* kDig =
    "timed dig +noall +comments +answer $1; grep -q NXDOMAIN out && echo unknown || grep -q 'IN.A' "
    "out && echo really";

constexpr const char* kMuslProgram = R"(
#include <netdb.h>
#include <stddef.h>
int main(int argc, char** argv) {
  struct addrinfo hints = {0}, *found;
  hints.ai_socktype = SOCK_STREAM;
  return argc == 2 && getaddrinfo(argv[1], "443", &hints, &found) == 0 ? 0 : 1;
}
)";

constexpr const char* kJavaProgram = R"(
import java.net.InetAddress;
class Lookup {
  public static void main(String[] words) {
    long start = System.nanoTime();
    String found = "found";
    try { InetAddress.getAllByName(words[0]); }
    catch (java.net.UnknownHostException e) { found = "unknown"; }
    System.out.println(found + " ms=" + (System.nanoTime() - start) / 1000000);
  }
}
)";

constexpr const char* kNodeCares =
    "node -e 'const s = Date.now(); const d = require(\"dns\"); const t = (e) => "
    "console.log(e ? \"unknown\" : \"found\", \"ms=\" + (Date.now() - s)); "
    "d.resolve4(process.argv[1], (e) => e ? t(e) : d.resolve6(process.argv[1], t))' $1";
constexpr const char* kNodeLibuv =
    "node -e 'const s = Date.now(); require(\"dns\").lookup(process.argv[1], {all: true}, (e) => "
    "console.log(e ? \"unknown\" : \"found\", \"ms=\" + (Date.now() - s)))' $1";
constexpr const char* kPython =
    "python3 -c 'import socket, sys, time\ns = time.time()\n"
    "try: socket.getaddrinfo(sys.argv[1], 443); r = \"found\"\n"
    "except socket.gaierror: r = \"unknown\"\n"
    "print(r, \"ms=%d\" % ((time.time() - s) * 1000))' $1";
// Go's own resolver, not libc's; the request itself needs no more than a name.
constexpr const char* kGo =
    "unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy; export GODEBUG=netdns=go; "
    "timed hey -n 1 -c 1 -t 10 http://$1/; grep -q '\\[200\\]' out && echo really; "
    "grep -q 'no such host' out && echo unknown";

const Client kClients[] = {
    {"getent", "timed getent ahosts $1"},
    {"getent_hosts", "timed getent hosts $1"},
    {"dig", kDig},
    {"dig_tcp", "timed dig +tcp +noall +comments $1; grep -q NXDOMAIN out && echo unknown"},
    {"nslookup", "timed nslookup $1"},
    {"host", "timed host $1"},
    {"glibc_python", kPython},
    {"musl", "timed ./musl-lookup $1"},
    {"c_ares_node", kNodeCares},
    {"libuv_node", kNodeLibuv},
    {"go", kGo},
    {"jvm", "java -XX:TieredStopAtLevel=1 -Xshare:auto Lookup.java $1"},
};

void PrintTo(const Client& client, std::ostream* out) {
  *out << client.name;
}

class Clients : public testing::TestWithParam<Client> {
 protected:
  // The last word about the name: tools that end with 0 whatever they found say more in a line of
  // their own.
  std::string look_up(const std::string& name, Caller caller) {
    RunOptions options;
    options.caller = caller;
    options.limit = std::chrono::seconds(60);
    const auto result =
        world.run_awf({"--allow-domains", "example.org", "--",
                       std::string(kTimed) + "set -- " + name + "; " + GetParam().script},
                      options);
    static const std::regex kTime("ms=([0-9]+)");
    std::smatch time;
    EXPECT_TRUE(std::regex_search(result.output, time, kTime)) << result;
    if (!time.empty()) {
      EXPECT_LT(std::stol(time[1]), kStall) << result;
    }
    const bool unknown = result.output.find("unknown") != std::string::npos;
    const bool found = result.output.find("found") != std::string::npos;
    EXPECT_TRUE(found || unknown) << result;
    return unknown ? "unknown" : "found";
  }

  void SetUp() override {
    world.plant_file(std::string(test_world::kWorkspace) + "/Lookup.java", kJavaProgram);
    if (std::string_view(GetParam().name) != "musl") return;
    world.plant_file("/tmp/musl-lookup.c", kMuslProgram);
    const auto built = world.run_in_machine(
        {"/usr/bin/musl-gcc", "-static", "-o", "musl-lookup", "/tmp/musl-lookup.c"});
    ASSERT_EQ(built.exit_code, 0) << built;
  }

  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Resolvers, Clients, testing::ValuesIn(kClients),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(Clients, DNS_20_an_allowed_name_is_found_and_a_denied_one_is_not_without_a_stall) {
  for (const auto caller : {Caller::kSudo, Caller::kRootless}) {
    EXPECT_EQ(look_up("example.org", caller), "found");
    EXPECT_EQ(look_up("denied.org", caller), "unknown");
    EXPECT_EQ(look_up("c2VjcmV0.attacker.net", caller), "unknown");
  }
  for (const auto& query : world.dns_queries())
    EXPECT_THAT(query, testing::HasSubstr("example.org"));
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
}

}  // namespace
}  // namespace awf::integration
