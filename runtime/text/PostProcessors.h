// SPDX-License-Identifier: Apache-2.0
// The post-processors of tokenizer.json (special tokens around one or two
// sequences, offsets without white space), truncation and padding. Immutable
// after load.
#ifndef LLMC_RUNTIME_TEXT_POSTPROCESSORS_H
#define LLMC_RUNTIME_TEXT_POSTPROCESSORS_H

#include "runtime/core/Status.h"
#include "runtime/text/Encoding.h"
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace llmc::text {

/// White space at the ends of a token's text, in characters.
struct Blanks {
  uint16_t leading;
  uint16_t trailing;
};
Blanks countBlanks(std::string_view token);

/// One sequence on its way through the post-processors.
struct Sequence {
  Encoding encoding;
  std::vector<Blanks> blanks; // per token, if a post-processor asks for them
};

class PostProcessor {
public:
  virtual ~PostProcessor() = default;
  virtual Status apply(std::vector<Sequence> &sequences,
                       bool addSpecial) const = 0;
  virtual size_t addedTokens(bool pair) const { return 0; }
  virtual bool needsBlanks() const { return false; }
};

using PostProcessorList = std::vector<std::unique_ptr<PostProcessor>>;

Status loadPostProcessor(const nlohmann::json &json, const std::string &where,
                         PostProcessorList &out);

struct Truncation {
  enum Strategy { LongestFirst, OnlyFirst, OnlySecond };
  bool active = false;
  size_t maxLength = 0;
  Strategy strategy = LongestFirst;
  bool left = false;
};
Result<Truncation> loadTruncation(const nlohmann::json &root);
/// To `maxLength` tokens in all.
Status truncate(std::vector<Sequence> &sequences, const Truncation &truncation,
                size_t maxLength);

struct Padding {
  bool active = false;
  size_t fixedLength = 0; // 0: as long as the text
  size_t multipleOf = 0;  // 0: any
  bool left = false;
  uint32_t id = 0;
  uint32_t typeId = 0;
};
Result<Padding> loadPadding(const nlohmann::json &root);
void pad(Encoding &encoding, const Padding &padding);

/// Appends `more` to `encoding`.
void append(Encoding &encoding, Encoding &&more);

} // namespace llmc::text

#endif
