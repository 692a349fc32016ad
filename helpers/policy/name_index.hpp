// Finding the rules that cover a name without looking at the others. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/host_pattern.hpp"

namespace awf::policy {

using RuleNumber = std::uint32_t;

// Patterns under their fixed tail: whatever a pattern covers ends with that tail, so a name is
// looked up once for each of its labels, however many patterns there are. Only patterns without a
// tail ("ads*", legal in block lists alone) are tried one by one.
//
// A flat table instead of std::unordered_map, because a decision must cost the same for 100,000
// entries as for 10,000: a label that is not listed touches one slot of 8 bytes, one that is listed
// one candidate and its text beside it, where the map's nodes missed the cache several times each.
class NameIndex {
 public:
  void add(HostPattern pattern, RuleNumber rule);
  // To be called after the last add() and before the first visit_covering().
  void finish();

  // Calls visit(rule) for every rule that covers the canonical `name`, longest tail first, until it
  // returns true.
  template <typename Visitor>
  void visit_covering(std::string_view name, const Visitor& visit) const {
    std::array<Tail, kMaxLabels> tails;  // filled as far as `count`
    const std::size_t count = list_tails(name, tails);
    for (std::size_t i = 0; i < count; ++i) {
      for (const Candidate* at = find(tails[i]); at != nullptr; at = at->last ? nullptr : at + 1) {
        if (covers(*at, tails[i].text.size() == name.size(), name) && visit(at->rule)) return;
      }
    }
    for (const Entry& entry : tailless_) {
      if (entry.pattern.covers(name) && visit(entry.rule)) return;
    }
  }

 private:
  struct Entry {
    HostPattern pattern;
    RuleNumber rule;
  };
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Slot {
    std::uint32_t fingerprint = 0;
    std::uint32_t first = kNone;  // the first candidate with this tail
  };
  struct Candidate {
    std::uint32_t tail_start;  // in tails_
    std::uint32_t glob;        // in globs_, for that kind
    RuleNumber rule;
    std::uint8_t tail_size;
    HostPattern::Kind kind;
    bool last;  // of those with this tail
  };

  struct Tail {
    std::string_view text;
    std::uint64_t hash;
  };
  static constexpr std::size_t kMaxLabels = 127;  // of one byte and a dot, in 253 bytes

  // The name, the name without its first label, and so on, as far as any could be listed. Their
  // slots are on the way from memory together while the hashes are made, not one after another.
  std::size_t list_tails(std::string_view name, std::array<Tail, kMaxLabels>& tails) const noexcept;
  [[nodiscard]] const Candidate* find(const Tail& tail) const noexcept;
  [[nodiscard]] bool covers(const Candidate& candidate, bool whole_name,
                            std::string_view name) const noexcept {
    switch (candidate.kind) {
      case HostPattern::Kind::kTree:
        return true;
      case HostPattern::Kind::kExact:
        return whole_name;
      case HostPattern::Kind::kBelow:
        return !whole_name;
      case HostPattern::Kind::kGlob:
        break;
    }
    return !whole_name && globs_[candidate.glob].covers(name);
  }
  void append_candidate(Entry& entry, std::uint32_t tail_start);
  void fill_slots();

  std::vector<Entry> pending_;  // between add() and finish()
  std::vector<Slot> slots_;     // a power of two, at most half of them taken; linear probing
  std::vector<Candidate> candidates_;
  std::string tails_;
  std::vector<HostPattern> globs_;
  std::vector<Entry> tailless_;
  bool has_single_labels_ = false;
};

}  // namespace awf::policy
