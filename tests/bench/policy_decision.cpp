// The cost of one decision against lists of 10, 10,000 and 100,000 entries. The names asked for are
// drawn from all over the list, so that the caches of the processor help no more than in service.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "policy/egress_policy.hpp"

namespace {

using awf::policy::Decision;
using awf::policy::Door;
using awf::policy::EgressPolicy;
using awf::policy::HostName;
using awf::policy::Protocol;
using awf::policy::SourceEntry;

std::string service_number(std::int64_t i, const std::string& suffix) {
  std::string name = "service";
  return name.append(std::to_string(i))
      .append(".example")
      .append(std::to_string(i % 97))
      .append(suffix);
}

// Plain names, wildcards, prefixes and ports, as real lists mix them.
std::string entry_number(std::int64_t i) {
  std::string name = service_number(i, ".com");
  switch (i % 8) {
    case 0:
      return "*." + name;
    case 1:
      return "https://" + name;
    case 2:
      return name + ":8443";
    case 3:
      return "api-*." + name;
    default:
      return name;
  }
}

EgressPolicy make_policy(std::int64_t size) {
  std::vector<SourceEntry> allow;
  std::vector<SourceEntry> block;
  for (std::int64_t i = 0; i < size; ++i) {
    allow.push_back({entry_number(i), "bench"});
    if (i % 10 == 0) block.push_back({"blocked." + std::to_string(i) + ".example.net", "bench"});
  }
  return EgressPolicy::build(allow, block).or_refuse();
}

std::vector<HostName> make_names(std::int64_t size, const std::string& prefix,
                                 const std::string& suffix) {
  constexpr std::size_t kNames = 4096;
  std::vector<HostName> names;
  std::uint64_t random = 88172645463325252;  // xorshift: the same names on every run
  while (names.size() < kNames) {
    random ^= random << 13U;
    random ^= random >> 7U;
    random ^= random << 17U;
    const auto i = static_cast<std::int64_t>(random % static_cast<std::uint64_t>(size));
    std::string name = prefix;
    name += service_number(i, suffix);
    names.push_back(HostName::parse(name).or_refuse());
  }
  return names;
}

void decide_all(benchmark::State& state, const std::string& prefix, const std::string& suffix) {
  const EgressPolicy policy = make_policy(state.range(0));
  const std::vector<HostName> names = make_names(state.range(0), prefix, suffix);
  std::size_t next = 0;
  while (state.KeepRunning()) {
    Decision decision =
        policy.decide(Protocol::kTls, names[next++ % names.size()], 443, Door::kProxy);
    benchmark::DoNotOptimize(decision);
  }
}

void BM_listed(benchmark::State& state) {
  decide_all(state, "", ".com");
}
void BM_subdomain(benchmark::State& state) {
  decide_all(state, "api.eu.", ".com");
}
void BM_unlisted(benchmark::State& state) {
  decide_all(state, "api.eu.", ".org");
}

void BM_parse_host_name(benchmark::State& state) {
  while (state.KeepRunning()) {
    auto name = HostName::parse("productionresultssa0.blob.core.windows.net");
    benchmark::DoNotOptimize(name);
  }
}

void BM_build(benchmark::State& state) {
  while (state.KeepRunning()) {
    EgressPolicy policy = make_policy(state.range(0));
    benchmark::DoNotOptimize(policy);
  }
}

BENCHMARK(BM_listed)->Arg(10)->Arg(10'000)->Arg(100'000);
BENCHMARK(BM_subdomain)->Arg(10)->Arg(10'000)->Arg(100'000);
BENCHMARK(BM_unlisted)->Arg(10)->Arg(10'000)->Arg(100'000);
BENCHMARK(BM_parse_host_name);
BENCHMARK(BM_build)->Arg(10)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
