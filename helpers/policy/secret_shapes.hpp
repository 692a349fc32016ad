// What secrets of well-known kinds look like in a text: prefixes that their issuers chose so that
// they can be found. Pure; finds nothing that has no such prefix.
#pragma once

#include <string_view>
#include <vector>

namespace awf::policy {

// The kinds that occur in `text` ("github-token", "private-key" …), each once, in the order of the
// table. Never the value. Linear in the length of `text` for each of some twenty prefixes.
std::vector<std::string_view> secret_kinds_in(std::string_view text);

}  // namespace awf::policy
