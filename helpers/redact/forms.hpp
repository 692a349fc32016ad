// Every way in which a protected value is recognised. Pure; the bytes live in locked memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace awf::redact {

// The forms of any number of values: as it is; Base64 in three phases and two alphabets; hex;
// percent-encoded; escaped for JSON, for JSON within JSON, for a shell, for XML. Of a value of
// several lines also the forms of each line that is long enough by itself.
class Forms {
 public:
  // An error for a value shorter than policy::kShortestSecret: it would occur everywhere. The text
  // of the error holds no part of the value.
  [[nodiscard]] std::optional<Error> add(std::string_view value);

  // In the order of their bytes, none twice. Call after the last add and before any of these.
  void finish();
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
    return text_.reveal().substr(places_[index].begin, places_[index].length);
  }

 private:
  struct Place {
    std::uint32_t begin;
    std::uint32_t length;
  };
  template <typename Append>
  void add_form(Append append);
  void add_forms(std::string_view value);
  void add_json_forms(std::string_view value);

  Secret text_;
  std::vector<Place> places_;
};

}  // namespace awf::redact
