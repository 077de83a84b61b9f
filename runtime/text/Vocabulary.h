// SPDX-License-Identifier: Apache-2.0
// Pieces and their ids, both ways. Built once by a model, then read by any
// thread; owns the text.
#ifndef LLMC_RUNTIME_TEXT_VOCABULARY_H
#define LLMC_RUNTIME_TEXT_VOCABULARY_H

#include "runtime/text/FlatMap.h"
#include "runtime/text/TokenizerFile.h"

namespace llmc::text {

class Vocabulary {
public:
  explicit Vocabulary(VocabularyData data);

  uint32_t id(std::string_view piece) const { return ids_.get(piece); }
  /// Empty, with `known` false, for an id that has no piece.
  std::string_view piece(uint32_t id, bool &known) const;
  /// Number of pieces; ids may be larger.
  size_t size() const { return ids_.size(); }
  uint32_t largestId() const { return largestId_; }
  const VocabularyData &data() const { return data_; }
  /// Merges are read once and then dropped.
  VocabularyData &data() { return data_; }

private:
  VocabularyData data_;
  StringMap ids_;
  std::vector<ArenaString> dense_; // by id
  KeyMap<ArenaString> sparse_;     // where ids are far apart
  uint32_t largestId_ = 0;
};

} // namespace llmc::text

#endif
