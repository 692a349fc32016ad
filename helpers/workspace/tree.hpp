// A directory tree that somebody else may be changing, read by descriptor and through no link.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf::workspace {

enum class Kind { kFile, kDirectory, kLink, kOther };

struct Entry {
  std::string name;
  Kind kind;
};

struct Listing {
  std::vector<Entry> entries;  // sorted by name
  bool complete = true;        // false: there were more than the limit
};

struct File {
  UniqueFd fd;
  struct stat status {};
};

// A path below `top` (no link on the way, none at its end, no other mount: openat2(2), Linux 5.6).
// Empty when there is no such directory or regular file that we may read.
UniqueFd open_directory(int top, const std::string& path);
std::optional<File> open_file(int top, const std::string& path);

// Of a directory that we need not be allowed to read; good for reaching what is in it.
UniqueFd open_place(int top, const std::string& path);

// Is there a directory, whether we may read it or not?
bool is_directory(int top, const std::string& path);

// False when there is nothing at `path`: the cheap question before the others.
bool may_exist(int top, const std::string& path);

// Where a link at `path` leads, unresolved; nothing when it is none.
std::optional<std::string> link_target(int top, const std::string& path);

// Of the entries that are `wanted` at most `limit`; of all no more than 65,536 are looked at. None
// when the directory cannot be read.
inline bool every_entry(const Entry& /*entry*/) {
  return true;
}
Listing entries_of(const UniqueFd& directory, std::size_t limit,
                   const std::function<bool(const Entry&)>& wanted = every_entry);

// Up to `limit` bytes from the beginning. What cannot be read is left out.
std::string head_of(const File& file, std::size_t limit);

// "a", "b" is "a/b"; "", "b" is "b".
std::string below(const std::string& directory, const std::string& name);

}  // namespace awf::workspace
