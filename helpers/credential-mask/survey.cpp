#include "credential-mask/survey.hpp"

#include <algorithm>

#include "credential-mask/hard_links.hpp"
#include "credential-mask/places.hpp"

namespace awf::mask {

Survey survey_host(const Options& options, const std::vector<Step>& plan) {
  Search search;
  search.homes = options.other_homes;
  if (!options.home.empty()) search.homes.push_back(options.home);
  search.relocations = options.relocations;
  search.known = options.known_hidden;
  search.more = options.hidden;
  search.needed = {"/bin", "/lib", "/usr", "/proc", options.programs, options.workspace};
  search.needed.erase(std::remove(search.needed.begin(), search.needed.end(), std::string()),
                      search.needed.end());
  Survey survey;
  const auto homes = homes_with_views(plan);
  survey.hidden = find_hidden_paths(search, homes);
  auto tops = search.homes;
  tops.erase(std::remove(tops.begin(), tops.end(), std::string("/")), tops.end());
  if (!options.workspace.empty()) tops.push_back(options.workspace);
  survey.linked = hide_hard_links(survey.hidden, tops, homes);
  for (const auto& step : plan) {
    if (step.action == Action::kPrivate && is_real_directory(step.target)) {
      survey.private_directories.push_back(step.target);
    }
  }
  return survey;
}

}  // namespace awf::mask
