// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/StopStrings.h"
#include <algorithm>
#include <utility>

namespace llmc {

size_t findStop(std::string_view text,
                const std::vector<std::string> &strings) {
  size_t begin = std::string_view::npos, end = std::string_view::npos;
  for (const std::string &string : strings) {
    size_t at = text.find(string);
    if (at == std::string_view::npos)
      continue;
    size_t after = at + string.size();
    if (after < end || (after == end && at < begin)) {
      begin = at;
      end = after;
    }
  }
  return begin;
}

/// Bytes at the end of what is pending that begin one of the strings.
size_t StopStrings::heldBack() const {
  size_t held = 0;
  std::string_view pending = pending_;
  for (const std::string &string : strings_)
    for (size_t size = std::min(string.size() - 1, pending.size()); size > held;
         --size)
      if (pending.ends_with(std::string_view(string).substr(0, size)))
        held = size;
  return held;
}

std::string StopStrings::push(std::string_view piece) {
  if (strings_.empty())
    return std::string(piece);
  pending_ += piece;
  size_t certain = findStop(pending_, strings_);
  found_ = certain != std::string::npos;
  if (!found_)
    certain = pending_.size() - heldBack();
  std::string text = pending_.substr(0, certain);
  pending_.erase(0, found_ ? std::string::npos : certain);
  return text;
}

std::string StopStrings::finish() { return std::exchange(pending_, {}); }

} // namespace llmc
