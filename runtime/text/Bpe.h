// SPDX-License-Identifier: Apache-2.0
// The BPE model; made by loadBpe. Immutable after load.
#ifndef LLMC_RUNTIME_TEXT_BPE_H
#define LLMC_RUNTIME_TEXT_BPE_H

#include "runtime/text/Models.h"

namespace llmc::text {

class Bpe : public Model {
public:
  struct Options {
    bool hasUnknown = false;
    std::string unknown;
    std::string prefix; // of every character but the first of a word
    std::string suffix; // of the last character of a word
    bool fuseUnknown = false;
    bool byteFallback = false;
    bool ignoreMerges = false;
  };

  Bpe(VocabularyData data, Options options)
      : Model(std::move(data)), options_(std::move(options)) {
    if (options_.hasUnknown)
      unknownId_ = vocabulary_.id(options_.unknown);
    loadFallback();
  }
  Status loadMerges();

  Status tokenize(std::string_view word, uint32_t base, std::vector<Token> &out,
                  ModelScratch &scratch) const override;
  bool readBytes() override;

private:
  struct Merge {
    uint32_t rank = noId;
    uint32_t id = noId;
  };
  enum Place { notFirst = 1, last = 2 };

  static uint64_t pairKey(uint32_t left, uint32_t right) {
    return uint64_t(left) << 32 | right;
  }
  Merge find(uint32_t left, uint32_t right) const {
    const Merge *m = merges_.get(pairKey(left, right));
    return m ? *m : Merge{};
  }
  void loadFallback();
  Status tokenizeUncached(std::string_view word, uint32_t base,
                          std::vector<Token> &out, ModelScratch &scratch) const;
  Status tokenizeSpelled(std::string_view word, uint32_t base,
                         std::vector<Token> &out, ModelScratch &scratch) const;
  bool startFromBytes(std::string_view word, ModelScratch &scratch) const;
  Status startFromCharacters(std::string_view word,
                             ModelScratch &scratch) const;
  std::string_view unitAt(std::string_view word, size_t at, uint32_t size,
                          ModelScratch &scratch) const;
  bool fallBack(std::string_view unit, ModelScratch &scratch) const;
  void merge(ModelScratch &scratch) const;
  void mergeShort(ModelScratch &scratch) const;
  void mergeLong(ModelScratch &scratch) const;

  Options options_;
  uint32_t unknownId_ = noId;
  KeyMap<Merge> merges_;
  uint32_t fallback_[256];   // <0xNN>
  uint32_t byteIds_[4][256]; // by Place
  bool readsBytes_ = false;
};

} // namespace llmc::text

#endif
