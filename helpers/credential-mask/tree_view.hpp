// The host's tree, seen through overlays.
//
// A read-only mount keeps nobody from connecting to a unix socket, writing into a named pipe or
// locking a file that it shows. In an overlay all three are the overlay's own: the kernel looks a
// socket up by its inode, and special files are opened as the overlay's, never the layer's (Linux
// 4.19). So nothing of the host listens behind any path of it, whatever the socket's name, network
// namespace, links or age. And what must be hidden is a whiteout in the layer above: absent,
// named by no mount, and not brought back when the host replaces the file.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"
#include "credential-mask/hidden_paths.hpp"
#include "credential-mask/mount_table.hpp"

namespace awf::mask {

class TreeView {
 public:
  // `host` are the mounts of the host, `hidden` what must be absent. What lies at or below one of
  // `replaced` is shown by others and left alone; what lies at or above one of `kept` stays where
  // it is, since something is going to be shown there.
  TreeView(std::vector<Mount> host, std::vector<std::string> hidden,
           std::vector<std::string> replaced, std::vector<std::string> kept);

  // Turns the root, which is the host's tree, read-only, into its view. Where one overlay over a
  // whole mount is impossible (mounts that a user namespace inherited are locked together), each
  // directory without mounts gets its own.
  void build();

  // Was `path` made absent? Otherwise it must be covered.
  [[nodiscard]] bool is_absent(const std::string& path) const;

  // Sockets and pipes that are in sight as they are, directly in directories that hold mounts.
  [[nodiscard]] const std::vector<std::string>& doors() const { return doors_; }

  // Directories over which the kernel permits no overlay though they can hold sockets.
  [[nodiscard]] const std::vector<std::string>& plain() const { return plain_; }

  // Every overlay that was made: its device, and what it shows.
  struct Piece {
    std::string device;
    std::vector<Place> layers;
  };
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  void view(const std::string& directory);
  void view_entries(const std::string& directory);
  bool lay_overlay(const std::string& directory, const std::vector<std::string>& inner);
  UniqueFd make_overlay(const std::string& directory, const std::vector<std::string>& inner);
  [[nodiscard]] std::vector<std::string> mounts_in(const std::string& directory) const;
  [[nodiscard]] const Mount* mount_at(const std::string& path) const;
  [[nodiscard]] bool is_locked(const std::string& directory) const;
  [[nodiscard]] bool is_replaced(const std::string& path) const;
  [[nodiscard]] bool is_kept(const std::string& path) const;

  std::vector<Mount> host_;
  std::vector<std::string> hidden_;
  std::vector<std::string> replaced_;
  std::vector<std::string> kept_;
  bool in_user_namespace_;
  std::vector<std::string> points_;  // where anything is mounted, in sight or not
  UniqueFd staging_;
  unsigned layers_made_ = 0;
  std::vector<std::string> absent_;
  std::vector<std::string> doors_;
  std::vector<std::string> plain_;
  std::vector<Piece> pieces_;
};

}  // namespace awf::mask
