#include "redact/add_mask.hpp"

namespace awf::redact {

void append_add_mask(Secret& out, std::string_view value) {
  out.append("::add-mask::");
  for (const char c : value) {
    switch (c) {
      case '%':
        out.append("%25");
        break;
      case '\r':
        out.append("%0D");
        break;
      case '\n':
        out.append("%0A");
        break;
      default:
        out.append(c);
    }
  }
  out.append('\n');
}

}  // namespace awf::redact
