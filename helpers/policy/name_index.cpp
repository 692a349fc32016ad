#include "policy/name_index.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace awf::policy {
namespace {

bool is_single_label(std::string_view tail) noexcept {
  return tail.find('.') == std::string_view::npos;
}

// The entries come from the owner of the policy, and what an attacker asks for is never inserted,
// so the hash need not resist collisions made on purpose.
std::uint64_t hash_of(std::string_view tail) noexcept {
  return std::hash<std::string_view>{}(tail);
}

std::uint32_t fingerprint_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash >> 32U);
}

}  // namespace

void NameIndex::add(HostPattern pattern, RuleNumber rule) {
  auto& list = pattern.fixed_tail().empty() ? tailless_ : pending_;
  list.push_back({std::move(pattern), rule});
}

void NameIndex::finish() {
  std::stable_sort(pending_.begin(), pending_.end(), [](const Entry& a, const Entry& b) {
    return a.pattern.fixed_tail() < b.pattern.fixed_tail();
  });
  std::string previous;  // a tail is never empty
  for (Entry& entry : pending_) {
    const std::string tail(entry.pattern.fixed_tail());
    const bool same = tail == previous;
    if (same) candidates_.back().last = false;
    const std::uint32_t start =
        same ? candidates_.back().tail_start : static_cast<std::uint32_t>(tails_.size());
    if (!same) tails_ += tail;
    if (is_single_label(tail)) has_single_labels_ = true;
    previous = tail;
    append_candidate(entry, start);
  }
  pending_.clear();
  pending_.shrink_to_fit();
  fill_slots();
}

void NameIndex::append_candidate(Entry& entry, std::uint32_t tail_start) {
  const HostPattern::Kind kind = entry.pattern.kind();
  const auto tail_size = static_cast<std::uint8_t>(entry.pattern.fixed_tail().size());
  auto glob = kNone;
  if (kind == HostPattern::Kind::kGlob) {
    glob = static_cast<std::uint32_t>(globs_.size());
    globs_.push_back(std::move(entry.pattern));
  }
  candidates_.push_back({tail_start, glob, entry.rule, tail_size, kind, true});
}

void NameIndex::fill_slots() {
  std::size_t size = 16;
  while (size < 2 * candidates_.size()) {
    size *= 2;
  }
  slots_.assign(size, {});
  bool first_of_tail = true;
  for (std::uint32_t i = 0; i < candidates_.size(); ++i) {
    const Candidate& candidate = candidates_[i];
    if (first_of_tail) {
      const std::string_view all = tails_;
      const std::uint64_t hash = hash_of(all.substr(candidate.tail_start, candidate.tail_size));
      std::size_t at = hash & (size - 1);
      while (slots_[at].first != kNone) {
        at = (at + 1) & (size - 1);
      }
      slots_[at] = {fingerprint_of(hash), i};
    }
    first_of_tail = candidate.last;
  }
}

std::size_t NameIndex::list_tails(std::string_view name,
                                  std::array<Tail, kMaxLabels>& tails) const noexcept {
  if (candidates_.empty()) return 0;
  std::size_t count = 0;
  while (count < tails.size()) {
    const auto dot = name.find('.');
    // Top-level names come with every name and are listed next to never.
    if (dot == std::string_view::npos && !has_single_labels_) break;
    const std::uint64_t hash = hash_of(name);
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
    tails[count++] = {name, hash};
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  return count;
}

const NameIndex::Candidate* NameIndex::find(const Tail& tail) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = tail.hash & mask; slots_[at].first != kNone; at = (at + 1) & mask) {
    if (slots_[at].fingerprint != fingerprint_of(tail.hash)) continue;
    const Candidate& candidate = candidates_[slots_[at].first];
    if (tail.text == std::string_view(tails_.data() + candidate.tail_start, candidate.tail_size)) {
      return &candidate;
    }
  }
  return nullptr;
}

}  // namespace awf::policy
