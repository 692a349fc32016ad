// The preload library in programs as they are: what each of them, its children and /proc see of a
// guarded variable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/child.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "policy/secret_names.hpp"

namespace awf {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kValue = "planted-value";

struct Outcome {
  int exit_code = -1;
  std::string output;
  std::string errors;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << "exit code " << outcome.exit_code << "\nstdout: " << outcome.output
             << "\nstderr: " << outcome.errors;
}

Outcome run(const std::vector<std::string>& command, std::vector<std::string> environment) {
  constexpr std::size_t kMostOutput = 1UL << 20U;
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  environment.insert(environment.end(), {std::string("LD_PRELOAD=") + AWF_TOKEN_LIBRARY,
                                         "PATH=/usr/bin:/bin", "HOME=/"});
  SpawnPlan plan;
  plan.program = command.front();
  plan.argv = command;
  plan.environment = std::move(environment);
  plan.fds = {{1, output.write_end.get()}, {2, errors.write_end.get()}};
  Child child = Child::spawn(plan);
  output.write_end.reset();
  errors.write_end.reset();
  Outcome outcome;
  outcome.output = read_rest(output.read_end.get(), kMostOutput, "stdout");
  outcome.errors = read_rest(errors.read_end.get(), kMostOutput, "stderr");
  outcome.exit_code = exit_code::from_wait_status(child.wait());
  return outcome;
}

Outcome probe(std::vector<std::string> words, std::vector<std::string> environment) {
  words.insert(words.begin(), AWF_PROBE);
  return run(words, std::move(environment));
}

// Guards T alone, so that no default name plays a part.
std::vector<std::string> guarding_t(const std::string& value = kValue) {
  return {"AWF_ONE_SHOT_TOKENS=T", "T=" + value};
}

TEST(OneShotToken, TOK_01_S6_G4_every_read_gives_the_same_pointer_to_the_value) {
  EXPECT_EQ(probe({"twice", "T"}, guarding_t()).output, "planted-value\nplanted-value\nsame\n");
}

TEST(OneShotToken, TOK_01_S6_E3_secure_getenv_first_protects_alike) {
  EXPECT_EQ(probe({"secure", "T"}, guarding_t()).output,
            "planted-value\nplanted-value\nin environ: 0\n");
}

TEST(OneShotToken, TOK_02_TOK_04_TOK_07_S6_07_S6_G5_the_first_read_ends_what_anybody_else_sees) {
  EXPECT_EQ(probe({"places", "T", kValue}, guarding_t()).output,
            "block before: 0\nenviron before: 1\nchild before: planted-value\nread: planted-value\n"
            "block after: 0\nenviron after: 0\nchild after: (unset)\n");
}

TEST(OneShotToken, S6_13_S6_14_empty_is_empty_and_unset_is_unset_both_times) {
  EXPECT_EQ(probe({"twice", "T"}, guarding_t("")).output, "\n\nsame\n");
  EXPECT_EQ(probe({"twice", "T"}, {"AWF_ONE_SHOT_TOKENS=T"}).output, "(unset)\n(unset)\nsame\n");
}

TEST(OneShotToken, S6_15_special_characters_are_preserved) {
  const std::string value = "a=b;c\"d'e\\f$g`h\xc3\xa9 \t!%s";
  EXPECT_EQ(probe({"twice", "T"}, guarding_t(value)).output, value + "\n" + value + "\nsame\n");
}

TEST(OneShotToken, S6_G6_large_values_are_preserved) {
  for (const std::size_t size : {10UL * 1024, 100UL * 1024}) {
    const std::string value(size, 'x');
    EXPECT_EQ(probe({"twice", "T"}, guarding_t(value)).output, value + "\n" + value + "\nsame\n");
  }
}

TEST(OneShotToken, S6_05_other_variables_are_read_any_number_of_times_without_a_word) {
  const Outcome outcome =
      probe({"places", "U", kValue}, {"AWF_ONE_SHOT_TOKENS=T", "U=planted-value"});
  EXPECT_EQ(outcome.output,
            "block before: 1\nenviron before: 1\nchild before: planted-value\nread: planted-value\n"
            "block after: 1\nenviron after: 1\nchild after: planted-value\n");
  EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST(OneShotToken, what_the_program_sets_itself_is_what_it_reads) {
  EXPECT_EQ(probe({"setters", "T"}, guarding_t("first")).output,
            "read: first\nkept: first\nset: a third value that is longer than the first\n"
            "in environ: 0\nput: put\nunset: (unset)\nagain: again\nput bare: (unset)\n"
            "last: last\ncleared: (unset)\nbad name: 1, (unset)\n");
}

TEST(OneShotToken, constructors_of_the_program_read_it_too) {
  EXPECT_EQ(probe({"early", "-"}, {"AWF_ONE_SHOT_TOKENS=EARLY_TOKEN", "EARLY_TOKEN=x"}).output,
            "x\nx\n");
}

TEST(OneShotToken, S6_G7_S6_E4_32_threads_read_one_stable_value) {
  const Outcome outcome = probe({"threads", "T"}, guarding_t());
  EXPECT_EQ(outcome.output, "wrong: 0\nin environ: 0\n") << outcome;
}

TEST(OneShotToken, S5_E1_a_thousand_children_of_a_busy_parent_neither_hang_nor_miss_it) {
  const Outcome outcome = probe({"fork", "T"}, guarding_t());
  EXPECT_EQ(outcome.output, "wrong: 0\n") << outcome;
}

TEST(OneShotToken, S6_G9_S5_G3_every_listed_name_is_guarded_by_default) {
  for (const auto name : policy::sensitive_names()) {
    const std::string text(name);
    const Outcome outcome = probe({"places", text, kValue}, {text + "=" + kValue});
    EXPECT_THAT(outcome.output, HasSubstr("block before: 0")) << text << ": " << outcome;
    EXPECT_THAT(outcome.output, HasSubstr("read: planted-value")) << text;
    EXPECT_THAT(outcome.output, HasSubstr("child after: (unset)")) << text;
  }
}

TEST(OneShotToken, the_list_is_trimmed_and_an_empty_one_means_the_defaults) {
  EXPECT_THAT(
      probe({"places", "U", kValue}, {"AWF_ONE_SHOT_TOKENS= T , U,", "U=planted-value"}).output,
      HasSubstr("block before: 0"));
  EXPECT_THAT(probe({"places", "GITHUB_TOKEN", kValue},
                    {"AWF_ONE_SHOT_TOKENS= , =,", "GITHUB_TOKEN=planted-value"})
                  .output,
              HasSubstr("block before: 0"));
}

// TOK_21: neither a part nor the length of a value.
TEST(OneShotToken, TOK_21_debugging_tells_events_and_names_alone) {
  auto environment = guarding_t("0123456789abcdef-planted");
  environment.emplace_back("AWF_ONE_SHOT_TOKEN_DEBUG=1");
  EXPECT_EQ(probe({"twice", "T"}, environment).errors,
            "[one-shot-token] T: moved off the initial stack\n"
            "[one-shot-token] T: read, and gone from the environment\n");
}

TEST(OneShotToken, S6_G2_node_reads_it_twice_and_its_children_do_not) {
  const Outcome outcome =
      run({"/usr/bin/env", "node", "-e",
           "const {execSync} = require('child_process');"
           "console.log(process.env.T, process.env.T, "
           "execSync('printenv T || echo gone').toString().trim());"
           "console.log(require('fs').readFileSync('/proc/self/environ').includes('planted'))"},
          guarding_t());
  EXPECT_EQ(outcome.output, "planted-value planted-value gone\nfalse\n") << outcome;
}

TEST(OneShotToken, S6_06_python_reads_it_twice) {
  const Outcome outcome = run({"/usr/bin/python3", "-c",
                               "import os; print(os.getenv('T'), os.environ['T'], "
                               "b'planted' in open('/proc/self/environ', 'rb').read())"},
                              guarding_t());
  EXPECT_EQ(outcome.output, "planted-value planted-value False\n") << outcome;
}

// A shell reads the whole environment when it starts, and gives it to its children: each of them is
// guarded in its turn.
TEST(OneShotToken, S6_01_shells_and_their_children_read_it_and_no_environ_block_shows_it) {
  for (const char* shell : {"/bin/bash", "/bin/dash"}) {
    const Outcome outcome = run({shell, "-c",
                                 "echo $T; printenv T; printenv T; "
                                 "grep -c planted /proc/$$/environ /proc/self/environ"},
                                guarding_t());
    EXPECT_THAT(outcome.output,
                testing::MatchesRegex("planted-value\nplanted-value\nplanted-value\n"
                                      "/proc/[0-9]+/environ:0\n/proc/self/environ:0\n"))
        << shell << ": " << outcome;
  }
}

TEST(OneShotToken, perl_reads_it) {
  const Outcome outcome = run({"/usr/bin/perl", "-e", "print \"$ENV{T}\\n\""}, guarding_t());
  EXPECT_EQ(outcome.output, "planted-value\n") << outcome;
}

// What is out of its reach, stated in preload/README.md: the loader takes no part in a static
// program.
TEST(OneShotToken, TOK_03_TOK_08_S6_E2_S6_G3_a_static_program_shows_the_token_in_its_own_block) {
  const Outcome outcome = run({AWF_STATIC_PROBE, "places", "T", kValue}, guarding_t());
  EXPECT_THAT(outcome.output, HasSubstr("block before: 1"));
  EXPECT_THAT(outcome.output, HasSubstr("read: planted-value"));
}

TEST(OneShotToken,
     S6_G8_TOK_08_a_child_without_the_preload_still_starts_without_a_token_that_was_read) {
  const Outcome outcome =
      run({"/usr/bin/python3", "-c",
           "import ctypes, os, subprocess; libc = ctypes.CDLL(None); "
           "libc.getenv.restype = ctypes.c_char_p; libc.unsetenv(b'LD_PRELOAD'); "
           "os.environ.pop('LD_PRELOAD'); print(libc.getenv(b'T')); "
           "print(subprocess.run(['/usr/bin/printenv', 'T']).returncode)"},
          guarding_t());
  EXPECT_EQ(outcome.output, "b'planted-value'\n1\n") << outcome;
}

TEST(OneShotToken, it_needs_libc_alone_and_exports_what_it_interposes) {
  const Outcome needed = run({"/usr/bin/readelf", "-d", AWF_TOKEN_LIBRARY}, {});
  EXPECT_THAT(needed.output, HasSubstr("NEEDED"));
  std::istringstream lines(needed.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("(NEEDED)") != std::string::npos) {
      EXPECT_THAT(line, HasSubstr("[libc.so.6]"));
    }
  }
  const Outcome exported = run({"/usr/bin/nm", "-D", "--defined-only", AWF_TOKEN_LIBRARY}, {});
  std::set<std::string> names;
  std::istringstream symbols(exported.output);
  std::string address;
  std::string kind;
  for (std::string name; symbols >> address >> kind >> name;)
    names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"clearenv", "getenv", "putenv", "secure_getenv", "setenv",
                                          "unsetenv"}));
}

}  // namespace
}  // namespace awf
