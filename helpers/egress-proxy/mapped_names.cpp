#include "egress-proxy/mapped_names.hpp"

#include <unistd.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace awf::egress {
namespace {

constexpr std::size_t kMaxFile =
    (MappedAddresses::kDefaultCapacity + 1) * (policy::HostName::kMaxLength + 1);

std::string whole_lines_of(int fd) {
  check(::lseek(fd, 0, SEEK_SET), "rewinding the mapped names");
  std::string text = read_rest(fd, kMaxFile, "the mapped names");
  text.resize(text.rfind('\n') + 1);  // npos + 1 is 0
  check(::ftruncate(fd, static_cast<off_t>(text.size())), "cutting the mapped names");
  check(::lseek(fd, 0, SEEK_END), "going to the end of the mapped names");
  return text;
}

void append_line(int fd, const std::string& line) {
  write_all(fd, line + "\n", "the mapped names");
}

}  // namespace

MappedAddresses restore_mapped_addresses(UniqueFd file) {
  const std::string text = whole_lines_of(file.get());
  const auto owned = std::make_shared<UniqueFd>(std::move(file));
  const auto keep = [owned](const policy::HostName& name) {
    append_line(owned->get(), name.text());
  };
  if (text.empty()) {
    const std::uint32_t first = std::random_device{}() % MappedAddresses::kPoolSize;
    append_line(owned->get(), std::to_string(first));
    return MappedAddresses(first, MappedAddresses::kDefaultCapacity, keep);
  }
  const auto lines = split(std::string_view(text).substr(0, text.size() - 1), '\n');
  const auto first = parse_number<std::uint32_t>(lines.front());
  verify(first.has_value(), "the mapped names begin with a number");
  std::vector<policy::HostName> known;
  for (std::size_t i = 1; i < lines.size(); ++i)
    known.push_back(policy::HostName::parse(lines[i]).or_refuse());
  return MappedAddresses(*first, MappedAddresses::kDefaultCapacity, keep, known);
}

}  // namespace awf::egress
