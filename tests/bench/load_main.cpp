// bench-load: the client of the measurements, one thread.
//
// usage: bench-load [--proxy ADDRESS:PORT] NAME PORT PHASE...
// PHASE is idle:COUNT, ping:COUNT, down:SECONDS, up:SECONDS or open:SECONDS:MOST. In step with
// bench-peers: says "ready PHASE", waits for a line, measures, says "result PHASE {…}" and
// "end PHASE", and waits for another line before it lets its tunnels go.
#include <sys/resource.h>

#include <iostream>
#include <string>
#include <vector>

#include "common/check.hpp"
#include "common/run_main.hpp"
#include "common/text.hpp"
#include "phases.hpp"

namespace {

using namespace awf::bench;

void wait_for_line() {
  std::string line;
  if (!std::getline(std::cin, line)) throw awf::Refusal("bench-peers is gone");
}

unsigned number(const std::vector<std::string_view>& words, std::size_t at) {
  const auto value =
      at < words.size() ? awf::parse_number<unsigned>(words[at]) : std::optional<unsigned>();
  if (!value || *value == 0) throw awf::Refusal("a phase lacks a number");
  return *value;
}

nlohmann::json measure(const std::vector<std::string_view>& words, const Route& route, Held& held) {
  const auto name = words.front();
  if (name == "idle") return hold_idle(route, number(words, 1), held);
  if (name == "ping") return ping(route, number(words, 1));
  if (name == "down") return download(route, number(words, 1));
  if (name == "up") return upload(route, number(words, 1));
  if (name == "open") return open_and_close(route, number(words, 1), number(words, 2));
  throw awf::Refusal("no phase is called " + awf::quoted(name));
}

void raise_descriptor_limit() {
  rlimit limit{};
  awf::check(::getrlimit(RLIMIT_NOFILE, &limit), "reading the descriptor limit");
  limit.rlim_cur = limit.rlim_max;
  awf::check(::setrlimit(RLIMIT_NOFILE, &limit), "raising the descriptor limit");
}

int run(std::vector<std::string> words) {
  std::string proxy;
  if (words.size() > 2 && words[0] == "--proxy") {
    proxy = words[1];
    words.erase(words.begin(), words.begin() + 2);
  }
  if (words.size() < 3) throw awf::Refusal("usage: bench-load [--proxy A:P] NAME PORT PHASE...");
  raise_descriptor_limit();
  const Route route = make_route(proxy, words[0], words[1]);
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto phase = awf::split(words[i], ':');
    std::cout << "ready " << phase.front() << std::endl;
    wait_for_line();
    Held held;
    const auto figures = measure(phase, route, held);
    std::cout << "result " << phase.front() << " " << figures << "\nend " << phase.front()
              << std::endl;
    wait_for_line();
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return awf::run_main("bench-load",
                       [&] { return run(std::vector<std::string>(argv + 1, argv + argc)); });
}
