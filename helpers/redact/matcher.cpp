#include "redact/matcher.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace awf::redact {
namespace {

// A longer stride means fewer looks and more pieces in the table; README.md has the figures.
constexpr std::size_t kLongestStride = 8;
constexpr std::uint32_t kMultiplier = 0x9E3779B1U;  // 2^32 / golden ratio, odd: spreads all bits
constexpr unsigned kBitsOfWord = 6;
// Slots that share one place in the list of entries: the list is read seldom, the bits always.
constexpr unsigned kBitsOfGroup = 3;
constexpr std::size_t kSlotsPerEntry = 16;
constexpr unsigned kFewestSlotBits = 12;
constexpr unsigned kMostSlotBits = 22;

std::uint32_t load_piece(const char* at) noexcept {
  std::uint32_t piece;
  std::memcpy(&piece, at, sizeof piece);
  return piece;
}

unsigned load_two(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned>(static_cast<unsigned char>(text[at])) << 8U |
         static_cast<unsigned char>(text[at + 1]);
}

std::uint32_t small_hash(std::uint32_t piece) noexcept {
  return piece * kMultiplier >> 16U;
}

}  // namespace

Matcher::Matcher(Forms forms) : forms_(std::move(forms)) {
  two_bytes_begin_ = std::make_unique<std::bitset<65536>>();
  choose_stride();
  fill_beginnings();
  fill_tables(windows_of_forms());
}

void Matcher::choose_stride() {
  std::size_t shortest = std::numeric_limits<std::size_t>::max();
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    shortest = std::min(shortest, forms_[i].size());
    longest_ = std::max(longest_, forms_[i].size());
  }
  stride_ = std::min(kLongestStride, shortest - (kPiece - 1));
}

void Matcher::fill_beginnings() {
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    const auto form = forms_[i];
    one_byte_begins_.set(static_cast<unsigned char>(form[0]));
    two_bytes_begin_->set(load_two(form, 0));
  }
}

std::size_t Matcher::rarest_window(std::string_view form,
                                   const std::vector<std::uint16_t>& counts) const {
  const std::size_t last = form.size() - (stride_ + kPiece - 1);
  std::size_t best = 0;
  std::uint64_t best_weight = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t begin = 0; begin <= last; ++begin) {
    std::uint64_t weight = 0;
    for (std::size_t i = 0; i < stride_; ++i) {
      weight += counts[small_hash(load_piece(form.data() + begin + i))];
    }
    if (weight < best_weight) {
      best_weight = weight;
      best = begin;
    }
  }
  return best;
}

std::vector<Matcher::Entry> Matcher::windows_of_forms() const {
  std::vector<std::uint16_t> counts(std::size_t{1} << 16U);
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    const auto form = forms_[i];
    for (std::size_t at = 0; at + kPiece <= form.size(); ++at) {
      auto& count = counts[small_hash(load_piece(form.data() + at))];
      if (count != std::numeric_limits<std::uint16_t>::max()) ++count;
    }
  }
  std::vector<Entry> entries;
  entries.reserve(forms_.size() * stride_);
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    const auto form = forms_[i];
    const std::size_t window = rarest_window(form, counts);
    for (std::size_t offset = window; offset < window + stride_; ++offset) {
      entries.push_back({load_piece(form.data() + offset), static_cast<std::uint32_t>(i),
                         static_cast<std::uint32_t>(offset)});
    }
  }
  return entries;
}

std::uint32_t Matcher::slot_of(std::uint32_t piece) const noexcept {
  return piece * kMultiplier >> shift_;
}

// Entries in the order of their groups, so that a group is a range (a counting sort).
void Matcher::fill_tables(const std::vector<Entry>& entries) {
  unsigned bits = kFewestSlotBits;
  while (bits < kMostSlotBits && (std::size_t{1} << bits) < kSlotsPerEntry * entries.size())
    ++bits;
  shift_ = 32U - bits;
  slot_is_used_.assign((std::size_t{1} << bits) >> kBitsOfWord, 0);
  first_entry_.assign((std::size_t{1} << (bits - kBitsOfGroup)) + 1, 0);
  for (const auto& entry : entries) {
    const auto slot = slot_of(entry.piece);
    slot_is_used_[slot >> kBitsOfWord] |= std::uint64_t{1} << (slot & 63U);
    ++first_entry_[(slot >> kBitsOfGroup) + 1];
  }
  for (std::size_t i = 1; i < first_entry_.size(); ++i)
    first_entry_[i] += first_entry_[i - 1];
  entries_.resize(entries.size());
  auto next = first_entry_;
  for (const auto& entry : entries)
    entries_[next[slot_of(entry.piece) >> kBitsOfGroup]++] = entry;
}

void Matcher::compare(std::string_view text, std::size_t at, std::uint32_t slot,
                      std::vector<Interval>& found) const {
  const std::uint32_t piece = load_piece(text.data() + at);
  const std::uint32_t end = first_entry_[(slot >> kBitsOfGroup) + 1];
  for (std::uint32_t i = first_entry_[slot >> kBitsOfGroup]; i < end; ++i) {
    const Entry& entry = entries_[i];
    if (entry.piece != piece || entry.offset > at) continue;
    const std::size_t begin = at - entry.offset;
    const auto form = forms_[entry.form];
    if (text.size() - begin < form.size()) continue;
    if (std::memcmp(text.data() + begin, form.data(), form.size()) != 0) continue;
    const std::size_t form_end = begin + form.size();
    if (!found.empty() && begin >= found.back().begin && begin <= found.back().end) {
      found.back().end = std::max(found.back().end, form_end);
    } else {
      found.push_back({begin, form_end});
    }
  }
}

void Matcher::find(std::string_view text, std::vector<Interval>& found) const {
  if (entries_.empty() || text.size() < kPiece) return;
  const std::size_t last = text.size() - kPiece;
  const std::size_t stride = stride_;
  const unsigned shift = shift_;
  const char* const bytes = text.data();
  const std::uint64_t* const used = slot_is_used_.data();
  for (std::size_t at = 0; at <= last; at += stride) {
    const std::uint32_t slot = load_piece(bytes + at) * kMultiplier >> shift;
    if ((used[slot >> kBitsOfWord] >> (slot & 63U) & 1U) != 0) compare(text, at, slot, found);
  }
}

// Forms that begin with `text` stand together in their order, the first of them not before it.
bool Matcher::begins_a_form(std::string_view text) const noexcept {
  std::size_t low = 0;
  std::size_t high = forms_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (forms_[middle] < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < forms_.size() && forms_[low] == text) ++low;
  return low < forms_.size() && forms_[low].substr(0, text.size()) == text;
}

std::size_t Matcher::open_suffix(std::string_view text) const noexcept {
  if (text.empty() || longest_ == 0) return text.size();
  std::size_t at = text.size() < longest_ ? 0 : text.size() - (longest_ - 1);
  for (; at + 1 < text.size(); ++at) {
    if (two_bytes_begin_->test(load_two(text, at)) && begins_a_form(text.substr(at))) return at;
  }
  return one_byte_begins_.test(static_cast<unsigned char>(text[at])) ? at : text.size();
}

}  // namespace awf::redact
