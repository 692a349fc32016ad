// How fast a stream passes the redactor, in memory: ordinary log text, with 1 to 1,000 secrets.
#include "redact/redactor.hpp"

#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "redact/defuser.hpp"
#include "redact/secrets.hpp"

namespace {

using namespace awf::redact;

constexpr std::size_t kPiece = 64UL << 10U;

std::vector<std::string> secrets(std::int64_t count) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same in every run
  std::vector<std::string> values;
  for (std::int64_t i = 0; i < count; ++i) {
    std::string value = "ghp_";
    while (value.size() < 40)
      value += kLetters[random() % kLetters.size()];
    values.push_back(std::move(value));
  }
  return values;
}

std::string log_text() {
  std::mt19937 random(2);  // NOLINT(cert-msc32-c,cert-msc51-cpp)
  std::string text;
  while (text.size() < 16UL << 20U) {
    text += "2026-01-01T12:00:" + std::to_string(random() % 60) + " [info] src/module_" +
            std::to_string(random() % 100) + ".cpp:" + std::to_string(random() % 900) +
            ": request finished: status=200 duration=" + std::to_string(random() % 5000) +
            "us id=" + std::to_string(random()) + "\n";
  }
  return text;
}

void redact_log(benchmark::State& state, bool actions) {
  const auto values = secrets(state.range(0));
  const Matcher matcher(forms_of(std::vector<std::string_view>(values.begin(), values.end())));
  const std::string text = log_text();
  std::string out;
  std::string defused;
  for (auto _ : state) {
    Redactor redactor(matcher);
    Defuser defuser;
    for (std::size_t at = 0; at < text.size(); at += kPiece) {
      out.clear();
      redactor.feed(std::string_view(text).substr(at, kPiece), out);
      if (actions) {
        defused.clear();
        defuser.feed(out, defused);
      }
    }
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void log_text_redacted(benchmark::State& state) {
  redact_log(state, false);
}
void log_text_redacted_and_defused(benchmark::State& state) {
  redact_log(state, true);
}
void tables_built(benchmark::State& state) {
  const auto values = secrets(state.range(0));
  const std::vector<std::string_view> views(values.begin(), values.end());
  for (auto _ : state)
    benchmark::DoNotOptimize(Matcher(forms_of(views)).longest());
}
BENCHMARK(log_text_redacted)->Arg(0)->Arg(1)->Arg(100)->Arg(1000);
BENCHMARK(log_text_redacted_and_defused)->Arg(1)->Arg(100)->Arg(1000);
BENCHMARK(tables_built)->Arg(1)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
