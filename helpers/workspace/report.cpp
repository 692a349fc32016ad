#include "workspace/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/message_channel.hpp"

namespace awf::workspace {
namespace {

using Json = nlohmann::ordered_json;

Json begin(const std::string& directory, bool complete) {
  Json report;
  report["schema"] = "awf-workspace/1";
  report["version"] = 1;
  report["directory"] = directory;
  report["complete"] = complete;
  return report;
}

std::string text_of(const Json& json) {
  return json.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string as_json(const Findings& findings, const SecretScan* scan) {
  Json report = begin(findings.directory, true);
  report["changedExecutablesComplete"] = findings.snapshots_complete;
  Json changes = Json::array();
  for (const auto& change : findings.changes) {
    Json entry = {{"path", change.path}, {"change", change.what}, {"runBy", change.run_by}};
    if (change.undone) entry["undone"] = true;
    changes.push_back(std::move(entry));
  }
  report["changedExecutables"] = std::move(changes);
  if (scan != nullptr) {
    report["secretScan"] = {
        {"files", scan->files()}, {"bytes", scan->bytes()}, {"complete", scan->complete()}};
    Json secrets = Json::array();
    for (const auto& file : scan->found())
      secrets.push_back({{"path", file.path}, {"kinds", file.kinds}});
    report["secrets"] = std::move(secrets);
  }
  return text_of(report);
}

std::string unfinished_json(const std::string& directory) {
  return text_of(begin(directory, false));
}

std::string as_message(const Findings& findings, const SecretScan* scan) {
  std::string text = "finished " + std::to_string(scan == nullptr ? 0 : scan->found().size()) +
                     " " + std::to_string(findings.changes.size());
  for (const auto& change : findings.changes) {
    // A line end in a name would look like another path.
    std::string line = "\n" + change.path;
    std::replace(line.begin() + 1, line.end(), '\n', '?');
    if (text.size() + line.size() > MessageChannel::kMaxText) break;
    text += line;
  }
  return text;
}

}  // namespace awf::workspace
