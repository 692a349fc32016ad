#include "credential-mask/name_service.hpp"

#include "common/text.hpp"

namespace awf::mask {

std::string resolver_file() {
  return "nameserver 127.0.0.1\n";
}

std::string hosts_file(std::string_view host_name) {
  std::string text = "127.0.0.1 localhost";
  // A host name of ours goes into a line of a file: anything but a plain name is left out.
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  const bool plain =
      !host_name.empty() && host_name.find_first_not_of(kPlain) == std::string_view::npos;
  if (plain && host_name != "localhost") text += " " + std::string(host_name);
  return text + "\n::1 localhost ip6-localhost ip6-loopback\n";
}

std::string switch_file(std::string_view of_the_host) {
  std::string text;
  for (const auto line : split(of_the_host, '\n')) {
    if (trimmed(line.substr(0, line.find(':'))) == "hosts") continue;
    if (!line.empty()) text += std::string(line) + "\n";
  }
  return text + "hosts: files dns\n";
}

}  // namespace awf::mask
