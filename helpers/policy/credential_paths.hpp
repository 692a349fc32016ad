// The catalogue of places where credentials and doors to the host lie. Pure data; whoever builds
// the file system view hides each entry, through every alias, whether or not it exists yet.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace awf::policy {

struct CredentialPath {
  enum class Kind : std::uint8_t {
    kFile,       // anything that is not a directory: a regular file or a socket
    kDirectory,  // with all that is in it
    kGlob,       // '*' in the last component only; it matches files and never a '/'
  };

  std::string_view path;  // no "..", no "//", no '/' at the end
  Kind kind;
  std::string_view what;  // completes "hides …": for logs, "the keys of ssh"
};

// Relative to the home directory of the user who runs the command.
std::span<const CredentialPath> home_credentials() noexcept;

// Absolute: system credentials, and the sockets that are as good as root.
std::span<const CredentialPath> system_credentials() noexcept;

// A variable by which a tool is told to use another directory in place of one in the home: what the
// catalogue says of `prefix` holds for the directory that it names.
struct RelocatedDirectory {
  std::string_view variable;
  std::string_view prefix;
};
std::span<const RelocatedDirectory> relocated_directories() noexcept;

// Variables whose value is the path of a file, socket or directory with credentials, or of a file
// that the runner reads after the command.
struct CredentialVariable {
  std::string_view name;
  bool is_list = false;  // several paths with colons between them
};
std::span<const CredentialVariable> credential_variables() noexcept;

// What lies beside a self-hosted runner's programs and stands for its machine or tells its past.
std::span<const std::string_view> runner_credentials() noexcept;

}  // namespace awf::policy
