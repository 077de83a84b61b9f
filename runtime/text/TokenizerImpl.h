// SPDX-License-Identifier: Apache-2.0
// The components of a Tokenizer and the buffers of one encode. Private to
// Tokenizer.cpp, Encoder.cpp and TokenBytes.cpp.
#ifndef LLMC_RUNTIME_TEXT_TOKENIZERIMPL_H
#define LLMC_RUNTIME_TEXT_TOKENIZERIMPL_H

#include "runtime/text/AddedTokens.h"
#include "runtime/text/Decoders.h"
#include "runtime/text/Models.h"
#include "runtime/text/Normalizers.h"
#include "runtime/text/PostProcessors.h"
#include "runtime/text/PreTokenizers.h"
#include "runtime/text/Tokenizer.h"
#include <mutex>

namespace llmc::text {

struct EncodeScratch {
  std::string repaired;
  CodePointIndex index;
  std::vector<Stretch> raw, normalized;
  AlignedText whole;
  PreTokenized words;
  ModelScratch model;
  std::vector<Token> tokens;
};

struct Tokenizer::Impl {
  NormalizerList normalizers;
  PreTokenizerList preTokenizers;
  std::unique_ptr<Model> model;
  AddedTokens added;
  PostProcessorList postProcessors;
  DecoderList decoders;
  Truncation truncation;
  Padding padding;
  bool needsBlanks = false;

  /// What encode() fills in. WholeIds are not truncated either.
  enum class Output { Encoding, Whole, Ids, WholeIds };

  Status load(std::string_view bytes);
  Result<Encoding> encode(std::span<const std::string_view> texts,
                          bool addSpecial, Output output) const;
  std::optional<std::string_view> tokenOf(uint32_t id) const;

private:
  std::unique_ptr<EncodeScratch> borrow() const;
  void giveBack(std::unique_ptr<EncodeScratch> scratch) const;

  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<EncodeScratch>> pool_;
};

} // namespace llmc::text

#endif
