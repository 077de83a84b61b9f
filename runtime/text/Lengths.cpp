// SPDX-License-Identifier: Apache-2.0
// Truncation and padding.
#include "runtime/text/PostProcessors.h"
#include "runtime/text/TokenizerFile.h"
#include <algorithm>

namespace llmc::text {

using nlohmann::json;

static bool isLeft(FieldReader &fields) {
  std::string direction = fields.string("direction", "Right");
  if (direction != "Left" && direction != "Right")
    fields.fail("unknown direction '" + direction + "'");
  return direction == "Left";
}

Result<Truncation> loadTruncation(const json &root) {
  Truncation t;
  auto it = root.find("truncation");
  if (it == root.end() || it->is_null())
    return t;
  if (!it->is_object())
    return badTokenizer("truncation", "not an object");
  FieldReader fields(*it, "truncation");
  t.active = true;
  t.maxLength = fields.unsignedInteger("max_length", {}, ~uint64_t(0));
  t.left = isLeft(fields);
  fields.unsignedInteger("stride", 0, ~uint64_t(0));
  std::string strategy = fields.string("strategy", "LongestFirst");
  if (strategy == "OnlyFirst")
    t.strategy = Truncation::OnlyFirst;
  else if (strategy == "OnlySecond")
    t.strategy = Truncation::OnlySecond;
  else if (strategy != "LongestFirst")
    fields.fail("unknown strategy '" + strategy + "'");
  if (!fields.ok())
    return fields.takeStatus();
  return t;
}

Result<Padding> loadPadding(const json &root) {
  Padding p;
  auto it = root.find("padding");
  if (it == root.end() || it->is_null())
    return p;
  if (!it->is_object())
    return badTokenizer("padding", "not an object");
  FieldReader fields(*it, "padding");
  constexpr uint64_t longest = uint64_t(1) << 24;
  p.active = true;
  p.left = isLeft(fields);
  p.id = static_cast<uint32_t>(fields.unsignedInteger("pad_id", 0));
  p.typeId = static_cast<uint32_t>(fields.unsignedInteger("pad_type_id", 0));
  p.multipleOf = fields.unsignedInteger("pad_to_multiple_of", 0, longest);
  const json *strategy = fields.find("strategy");
  if (strategy && strategy->is_object() && strategy->contains("Fixed")) {
    FieldReader fixed(*strategy, "padding");
    p.fixedLength = fixed.unsignedInteger("Fixed", {}, longest);
    if (!fixed.ok())
      return fixed.takeStatus();
  } else if (strategy && *strategy != "BatchLongest") {
    fields.fail("unknown strategy " + strategy->dump());
  }
  if (!fields.ok())
    return fields.takeStatus();
  return p;
}

static void cut(Sequence &s, size_t length, bool left) {
  size_t size = s.encoding.size();
  if (length >= size)
    return;
  auto keep = [&](auto &v) {
    if (v.empty())
      return;
    if (left)
      v.erase(v.begin(), v.end() - length);
    else
      v.resize(length);
  };
  keep(s.encoding.ids);
  keep(s.encoding.offsets);
  keep(s.encoding.typeIds);
  keep(s.encoding.words);
  keep(s.encoding.specialMask);
  keep(s.encoding.attentionMask);
  keep(s.blanks);
}

Status truncate(std::vector<Sequence> &sequences, const Truncation &t,
                size_t maxLength) {
  size_t total = 0;
  for (const Sequence &s : sequences)
    total += s.encoding.size();
  if (total <= maxLength)
    return Status();
  if (maxLength == 0) {
    for (Sequence &s : sequences)
      cut(s, 0, t.left);
    return Status();
  }
  if (t.strategy != Truncation::LongestFirst) {
    size_t which = t.strategy == Truncation::OnlySecond;
    if (which >= sequences.size())
      return badTokenizer("truncation", "there is no second text to cut");
    size_t size = sequences[which].encoding.size();
    if (size <= total - maxLength)
      return badTokenizer("truncation", "the text to cut is too short");
    cut(sequences[which], size - (total - maxLength), t.left);
    return Status();
  }
  if (sequences.size() < 2) {
    cut(sequences[0], maxLength, t.left);
    return Status();
  }
  size_t first = sequences[0].encoding.size();
  size_t second = sequences[1].encoding.size();
  bool swapped = first > second;
  if (swapped)
    std::swap(first, second);
  second = first > maxLength ? first : std::max(first, maxLength - first);
  if (first + second > maxLength) {
    first = maxLength / 2;
    second = first + maxLength % 2;
  }
  if (swapped)
    std::swap(first, second);
  cut(sequences[0], first, t.left);
  cut(sequences[1], second, t.left);
  return Status();
}

void pad(Encoding &e, const Padding &p) {
  size_t length = p.fixedLength ? p.fixedLength : e.size();
  if (p.multipleOf > 0 && length % p.multipleOf > 0)
    length += p.multipleOf - length % p.multipleOf;
  if (length <= e.size())
    return;
  size_t count = length - e.size();
  auto fill = [&](auto &v, auto value) {
    v.insert(p.left ? v.begin() : v.end(), count, value);
  };
  fill(e.ids, p.id);
  fill(e.offsets, Offset{0, 0});
  fill(e.typeIds, p.typeId);
  fill(e.words, noWord);
  fill(e.specialMask, uint8_t(1));
  fill(e.attentionMask, uint8_t(0));
}

} // namespace llmc::text
