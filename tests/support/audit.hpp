// What awf wrote about its decisions, as tests read it.
#pragma once

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/world.hpp"

namespace awf::test_world {

// The records of audit.jsonl; none when awf has not written the file.
inline std::vector<nlohmann::json> audit_records(const World& world,
                                                 const std::string& directory = kAuditDirectory) {
  std::vector<nlohmann::json> records;
  std::istringstream lines(world.file(directory + "/audit.jsonl").value_or(""));
  for (std::string line; std::getline(lines, line);)
    records.push_back(nlohmann::json::parse(line));
  return records;
}

// Those about one name ("verdict" is "allow" or "deny").
inline std::vector<nlohmann::json> audit_records_of(const World& world, std::string_view name,
                                                    std::string_view verdict) {
  std::vector<nlohmann::json> chosen;
  for (auto& record : audit_records(world)) {
    if (record["name"] == name && record["verdict"] == verdict) chosen.push_back(std::move(record));
  }
  return chosen;
}

}  // namespace awf::test_world
