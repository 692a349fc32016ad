// Real tools, as a distribution ships them, work under awf when their hosts are allowed, and end at
// once when these are not. Their package indexes are made by indexes.py and served in the world.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/file.hpp"
#include "support/awf_run.hpp"

namespace awf::test_world {
namespace {

namespace fs = std::filesystem;

struct Tool {
  const char* name;
  const char* allow;   // what the tool needs
  const char* line;    // for bash
  const char* output;  // contained in stdout when it worked
};

// Where the words say more than the bare tool, the reason stands above them.
constexpr Tool kTools[] = {
    {"curl", "github.com", "curl -sSf https://github.com/", "hello from github.com"},
    {"wget", "github.com", "wget -qO- https://github.com/", "hello from github.com"},
    {"git_https", "github.com",
     "git clone -q https://github.com/org/repo.git r && cd r && git fetch -q && echo x >new && "
     "git add new && git -c user.name=n -c user.email=n@example.org commit -qm second && "
     "git push -q origin main && git ls-remote origin main && cat README",
     "hello from the repository"},
    // Keys in ~/.ssh do not exist inside; whoever wants to use one names it.
    {"git_ssh", "github.com:22",
     "export GIT_SSH_COMMAND='ssh -i key -o IdentitiesOnly=yes -o UserKnownHostsFile=known_hosts "
     "-o ConnectTimeout=2'; git clone -q root@github.com:/run/world/git/org/repo.git r && "
     "cat r/README",
     "hello from the repository"},
    // npm and node bring their own authorities along. npm tries three times, ten seconds and more
    // between, also when a name does not exist.
    {"npm", "registry.npmjs.org",
     "export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt; npm install --no-audit "
     "--no-fund --no-update-notifier --fetch-retries=0 tiny-package && node -p "
     "'require(\"tiny-package\")'",
     "tiny works"},
    {"node_fetch", "github.com",
     "export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt; "
     "node -e 'fetch(\"https://github.com/\").then(r => r.text()).then(console.log)'",
     "hello from github.com"},
    // pip tries five times, waiting longer each time, whatever the reason was.
    {"pip", "pypi.org,files.pythonhosted.org",
     "/usr/bin/python3 -m pip install -q --disable-pip-version-check --retries 1 --target out "
     "tiny-package && PYTHONPATH=out /usr/bin/python3 -c "
     "'import tiny_package; print(tiny_package.VALUE)'",
     "tiny works"},
    {"python_requests", "github.com",
     "/usr/bin/python3 -c 'import requests; print(requests.get(\"https://github.com/\").text)'",
     "hello from github.com"},
    {"python_httpx", "github.com",
     "/usr/bin/python3 -c 'import httpx; print(httpx.get(\"https://github.com/\").text)'",
     "hello from github.com"},
    {"python_websockets", "github.com", "/usr/bin/python3 websocket_echo.py wss://github.com/ws",
     "tiny works"},
    // As the ordinary user: lists and archives in a directory of one's own. apt-get tries four
    // times, a second and more between, also when a name does not exist.
    {"apt_get", "http://deb.debian.org",
     "mkdir -p apt/lists/partial apt/archives/partial && touch apt/status && "
     "echo 'deb [trusted=yes] http://deb.debian.org/debian ./' >apt/sources.list && "
     "apt='apt-get -q -o Dir::State=$PWD/apt -o Dir::State::status=$PWD/apt/status "
     "-o Dir::Cache=$PWD/apt -o Dir::Etc=$PWD/apt -o APT::Sandbox::User= "
     "-o APT::Update::Error-Mode=any -o Acquire::Retries=0' && eval \"$apt update\" && eval \"$apt "
     "download tiny\" && "
     "dpkg-deb --fsys-tarfile tiny_1.0_all.deb | tar -xO ./usr/share/tiny/says",
     "tiny works"},
    {"go", "proxy.golang.org",
     "export GOSUMDB=off GOTOOLCHAIN=local GOPATH=$PWD/go; printf 'module m\\ngo 1.18\\n"
     "require example.org/tiny v1.0.0\\n' >go.mod && go mod download -modcacherw example.org/tiny "
     "&& cat go/pkg/mod/example.org/tiny@v1.0.0/tiny.go",
     "tiny works"},
    {"gh", "api.github.com", "GH_TOKEN=of-nobody gh api repos/org/tiny", "tiny works"},
    // A JVM brings its own authorities along, too.
    {"java", "github.com",
     "java -Djavax.net.ssl.trustStore=authorities Fetch.java https://github.com/",
     "HTTP_2 hello from github.com"},
};

void PrintTo(const Tool& tool, std::ostream* out) {
  *out << tool.name;
}

// A directory that is gone with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    verify(::mkdtemp(path_.data()) != nullptr, "a temporary directory was made");
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;  // what stays behind is small and in /tmp
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_ = "/tmp/awf-tools-XXXXXX";
};

void run_here(const std::vector<std::string>& argv) {
  SpawnPlan plan;
  plan.program = argv.front();
  plan.argv = argv;
  plan.environment = {"PATH=/usr/bin:/bin"};
  const int status = Child::spawn(plan).wait();
  verify(WIFEXITED(status) && WEXITSTATUS(status) == 0, argv.front() + " works on this machine");
}

class Tools : public testing::TestWithParam<std::tuple<Tool, Mode>> {
 protected:
  static void SetUpTestSuite() {
    indexes = std::make_unique<TemporaryDirectory>();
    run_here({"/usr/bin/python3", AWF_TOOLS_DIR "/indexes.py", indexes->path() + "/www"});
    run_here(
        {"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", indexes->path() + "/key"});
  }
  static void TearDownTestSuite() { indexes.reset(); }

  void SetUp() override {
    world.serve_files(indexes->path() + "/www");
    plant("Fetch.java", AWF_TOOLS_DIR "/Fetch.java");
    plant("websocket_echo.py", AWF_TOOLS_DIR "/websocket_echo.py");
    if (tool().name == std::string("git_ssh")) prepare_ssh();
    if (tool().name == std::string("java")) trust_the_authority_in_java();
  }

  void plant(const std::string& name, const std::string& from, unsigned mode = 0644) {
    constexpr std::size_t kMuch = 65536;
    world.plant_file(std::string(kWorkspace) + "/" + name, read_file(from, kMuch), mode);
  }

  void prepare_ssh() {
    constexpr std::size_t kMuch = 4096;
    const std::string host_key = world.serve_ssh(read_file(indexes->path() + "/key.pub", kMuch));
    plant("key", indexes->path() + "/key", 0600);
    world.plant_file(std::string(kWorkspace) + "/known_hosts", "github.com " + host_key + "\n");
  }

  void trust_the_authority_in_java() {
    const auto made = world.run_in_machine(
        {"keytool", "-importcert", "-noprompt", "-storetype", "JKS", "-storepass", "changeit",
         "-file", "/etc/ssl/certs/ca-certificates.crt", "-keystore", "authorities"});
    ASSERT_EQ(made.exit_code, 0) << made;
  }

  [[nodiscard]] static const Tool& tool() { return std::get<0>(GetParam()); }

  CommandResult run(const std::string& allow) {
    const Mode mode = std::get<1>(GetParam());
    // In a directory without what another run has left. The caller is www-data here, whose home is
    // not its own to write to, which a runner's is.
    std::string line = "export HOME=/tmp; cp -a . /tmp/fresh && cd /tmp/fresh || exit 1; ";
    if (mode.door == Door::kIntercept)
      line += "unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy ALL_PROXY all_proxy; ";
    RunOptions options;
    options.caller = mode.caller;
    options.limit = std::chrono::minutes(1);
    return world.run_awf({"--allow-domains", allow, "--", line + tool().line}, options);
  }

  static std::unique_ptr<TemporaryDirectory> indexes;
  World world = World::start();
};

std::unique_ptr<TemporaryDirectory> Tools::indexes;

TEST_P(Tools, work_unmodified_and_end_at_once_when_denied) {
  const CommandResult worked = run(tool().allow);
  ASSERT_EQ(worked.exit_code, 0) << worked;
  EXPECT_NE(worked.output.find(tool().output), std::string::npos) << worked;

  world.forget_packets();
  const auto asked_before = world.dns_queries().size();
  const CommandResult denied = run("www.example.com");
  EXPECT_NE(denied.exit_code, 0) << denied;
  EXPECT_EQ(denied.output.find(tool().output), std::string::npos) << denied;
  // Three seconds on top of what the tool itself needs on this machine today.
  EXPECT_LT(denied.duration, worked.duration + std::chrono::seconds(3)) << denied;
  EXPECT_THAT(world.packets(), testing::IsEmpty());
  EXPECT_EQ(world.dns_queries().size(), asked_before);
}

std::string run_name(const testing::TestParamInfo<std::tuple<Tool, Mode>>& info) {
  const auto& [tool, mode] = info.param;
  return std::string(tool.name) + "_" + name_of(mode.caller) +
         (mode.door == Door::kProxy ? "_proxy" : "_intercept");
}

INSTANTIATE_TEST_SUITE_P(, Tools,
                         testing::Combine(testing::ValuesIn(kTools),
                                          testing::Values(Mode{Caller::kSudo, Door::kProxy},
                                                          Mode{Caller::kRootless,
                                                               Door::kIntercept})),
                         &run_name);

}  // namespace
}  // namespace awf::test_world
