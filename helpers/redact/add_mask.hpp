// The lines that make GitHub's runner hide the values too, wherever else they may appear.
#pragma once

#include <string_view>

#include "common/secret.hpp"

namespace awf::redact {

// "::add-mask::VALUE\n" with "%", carriage return and line feed as the runner unescapes them. Of a
// value of several lines the runner masks the whole and each line. Appended to locked memory, since
// these are the only lines of AWF in which a value stands.
void append_add_mask(Secret& out, std::string_view value);

}  // namespace awf::redact
