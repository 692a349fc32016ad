// A library for LD_PRELOAD that keeps granted tokens out of everybody's sight but the reader's.
//
// execve(2) copies the environment onto the new program's stack, and /proc/PID/environ shows those
// very bytes for the process's whole life, whatever the program does to its variables. So before
// main() the strings of guarded names move into locked memory and the originals are wiped. What is
// left is environ's pointer to the copy, for shells, which read the whole environment at their
// start, and for children that are started before the program has read the name: each of those has
// this library too. The first getenv(3) of a name ends that: the pointer goes, the value stays, and
// children started afterwards inherit nothing.
//
// getenv(3) is called from constructors of other libraries, from threads, from the child of a fork
// and from allocators. Therefore nothing here allocates, nothing calls libstdc++, unlisted names
// never take the lock, and whoever comes before our constructor starts the library himself.
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "locked_memory.hpp"
#include "name_list.hpp"
#include "recursive_lock.hpp"

extern "C" {
extern char** environ;
}

namespace awf::preload {

constinit thread_local bool RecursiveLock::held_by_me_ = false;

namespace {

enum State : unsigned { kUnstarted, kStarting, kStarted };

struct RealFunctions {
  int (*setenv)(const char*, const char*, int);
  int (*unsetenv)(const char*);
  int (*putenv)(char*);
  int (*clearenv)();
};

// The library is the process's, so its state is: there is nobody who could own it.
constinit NameList names;
constinit RecursiveLock environment_lock;
constinit RealFunctions real{};
constinit unsigned state = kUnstarted;
// Odd while environ's entries move; a reader that saw a change looks again.
constinit unsigned changes = 0;
constinit bool tells = false;

// Acquire: what a reader loads afterwards (`changes`) is not older than the entry.
char* load(char** entry) noexcept {
  return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}
void store(char** entry, char* text) noexcept {
  __atomic_store_n(entry, text, __ATOMIC_RELEASE);
}

// Events and names, never a value, a part of one or a length. One write(2) a line.
void tell(const char* name, std::size_t size, const char* event) noexcept {
  if (!tells) return;
  constexpr std::string_view kPrefix = "[one-shot-token] ";
  char line[kPrefix.size() + kMaxNameBytes + 64];
  std::size_t used = 0;
  const auto append = [&](const char* text, std::size_t length) {
    for (std::size_t i = 0; i < length && used < sizeof line; ++i)
      line[used++] = text[i];
  };
  append(kPrefix.data(), kPrefix.size());
  append(name, size);
  append(event, strlen(event));
  append("\n", 1);
  (void)!::write(STDERR_FILENO, line, used);
}

// The entry of environ that sets `name`, or null.
char** entry_of(char** entries, const char* name, std::size_t size) noexcept {
  if (entries == nullptr) return nullptr;
  for (; char* entry = load(entries); ++entries) {
    if (entry[0] == name[0] && strncmp(entry, name, size) == 0 && entry[size] == '=') {
      return entries;
    }
  }
  return nullptr;
}

char* value_in_environ(const char* name, std::size_t size) noexcept {
  char** entry = entry_of(environ, name, size);
  return entry == nullptr ? nullptr : load(entry) + size + 1;
}

// What getenv(3) does. An entry that another thread moves at that moment could be missed, and then
// the search is repeated when nobody moves any.
char* unguarded_value(const char* name, std::size_t size) noexcept {
  const unsigned before = __atomic_load_n(&changes, __ATOMIC_ACQUIRE);
  if (char* value = value_in_environ(name, size)) return value;
  if (before % 2 == 0 && before == __atomic_load_n(&changes, __ATOMIC_RELAXED)) return nullptr;
  const HoldLock hold(environment_lock);
  return value_in_environ(name, size);
}

void remove_entry(char** entry) noexcept {
  __atomic_fetch_add(&changes, 1, __ATOMIC_ACQ_REL);
  for (;; ++entry) {
    char* next = load(entry + 1);
    store(entry, next);
    if (next == nullptr) break;
  }
  __atomic_fetch_add(&changes, 1, __ATOMIC_ACQ_REL);
}

// Keeps a copy of `text` as the name's value; false when there is no memory for it. Overwrites the
// value before it, as POSIX lets getenv's results be by a later setenv and getenv.
bool keep_value(Guarded& guarded, const char* text) noexcept {
  const std::size_t needed = strlen(text) + 1;
  if (guarded.capacity < needed) {
    std::size_t capacity = 0;
    char* memory = map_locked(needed, &capacity);
    if (memory == nullptr) return false;
    guarded.value = memory;
    guarded.capacity = capacity;
  }
  memcpy(guarded.value, text, needed);
  return true;
}

char* read_guarded(Guarded& guarded) noexcept {
  const HoldLock hold(environment_lock);
  char** entry = entry_of(environ, guarded.name, guarded.size);
  if (entry == nullptr) return guarded.taken ? guarded.value : nullptr;
  char* text = load(entry) + guarded.size + 1;
  // The start has put it where it is to stay; what setenv or putenv put there has not.
  if (text != guarded.value && !keep_value(guarded, text)) return text;
  while (entry != nullptr) {
    remove_entry(entry);
    entry = entry_of(environ, guarded.name, guarded.size);
  }
  guarded.taken = true;
  tell(guarded.name, guarded.size, ": read, and gone from the environment");
  return guarded.value;
}

// Moves one entry's string off the initial stack. The entry gets its own memory, so that reading
// one token touches no other's page.
void move_off_stack(Guarded& guarded, char** entry) noexcept {
  char* original = load(entry);
  const std::size_t size = strlen(original) + 1;
  std::size_t capacity = 0;
  char* copy = map_locked(size, &capacity);
  // Without memory the value stays where the kernel put it: the program must still find it.
  if (copy == nullptr) return tell(guarded.name, guarded.size, ": no memory to move it to");
  memcpy(copy, original, size);
  explicit_bzero(original, size - 1);
  store(entry, copy);
  guarded.value = copy + guarded.size + 1;
  guarded.capacity = capacity - guarded.size - 1;
  tell(guarded.name, guarded.size, ": moved off the initial stack");
}

bool is_on(const char* text) noexcept {
  return text != nullptr && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

template <typename Function>
void find_real(Function*& function, const char* name) noexcept {
  function = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// A fork in the middle of a change by another thread would leave the child a lock that nobody ever
// releases.
void before_fork() noexcept {
  (void)environment_lock.lock();
}
void after_fork() noexcept {
  environment_lock.unlock();
}

void start(char** entries) noexcept {
  unsigned expected = kUnstarted;
  if (!__atomic_compare_exchange_n(&state, &expected, kStarting, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE)) {
    return;
  }
  constexpr std::string_view kListName = "AWF_ONE_SHOT_TOKENS";
  constexpr std::string_view kDebugName = "AWF_ONE_SHOT_TOKEN_DEBUG";
  char** debug = entry_of(entries, kDebugName.data(), kDebugName.size());
  tells = debug != nullptr && is_on(load(debug) + kDebugName.size() + 1);
  char** list = entry_of(entries, kListName.data(), kListName.size());
  const char* listed = list == nullptr ? nullptr : load(list) + kListName.size() + 1;
  std::size_t capacity = 0;
  names.fill(listed, listed == nullptr ? nullptr : map_locked(strlen(listed) + 1, &capacity));
  for (Guarded& guarded : names) {
    char** entry = entry_of(entries, guarded.name, guarded.size);
    if (entry != nullptr) move_off_stack(guarded, entry);
  }
  find_real(real.setenv, "setenv");
  find_real(real.unsetenv, "unsetenv");
  find_real(real.putenv, "putenv");
  find_real(real.clearenv, "clearenv");
  (void)::pthread_atfork(before_fork, after_fork, after_fork);
  __atomic_store_n(&state, kStarted, __ATOMIC_RELEASE);
}

// glibc hands a constructor what main() gets. musl does not, but has set environ by then.
__attribute__((constructor(101))) void start_at_load(int, char**, char** entries) {
  start(environ != nullptr ? environ : entries);
}

// False while this very start is going on: its own calls, and other threads', are then ordinary.
bool is_started() noexcept {
  if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) == kStarted) return true;
  if (environ != nullptr) start(environ);
  return __atomic_load_n(&state, __ATOMIC_ACQUIRE) == kStarted;
}

Guarded* guarded_by(const char* name) noexcept {
  return name != nullptr && is_started() ? names.find(name) : nullptr;
}

char* value_of(const char* name) noexcept {
  if (Guarded* guarded = guarded_by(name)) return read_guarded(*guarded);
  return name[0] == '\0' ? nullptr : unguarded_value(name, strlen(name));
}

// Forgets what the name read as: the program has said that it is unset.
void forget(const char* name) noexcept {
  if (Guarded* guarded = guarded_by(name)) guarded->taken = false;
}

int not_there() noexcept {
  errno = ENOSYS;
  return -1;
}

}  // namespace
}  // namespace awf::preload

// The rest of the library stays its own (exports.map says so once more, to the linker).
#define AWF_INTERPOSED __attribute__((visibility("default")))

extern "C" {

AWF_INTERPOSED char* getenv(const char* name) noexcept {
  return awf::preload::value_of(name);
}

// NULL in programs that gain privileges by execve (secure_getenv(3)). Such programs load this
// library only where an administrator made it setuid as well.
AWF_INTERPOSED char* secure_getenv(const char* name) noexcept {
  return ::getauxval(AT_SECURE) != 0 ? nullptr : awf::preload::value_of(name);
}

// The setters run under our lock, since they and read_guarded() change the same array.
AWF_INTERPOSED int setenv(const char* name, const char* value, int overwrite) noexcept {
  using namespace awf::preload;
  const Guarded* guarded = guarded_by(name);
  const HoldLock hold(environment_lock);
  if (guarded != nullptr && guarded->taken && overwrite == 0) return 0;  // it has a value
  return real.setenv == nullptr ? not_there() : real.setenv(name, value, overwrite);
}

AWF_INTERPOSED int unsetenv(const char* name) noexcept {
  using namespace awf::preload;
  const HoldLock hold(environment_lock);
  forget(name);
  return real.unsetenv == nullptr ? not_there() : real.unsetenv(name);
}

// Without '=' it unsets the name (putenv(3), glibc).
AWF_INTERPOSED int putenv(char* entry) noexcept {
  using namespace awf::preload;
  const HoldLock hold(environment_lock);
  if (strchr(entry, '=') == nullptr) forget(entry);
  return real.putenv == nullptr ? not_there() : real.putenv(entry);
}

AWF_INTERPOSED int clearenv() noexcept {
  using namespace awf::preload;
  const HoldLock hold(environment_lock);
  for (Guarded& guarded : names)
    guarded.taken = false;
  return real.clearenv == nullptr ? not_there() : real.clearenv();
}

}  // extern "C"
