// SPDX-License-Identifier: Apache-2.0
// WordPiece (longest piece first, from the left) and WordLevel (whole words).
#include "runtime/text/Models.h"
#include "runtime/text/Utf8.h"

namespace llmc::text {

namespace {

Status unknownIsMissing(const std::string &unknown) {
  return badTokenizer("model", "the unknown token '" + unknown +
                                   "' is not in the vocabulary");
}

class WordPiece : public Model {
public:
  WordPiece(VocabularyData data, std::string unknown, const std::string &prefix,
            uint64_t maxCharacters)
      : Model(std::move(data)), unknown_(std::move(unknown)),
        unknownId_(vocabulary_.id(unknown_)), maxCharacters_(maxCharacters) {
    for (const VocabularyData::Piece &p : vocabulary_.data().pieces)
      trie_.add(vocabulary_.data().view(p.text), p.id);
    continuation_ = trie_.walk(prefix);
  }

  bool marksContinuations() const override { return true; }

  Status tokenize(std::string_view word, uint32_t base, std::vector<Token> &out,
                  ModelScratch &scratch) const override {
    if (word.size() > WordCache::maxBytes)
      return tokenizeUncached(word, base, out);
    WordCache::Entry &entry = scratch.cache.slot(word);
    if (WordCache::holds(entry, word)) {
      for (size_t i = 0; i < entry.count; ++i) {
        uint32_t end = base + entry.lengths[i];
        out.push_back({entry.ids[i], base, end});
        base = end;
      }
      return Status();
    }
    size_t first = out.size();
    if (Status s = tokenizeUncached(word, base, out); !s)
      return s;
    size_t count = out.size() - first;
    if (count > WordCache::maxPieces)
      return Status();
    entry.length = static_cast<uint8_t>(word.size());
    entry.count = static_cast<uint8_t>(count);
    word.copy(entry.word, word.size());
    for (size_t i = 0; i < count; ++i) {
      entry.ids[i] = out[first + i].id;
      entry.lengths[i] =
          static_cast<uint8_t>(out[first + i].end - out[first + i].begin);
    }
    return Status();
  }

private:
  Status tokenizeUncached(std::string_view word, uint32_t base,
                          std::vector<Token> &out) const {
    size_t first = out.size();
    bool known = word.size() <= maxCharacters_ ||
                 countCodePoints(word) <= maxCharacters_;
    size_t at = 0;
    while (known && at < word.size()) {
      uint32_t id = noId;
      size_t end = longestPiece(word, at, id);
      known = id != noId;
      if (known)
        out.push_back({id, base + static_cast<uint32_t>(at),
                       base + static_cast<uint32_t>(end)});
      at = end;
    }
    if (known)
      return Status();
    if (unknownId_ == noId)
      return unknownIsMissing(unknown_);
    out.resize(first);
    out.push_back(
        {unknownId_, base, base + static_cast<uint32_t>(word.size())});
    return Status();
  }

  size_t longestPiece(std::string_view word, size_t at, uint32_t &id) const {
    uint32_t node = at == 0 ? 0 : continuation_;
    size_t end = at;
    for (size_t i = at; i < word.size() && node != noId; ++i) {
      node = trie_.step(node, static_cast<unsigned char>(word[i]));
      if (node != noId && trie_.accepted(node) != noId) {
        id = trie_.accepted(node);
        end = i + 1;
      }
    }
    return end;
  }

  std::string unknown_;
  uint32_t unknownId_;
  uint64_t maxCharacters_;
  ByteTrie trie_;
  uint32_t continuation_; // the node that the subword prefix leads to
};

class WordLevel : public Model {
public:
  WordLevel(VocabularyData data, std::string unknown)
      : Model(std::move(data)), unknown_(std::move(unknown)),
        unknownId_(vocabulary_.id(unknown_)) {}

  Status tokenize(std::string_view word, uint32_t base, std::vector<Token> &out,
                  ModelScratch &) const override {
    uint32_t id = vocabulary_.id(word);
    if (id == noId)
      id = unknownId_;
    if (id == noId)
      return unknownIsMissing(unknown_);
    out.push_back({id, base, base + static_cast<uint32_t>(word.size())});
    return Status();
  }

private:
  std::string unknown_;
  uint32_t unknownId_;
};

void requireObject(FieldReader &fields, const VocabularyData &data) {
  if (!data.hasVocabulary)
    fields.fail("vocab is missing");
  else if (data.isList)
    fields.fail("vocab is a list; this model needs an object");
}

} // namespace

ModelResult loadWordPiece(FieldReader &fields, VocabularyData data) {
  std::string unknown = fields.string("unk_token", "[UNK]");
  std::string prefix = fields.string("continuing_subword_prefix", "##");
  uint64_t limit = fields.unsignedInteger("max_input_chars_per_word", 100);
  requireObject(fields, data);
  if (!fields.ok())
    return fields.takeStatus();
  return std::unique_ptr<Model>(
      std::make_unique<WordPiece>(std::move(data), unknown, prefix, limit));
}

ModelResult loadWordLevel(FieldReader &fields, VocabularyData data) {
  std::string unknown = fields.string("unk_token", "<unk>");
  requireObject(fields, data);
  if (!fields.ok())
    return fields.takeStatus();
  return std::unique_ptr<Model>(
      std::make_unique<WordLevel>(std::move(data), unknown));
}

} // namespace llmc::text
