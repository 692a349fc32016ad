// Where in a text any form occurs: a table built once, read by any number of streams.
//
// Looking at every byte is what makes matchers slow. Every form is longer than a stride S by three
// or more, so of S+3 neighbouring bytes of it exactly one 4-byte piece begins at a multiple of S in
// the text, wherever the form lies. So it is enough to look at one piece every S bytes, and these
// looks do not depend on each other: the processor does several at once. Each is one multiplication
// and one bit of a table that fits into the cache; only where the bit is set are forms compared.
// Of each form the S+3 bytes are chosen whose pieces are rarest among all forms, so that a prefix
// which all tokens share ("ghp_") costs nothing.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "redact/forms.hpp"

namespace awf::redact {

struct Interval {
  std::size_t begin;
  std::size_t end;
};

// Immutable after construction; any number of threads may read it.
class Matcher {
 public:
  // `forms` is finished. None: nothing is ever found.
  explicit Matcher(Forms forms);

  // Appends every occurrence of every form that lies wholly in `text`; an occurrence that overlaps
  // the one appended before may be joined to it. In no particular order.
  void find(std::string_view text, std::vector<Interval>& found) const;

  // Where the longest suffix of `text` begins that is the beginning of a form, but not all of it;
  // text.size() when there is none.
  [[nodiscard]] std::size_t open_suffix(std::string_view text) const noexcept;

  [[nodiscard]] std::size_t longest() const noexcept { return longest_; }

 private:
  static constexpr std::size_t kPiece = 4;

  // A piece of a form's window: where the piece is, the form began `offset` bytes before.
  struct Entry {
    std::uint32_t piece;
    std::uint32_t form;
    std::uint32_t offset;
  };

  void choose_stride();
  void fill_beginnings();
  std::vector<Entry> windows_of_forms() const;
  void fill_tables(const std::vector<Entry>& entries);
  std::size_t rarest_window(std::string_view form, const std::vector<std::uint16_t>& counts) const;
  [[nodiscard]] std::uint32_t slot_of(std::uint32_t piece) const noexcept;
  void compare(std::string_view text, std::size_t at, std::uint32_t slot,
               std::vector<Interval>& found) const;
  [[nodiscard]] bool begins_a_form(std::string_view text) const noexcept;

  Forms forms_;
  std::size_t longest_ = 0;
  std::size_t stride_ = 1;
  unsigned shift_ = 0;                       // 32 - the number of a slot's bits
  std::vector<std::uint64_t> slot_is_used_;  // a bit a slot
  std::vector<std::uint32_t> first_entry_;   // of each group of slots, and the end
  std::vector<Entry> entries_;
  std::unique_ptr<std::bitset<65536>> two_bytes_begin_;
  std::bitset<256> one_byte_begins_;
};

}  // namespace awf::redact
