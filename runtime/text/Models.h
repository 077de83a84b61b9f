// SPDX-License-Identifier: Apache-2.0
// The models of tokenizer.json: from a word to pieces. Immutable after load;
// a caller brings its own scratch.
#ifndef LLMC_RUNTIME_TEXT_MODELS_H
#define LLMC_RUNTIME_TEXT_MODELS_H

#include "runtime/text/Vocabulary.h"
#include "runtime/text/WordCache.h"
#include <memory>

namespace llmc::text {

/// A piece of a word: bytes [begin, end) of the normalized text.
struct Token {
  uint32_t id;
  uint32_t begin;
  uint32_t end;
};

/// What one encode needs for itself; kept between uses.
struct ModelScratch {
  struct Symbol {
    uint32_t id;
    uint32_t length; // bytes of the word
  };
  std::vector<Symbol> symbols;
  std::vector<uint32_t> ranks, next, previous;
  std::vector<uint64_t> heap;
  std::string spelled; // a word in the byte-level alphabet
  std::string unit;    // a character with its prefix and suffix
  std::vector<Token> tokens;
  std::vector<uint32_t> positions;
  struct PathNode {
    double score;
    uint32_t id;
    uint32_t start;
  };
  std::vector<PathNode> path;
  WordCache cache;
};

class Model {
public:
  explicit Model(VocabularyData data) : vocabulary_(std::move(data)) {}
  virtual ~Model() = default;

  /// Appends the pieces of `word`, which begins at byte `base`.
  virtual Status tokenize(std::string_view word, uint32_t base,
                          std::vector<Token> &out,
                          ModelScratch &scratch) const = 0;
  /// True if the model took over spelling bytes in the byte-level alphabet.
  virtual bool readBytes() { return false; }
  /// Whether a piece that goes on with a word is spelled so ("##ing").
  virtual bool marksContinuations() const { return false; }
  const Vocabulary &vocabulary() const { return vocabulary_; }

protected:
  Vocabulary vocabulary_;
};

using ModelResult = Result<std::unique_ptr<Model>>;

/// `json` is the object `model` without vocabulary and merges.
ModelResult loadModel(const nlohmann::json &json, VocabularyData data);
ModelResult loadBpe(FieldReader &fields, VocabularyData data);
ModelResult loadWordPiece(FieldReader &fields, VocabularyData data);
ModelResult loadWordLevel(FieldReader &fields, VocabularyData data);
ModelResult loadUnigram(FieldReader &fields, VocabularyData data);

} // namespace llmc::text

#endif
