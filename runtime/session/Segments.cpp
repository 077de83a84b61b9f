// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Segments.h"
#include <algorithm>

namespace llmc {

WindowSegments cutSegments(std::span<const uint32_t> tokens, uint32_t first,
                           int64_t length) {
  auto isTime = [&](size_t i) { return tokens[i] >= first; };
  auto time = [&](size_t i) {
    return std::min(length, int64_t{tokens[i]} - int64_t{first});
  };
  size_t count = tokens.size();
  bool endsWithOne =
      count > 0 && isTime(count - 1) && (count == 1 || !isTime(count - 2));
  std::vector<size_t> ends; // behind the first time of a pair
  for (size_t i = 1; i < count; ++i)
    if (isTime(i - 1) && isTime(i))
      ends.push_back(i);
  WindowSegments made{{}, length};
  if (ends.empty()) {
    TokenSegment all{0, length, tokens};
    for (size_t i = 0; i < count; ++i)
      if (isTime(i) && time(i) > 0)
        all.end = time(i);
    made.segments.push_back(all);
    return made;
  }
  if (endsWithOne)
    ends.push_back(count);
  size_t begin = 0;
  for (size_t end : ends) {
    auto piece = tokens.subspan(begin, end - begin);
    int64_t start = isTime(begin) ? time(begin) : 0;
    made.segments.push_back({start, time(end - 1), piece});
    begin = end;
  }
  // Nothing is gained from a window that begins where this one did.
  if (int64_t last = time(begin - 1); !endsWithOne && last > 0)
    made.next = last;
  return made;
}

} // namespace llmc
