// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/Vocabulary.h"
#include <algorithm>

namespace llmc::text {

static constexpr uint32_t absent = 0xFFFFFFFF;

Vocabulary::Vocabulary(VocabularyData data) : data_(std::move(data)) {
  for (const VocabularyData::Piece &p : data_.pieces)
    largestId_ = std::max(largestId_, p.id);
  bool dense = largestId_ < data_.pieces.size() * 4 + 65536;
  if (dense && !data_.pieces.empty())
    dense_.assign(size_t(largestId_) + 1, ArenaString{absent, 0});
  for (const VocabularyData::Piece &p : data_.pieces) {
    ids_.set(data_.view(p.text), p.id);
    if (dense)
      dense_[p.id] = p.text;
    else
      sparse_[p.id] = p.text;
  }
}

std::string_view Vocabulary::piece(uint32_t id, bool &known) const {
  known = false;
  if (!dense_.empty()) {
    if (id >= dense_.size() || dense_[id].offset == absent)
      return {};
    known = true;
    return data_.view(dense_[id]);
  }
  const ArenaString *text = sparse_.get(id);
  known = text != nullptr;
  return text ? data_.view(*text) : std::string_view();
}

} // namespace llmc::text
