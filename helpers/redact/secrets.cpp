#include "redact/secrets.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "common/check.hpp"

namespace awf::redact {

Secret read_secrets(int fd) {
  constexpr std::size_t kPiece = 16384;
  Secret read;
  std::size_t size = 0;
  for (;;) {
    read.grow_to(size + kPiece);
    const ssize_t got = ::read(fd, read.data() + size, kPiece);
    if (got < 0 && errno == EINTR) continue;
    check(got, "reading the secrets' descriptor");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > kMaxSecretBytes) {
      throw Refusal("the secrets are larger than " + std::to_string(kMaxSecretBytes) + " bytes");
    }
  }
  Secret secrets;
  secrets.append(read.reveal().substr(0, size));
  return secrets;
}

std::vector<std::string_view> values_in(std::string_view bytes) {
  std::vector<std::string_view> values;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    if (end != 0) values.push_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return values;
}

Forms forms_of(const std::vector<std::string_view>& values) {
  Forms forms;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (const auto error = forms.add(values[i])) {
      throw Refusal("secret " + std::to_string(i + 1) + ": " + error->message);
    }
  }
  forms.finish();
  return forms;
}

}  // namespace awf::redact
