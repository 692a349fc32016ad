// What awf-egress-proxy and awf-doh say to each other: one lookup a message, as text. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "net/resolver.hpp"

namespace awf::net {

struct LookupQuestion {
  std::uint32_t number;  // the asker's; comes back with the answer
  policy::HostName name;
};

struct LookupAnswer {
  std::uint32_t number;
  ResolveAnswer answer;
};

// "17 github.com".
std::string write_question(const LookupQuestion& question);
Result<LookupQuestion> read_question(std::string_view text);

// "17 ok 140.82.112.3 2606:50c0:8000::153", "17 no-such-name", "17 no-address",
// "17 timeout the DoH server did not answer", "17 failure HTTP status 503". At most
// kMaxAddressesPerName addresses; the detail is one line of printable ASCII.
std::string write_answer(const LookupAnswer& answer);
Result<LookupAnswer> read_answer(std::string_view text);

}  // namespace awf::net
