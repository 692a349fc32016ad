#include "redact/redactor.hpp"

#include <algorithm>
#include <cstring>

namespace awf::redact {

Redactor::Redactor(const Matcher& matcher) : matcher_(matcher) {}

char* Redactor::room_for(std::size_t size) {
  buffer_.grow_to(held_ + size);
  return buffer_.data() + held_;
}

void Redactor::put(std::size_t size, std::string& out) {
  const auto text = buffer_.reveal().substr(0, held_ + size);
  found_.clear();
  if (covered_ != 0) found_.push_back({0, covered_});
  matcher_.find(text, found_);
  sort_and_join();
  const std::size_t open = matcher_.open_suffix(text);
  held_ = text.size();
  write_until(open, out);
}

void Redactor::feed(std::string_view bytes, std::string& out) {
  if (bytes.empty()) return;
  std::memcpy(room_for(bytes.size()), bytes.data(), bytes.size());
  put(bytes.size(), out);
}

void Redactor::finish(std::string& out) {
  found_.clear();
  if (covered_ != 0) found_.push_back({0, covered_});
  matcher_.find(buffer_.reveal().substr(0, held_), found_);
  sort_and_join();
  write_until(held_, out);
}

// Afterwards they are in order and do not touch.
void Redactor::sort_and_join() {
  if (found_.empty()) return;
  std::sort(found_.begin(), found_.end(),
            [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
  std::size_t last = 0;
  for (std::size_t i = 1; i < found_.size(); ++i) {
    if (found_[i].begin <= found_[last].end) {
      found_[last].end = std::max(found_[last].end, found_[i].end);
    } else {
      found_[++last] = found_[i];
    }
  }
  found_.resize(last + 1);
}

// Writes the first `end` bytes of the buffer, hidden where found_ says so, and keeps the rest. An
// occurrence that began before `end` and reaches beyond is remembered in covered_; one that begins
// later is found again with the bytes to come.
void Redactor::write_until(std::size_t end, std::string& out) {
  if (end == 0) return;  // and what is covered stays so
  const char* const bytes = buffer_.data();
  std::size_t at = 0;
  covered_ = 0;
  for (const auto& hidden : found_) {
    if (hidden.begin >= end) break;
    if (hidden.begin > at) {
      out.append(bytes + at, hidden.begin - at);
      in_mask_ = false;
    }
    if (!in_mask_) out.append(kMask);
    in_mask_ = true;
    at = std::min(hidden.end, end);
    covered_ = hidden.end - at;
  }
  if (end > at) {
    out.append(bytes + at, end - at);
    in_mask_ = false;
  }
  held_ -= end;
  if (held_ != 0) std::memmove(buffer_.data(), bytes + end, held_);
}

std::string redacted(const Matcher& matcher, std::string_view text) {
  Redactor redactor(matcher);
  std::string out;
  redactor.feed(text, out);
  redactor.finish(out);
  return out;
}

}  // namespace awf::redact
