// What the two head targets have in common: the fields of a head beside those that Boost.Beast
// read.
#pragma once

#include <algorithm>
#include <utility>

// <utility> has to come first (see net/asio.hpp).
#include <boost/beast/http/fields.hpp>
#include <string>
#include <vector>

#include "common/check.hpp"
#include "common/text.hpp"
#include "net/http_head.hpp"

namespace awf::fuzz {

// Beast keeps fields of one name together, so both lists are put in the order of their names.
inline void verify_same_fields(const std::vector<net::HeaderField>& fields,
                               const boost::beast::http::fields& other) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  Pairs ours;
  for (const auto& [name, value] : fields)
    ours.emplace_back(ascii_lower(name), value);
  Pairs theirs;
  for (const auto& field : other) {
    theirs.emplace_back(ascii_lower({field.name_string().data(), field.name_string().size()}),
                        std::string(field.value()));
  }
  for (Pairs* pairs : {&ours, &theirs}) {
    std::stable_sort(pairs->begin(), pairs->end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  verify(ours == theirs, "the same fields");
}

}  // namespace awf::fuzz
