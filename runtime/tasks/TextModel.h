// SPDX-License-Identifier: Apache-2.0
// A model that says something about a text, with its tokenizer and labels: what
// the tasks of this room run. One thread at a time.
#ifndef LLMC_RUNTIME_TASKS_TEXTMODEL_H
#define LLMC_RUNTIME_TASKS_TEXTMODEL_H

#include "runtime/session/Encoder.h"
#include "runtime/tasks/Labels.h"
#include "runtime/text/Tokenizer.h"
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llmc {

/// Something found in a text, or said of all of it.
struct Finding {
  int64_t index = -1;     // of the class or token; -1: none
  std::string label = {}; // its name
  double score = 0;
  uint32_t start = 0, end = 0; // characters of the text
  std::string text = {};       // these characters, or a token's
};

/// Scores by position and class, [rows, classes].
struct Logits {
  std::span<const float> values;
  size_t rows = 0, classes = 0;
  std::span<const float> row(size_t i) const {
    return values.subspan(i * classes, classes);
  }
};

class TextModel {
public:
  /// The artifact's model of that name, or its first that takes a text alone.
  static Result<std::unique_ptr<TextModel>>
  create(std::shared_ptr<const Model> model, const std::string &name,
         std::shared_ptr<const text::Tokenizer> tokenizer);

  const text::Tokenizer &tokenizer() const { return *tokenizer_; }
  const Labels &labels() const { return labels_; }
  Encoder &encoder() { return *encoder_; }
  /// Tokens that it takes at once; 0: not known.
  int64_t contextLength() const { return contextLength_; }

  /// All of a text; BadInput where the model does not take so much.
  Result<text::Encoding> encode(std::string_view text) const;
  /// One row for each of these tokens, or one for all, by the output of this
  /// role or name; valid until the next call.
  Result<Logits> run(std::span<const int64_t> tokens,
                     std::span<const int64_t> types = {});
  /// An output of the last run, of one number for each token.
  Result<std::span<const float>> perToken(std::string_view output,
                                          Buffer &room) const;

private:
  explicit TextModel(const Artifact &artifact) : labels_(artifact) {}

  std::shared_ptr<const text::Tokenizer> tokenizer_;
  Labels labels_;
  std::unique_ptr<Encoder> encoder_;
  int64_t contextLength_ = 0;
  size_t tokens_ = 0; // of the last run
  Buffer room_;
};

/// Scores of one row of logits.
std::vector<double> scoresOf(std::span<const float> logits, Scoring scoring);
/// The indices of the best `count`, the best first.
std::vector<size_t> bestOf(std::span<const double> scores, size_t count);
/// The characters [begin, end) of a valid UTF-8 text.
std::string_view charactersOf(std::string_view text, uint32_t begin,
                              uint32_t end);
/// With U+FFFD for what is no UTF-8, as tokenizers read it.
std::string readable(std::string_view text);

} // namespace llmc

#endif
