// Entries as they come from a command line or a file, each with the place it came from.
#include <optional>

#include "common/text.hpp"
#include "policy/egress_policy.hpp"

namespace awf::policy {
namespace {

constexpr std::size_t kMaxFileBytes = 1024UL * 1024;
constexpr std::size_t kMaxEntries = 100'000;

void append_entries(std::string_view text, const std::string& origin,
                    std::vector<SourceEntry>& entries) {
  for (const std::string_view piece : split(text, ',')) {
    const std::string_view entry = trimmed(piece);
    if (!entry.empty()) entries.push_back({std::string(entry), origin});
  }
}

// Control characters other than the tab are refused before a line is read further, in comments too:
// a NUL or an escape sequence in a policy is an accident or an attack.
std::optional<std::string> complaint_about_line(std::string_view line) {
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
      return "contains the control character " + quoted(std::string_view(&c, 1));
    }
  }
  return std::nullopt;
}

Error too_many(const std::string& where) {
  return Error{where + ": more than " + std::to_string(kMaxEntries) + " entries"};
}

}  // namespace

Result<std::vector<SourceEntry>> entries_from_option(std::string_view value,
                                                     std::string_view option) {
  const std::string origin(option);
  std::vector<SourceEntry> entries;
  append_entries(value, origin, entries);
  if (entries.empty()) return Error{origin + ": no entry in " + quoted(value)};
  if (entries.size() > kMaxEntries) return too_many(origin);
  return entries;
}

Result<std::vector<SourceEntry>> entries_from_file(std::string_view content,
                                                   std::string_view file_name) {
  const std::string file(file_name);
  if (content.size() > kMaxFileBytes) return Error{file + ": larger than 1 MiB"};
  std::vector<SourceEntry> entries;
  std::size_t number = 0;
  for (std::string_view line : split(content, '\n')) {
    const std::string origin = file + ":" + std::to_string(++number);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (auto complaint = complaint_about_line(line)) return Error{origin + ": " + *complaint};
    append_entries(line.substr(0, line.find('#')), origin, entries);
    if (entries.size() > kMaxEntries) return too_many(origin);
  }
  return entries;
}

}  // namespace awf::policy
