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

}  // namespace awf::policy
