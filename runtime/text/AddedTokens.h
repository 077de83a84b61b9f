// SPDX-License-Identifier: Apache-2.0
// Tokens that are cut out of the text before the model sees it: matched
// leftmost-longest, either in the raw text or in the normalized one. Immutable
// after load.
#ifndef LLMC_RUNTIME_TEXT_ADDEDTOKENS_H
#define LLMC_RUNTIME_TEXT_ADDEDTOKENS_H

#include "runtime/text/FlatMap.h"
#include "runtime/text/Models.h"
#include "runtime/text/Normalizers.h"
#include <bitset>

namespace llmc::text {

struct AddedToken {
  std::string content;
  /// What decoding shows: the normalized content, if it is matched so.
  std::string shown;
  uint32_t id = noId;
  bool singleWord = false;
  bool stripLeft = false;
  bool stripRight = false;
  bool normalized = false;
  bool special = false;
};

/// A stretch of a text: an added token, or (token null) text for the model.
struct Stretch {
  uint32_t begin;
  uint32_t end;
  const AddedToken *token;
};

class AddedTokens {
public:
  Status load(const nlohmann::json &root, const Model &model,
              const NormalizerList &normalizers);

  bool matchesRaw() const { return raw_.any; }
  bool matchesNormalized() const { return normalized_.any; }
  /// Appends the stretches of `text`, which cover it; empty text gives none.
  void findRaw(std::string_view text, std::vector<Stretch> &out) const {
    find(raw_, text, out);
  }
  void findNormalized(std::string_view text, std::vector<Stretch> &out) const {
    find(normalized_, text, out);
  }

  const AddedToken *byId(uint32_t id) const;
  const AddedToken *byContent(std::string_view content) const;
  bool isSpecial(std::string_view shown) const {
    return specials_.get(shown) != noId;
  }
  const std::vector<AddedToken> &all() const { return tokens_; }

private:
  struct Matcher {
    ByteTrie trie;
    std::bitset<256> firstBytes;
    bool any = false;
    void add(std::string_view content, uint32_t index);
    /// The longest match at `at`: its index in tokens_ and its length.
    uint32_t match(std::string_view text, size_t at, size_t &length) const;
  };
  Status add(AddedToken token, const Model &model,
             const NormalizerList &normalizers, uint32_t &nextId);
  void find(const Matcher &matcher, std::string_view text,
            std::vector<Stretch> &out) const;

  std::vector<AddedToken> tokens_;
  StringMap byContent_;   // to the index in tokens_
  KeyMap<uint32_t> byId_; // to the index + 1
  StringMap specials_;
  Matcher raw_, normalized_;
};

} // namespace llmc::text

#endif
