// SPDX-License-Identifier: Apache-2.0
// The normalizers of tokenizer.json. A sequence is a flat list that the
// tokenizer applies in order; each is immutable after load.
#ifndef LLMC_RUNTIME_TEXT_NORMALIZERS_H
#define LLMC_RUNTIME_TEXT_NORMALIZERS_H

#include "runtime/core/Status.h"
#include "runtime/text/AlignedText.h"
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

namespace llmc::text {

class Normalizer {
public:
  virtual ~Normalizer() = default;
  virtual Status apply(AlignedText &text) const = 0;
};

using NormalizerList = std::vector<std::unique_ptr<Normalizer>>;

/// Appends the normalizer(s) that `json` describes; `where` names it.
Status loadNormalizer(const nlohmann::json &json, const std::string &where,
                      NormalizerList &out);

/// Canonical or compatibility forms (Unicode Standard Annex 15), with the
/// data of the Unicode versions that the `tokenizers` package has.
class NormalForm : public Normalizer {
public:
  NormalForm(bool compatible, bool compose)
      : compatible_(compatible), compose_(compose) {}
  Status apply(AlignedText &text) const override;

private:
  bool compatible_;
  bool compose_;
};

/// The full decomposition of one character; at most 32 code points.
struct Decomposition {
  int32_t codePoints[32];
  int count;
};
Decomposition decompose(char32_t c, bool compatible);
uint8_t combiningClass(char32_t c);

std::unique_ptr<Normalizer> makeBertNormalizer(bool cleanText, bool chinese,
                                               bool stripAccents,
                                               bool lowercase);

/// SentencePiece's compiled character map: base64 of a trie and its strings.
Status loadPrecompiled(const std::string &base64, const std::string &where,
                       NormalizerList &out);

} // namespace llmc::text

#endif
