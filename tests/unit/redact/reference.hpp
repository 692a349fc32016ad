// What the redactor must write, said in the shortest way: every byte that belongs to an occurrence
// of a form is hidden, each run of hidden bytes is one "***".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace awf::redact::test {

inline std::string reference(const std::vector<std::string>& forms, std::string_view text) {
  std::vector<bool> hidden(text.size());
  for (const auto& form : forms) {
    for (auto at = text.find(form); at != std::string_view::npos; at = text.find(form, at + 1)) {
      for (std::size_t i = at; i < at + form.size(); ++i)
        hidden[i] = true;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!hidden[i]) {
      out += text[i];
    } else if (i == 0 || !hidden[i - 1]) {
      out += "***";
    }
  }
  return out;
}

}  // namespace awf::redact::test
