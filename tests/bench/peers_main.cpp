// bench-peers: one product in a world of its own, every figure of it.
//
// usage: bench-peers PRODUCT PHASE...     (products.hpp, load_main.cpp)
// Prints one JSON object: {"product", "down":{…}, …}. To each phase's own figures it adds
// "cpuSeconds" of the proxy's processes, and to "idle" their memory: "pssBytes" as the kernel
// shares it out (proc(5), smaps_rollup); what the kernel holds for sockets is not in it.
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/text.hpp"
#include "products.hpp"

namespace awf::bench {
namespace {

using test_world::RunningCommand;
using test_world::World;

// Of threads that have ended, too. In nanoseconds: clock_getcpuclockid(3) of another process.
double cpu_seconds(const std::vector<pid_t>& pids) {
  double seconds = 0;
  for (const pid_t pid : pids) {
    clockid_t clock{};
    timespec time{};
    verify(::clock_getcpuclockid(pid, &clock) == 0, "the proxy is alive");
    check(::clock_gettime(clock, &time), "reading a process's time");
    seconds += static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
  return seconds;
}

std::uint64_t pss_bytes(const std::vector<pid_t>& pids) {
  constexpr std::size_t kMuch = 65536;
  std::uint64_t bytes = 0;
  for (const pid_t pid : pids) {
    const auto rollup = read_file("/proc/" + std::to_string(pid) + "/smaps_rollup", kMuch);
    for (const auto line : split(rollup, '\n')) {
      if (!line.starts_with("Pss:")) continue;
      const auto value = trimmed(line.substr(4));
      bytes += 1024 * parse_number<std::uint64_t>(value.substr(0, value.find(' '))).value_or(0);
    }
  }
  return bytes;
}

Child start_origin(const World& world) {
  Pipe output = make_pipe();
  SpawnPlan plan;
  plan.program = AWF_PROGRAMS_DIR "/bench-origin";
  plan.argv = {"bench-origin", kOriginPort};
  plan.environment = {"PATH=/usr/bin:/bin"};
  plan.fds = {{1, output.write_end.get()}};
  // A parent-death signal comes when the thread ends that forked, and in_internet() uses one.
  plan.dies_with_parent = false;
  std::optional<Child> child;
  world.in_internet([&] { child.emplace(Child::spawn(plan)); });
  output.write_end.reset();
  std::string ready(6, '\0');
  verify(::read(output.read_end.get(), ready.data(), ready.size()) == 6, "the origin listens");
  return std::move(*child);
}

// The figures of "result PHASE {…}" when bench-load has said it.
nlohmann::json await_result(RunningCommand& load, const std::string& phase) {
  const std::string start = "result " + phase + " ";
  if (!load.wait_for_output("end " + phase + "\n", std::chrono::minutes(2)))
    throw Refusal("no result of " + phase + ": " + quoted(load.errors(), 500));
  const auto at = load.output().find(start) + start.size();
  return nlohmann::json::parse(load.output().substr(at, load.output().find('\n', at) - at));
}

nlohmann::json measure(RunningCommand& load, const Product& product, const std::string& phase) {
  if (!load.wait_for_output("ready " + phase, std::chrono::minutes(1)))
    throw Refusal("bench-load is not ready for " + phase + ": " + quoted(load.errors(), 500));
  const auto pids = product.processes();
  const double before = cpu_seconds(pids);
  load.write_input("go\n");
  nlohmann::json figures = await_result(load, phase);
  figures["cpuSeconds"] = cpu_seconds(pids) - before;
  if (phase == "idle") figures["pssBytes"] = pss_bytes(pids);
  load.write_input("next\n");
  return figures;
}

int run(const std::vector<std::string>& words) {
  if (words.size() < 2) throw Refusal("usage: bench-peers PRODUCT PHASE...");
  World::Options options;
  options.for_measuring = true;
  World world = World::start(options);
  const Child origin = start_origin(world);
  Product product(words.front(), world);
  const std::vector<std::string> phases(words.begin() + 1, words.end());
  RunningCommand load = product.start_load(phases);
  nlohmann::json all{{"product", words.front()}};
  for (const auto& phase : phases) {
    const std::string name = phase.substr(0, phase.find(':'));
    all[name] = measure(load, product, name);
  }
  const auto end = load.finish();
  if (end.exit_code != 0) throw Refusal("bench-load failed: " + quoted(end.errors, 500));
  std::cout << all << "\n";
  return 0;
}

}  // namespace
}  // namespace awf::bench

int main(int argc, char** argv) {
  return awf::run_main("bench-peers", [&] {
    return awf::bench::run(std::vector<std::string>(argv + 1, argv + argc));
  });
}
