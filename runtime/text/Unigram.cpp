// SPDX-License-Identifier: Apache-2.0
// Unigram (SentencePiece): the segmentation of the best total score, by
// Viterbi over the positions of a word.
#include "runtime/text/Models.h"
#include "runtime/text/Utf8.h"
#include <algorithm>

namespace llmc::text {

namespace {

class Unigram : public Model {
public:
  Unigram(VocabularyData data, uint32_t unknownId, bool byteFallback)
      : Model(std::move(data)), unknownId_(unknownId),
        byteFallback_(byteFallback) {
    const VocabularyData &v = vocabulary_.data();
    for (const VocabularyData::Piece &p : v.pieces)
      trie_.add(v.view(p.text), p.id);
    double least = 0;
    if (!v.scores.empty())
      least = *std::min_element(v.scores.begin(), v.scores.end());
    constexpr double penalty = 10;
    unknownScore_ = least - penalty;
    for (int b = 0; b < 256; ++b) {
      char code[8];
      std::snprintf(code, sizeof code, "<0x%02X>", b);
      fallback_[b] = vocabulary_.id(code);
    }
  }

  Status tokenize(std::string_view word, uint32_t base, std::vector<Token> &out,
                  ModelScratch &scratch) const override {
    if (!findPath(word, scratch.path))
      return badTokenizer("model", "a character is unknown and unk_id is "
                                   "missing");
    // Backwards along the path; runs of unknown characters become one piece.
    std::vector<Token> &pieces = scratch.tokens;
    pieces.clear();
    bool lastUnknown = false;
    for (auto end = static_cast<uint32_t>(word.size()); end > 0;) {
      const ModelScratch::PathNode &node = scratch.path[end];
      bool unknown = node.id == unknownId_;
      if (unknown && lastUnknown)
        pieces.back().begin = node.start;
      else
        pieces.push_back({node.id, node.start, end});
      lastUnknown = unknown;
      end = node.start;
    }
    for (size_t i = pieces.size(); i-- > 0;)
      if (!append(word, pieces[i], base, out))
        return badTokenizer("model", "a piece is unknown and unk_id is "
                                     "missing");
    return Status();
  }

private:
  static constexpr uint32_t unreached = 0xFFFFFFFF;

  bool findPath(std::string_view word,
                std::vector<ModelScratch::PathNode> &path) const {
    path.assign(word.size() + 1, {0.0, 0, unreached});
    const std::vector<double> &scores = vocabulary_.data().scores;
    for (uint32_t at = 0; at < word.size();) {
      double before = path[at].score;
      uint32_t size = sequenceLength(static_cast<unsigned char>(word[at]));
      bool single = false;
      auto offer = [&](uint32_t end, double score, uint32_t id) {
        ModelScratch::PathNode &target = path[end];
        if (target.start == unreached || score > target.score)
          target = {score, id, at};
      };
      uint32_t node = 0;
      for (uint32_t i = at; i < word.size(); ++i) {
        node = trie_.step(node, static_cast<unsigned char>(word[i]));
        if (node == noId)
          break;
        uint32_t id = trie_.accepted(node);
        if (id == noId)
          continue;
        offer(i + 1, scores[id] + before, id);
        single |= i + 1 - at == size;
      }
      if (!single) {
        ModelScratch::PathNode &target = path[at + size];
        double score = unknownScore_ + before;
        if (target.start == unreached || score > target.score) {
          if (unknownId_ == noId)
            return false;
          target = {score, unknownId_, at};
        }
      }
      at += size;
    }
    return true;
  }

  bool append(std::string_view word, const Token &piece, uint32_t base,
              std::vector<Token> &out) const {
    std::string_view text = word.substr(piece.begin, piece.end - piece.begin);
    uint32_t begin = base + piece.begin, end = base + piece.end;
    uint32_t id = vocabulary_.id(text);
    if (id == noId && byteFallback_ &&
        std::all_of(text.begin(), text.end(), [&](char c) {
          return fallback_[static_cast<unsigned char>(c)] != noId;
        })) {
      for (char c : text)
        out.push_back({fallback_[static_cast<unsigned char>(c)], begin, end});
      return true;
    }
    if (id == noId)
      id = unknownId_;
    out.push_back({id, begin, end});
    return id != noId;
  }

  uint32_t unknownId_;
  bool byteFallback_;
  double unknownScore_;
  ByteTrie trie_;
  uint32_t fallback_[256];
};

} // namespace

ModelResult loadUnigram(FieldReader &fields, VocabularyData data) {
  if (!data.hasVocabulary)
    fields.fail("vocab is missing");
  else if (!data.isList)
    fields.fail("vocab is an object; Unigram needs a list of [piece, score]");
  else if (data.pieces.empty())
    fields.fail("vocab is empty, but the unknown token is needed");
  bool hasUnknown = fields.find("unk_id") != nullptr;
  uint64_t unknown = fields.unsignedInteger("unk_id", 0);
  bool byteFallback = fields.flag("byte_fallback", false);
  if (hasUnknown && fields.ok() && unknown >= data.pieces.size())
    fields.fail("unk_id " + std::to_string(unknown) +
                " is beyond the vocabulary");
  if (!fields.ok())
    return fields.takeStatus();
  uint32_t unknownId = hasUnknown ? static_cast<uint32_t>(unknown) : noId;
  return std::unique_ptr<Model>(
      std::make_unique<Unigram>(std::move(data), unknownId, byteFallback));
}

} // namespace llmc::text
