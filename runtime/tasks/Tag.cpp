// SPDX-License-Identifier: Apache-2.0
#include "runtime/tasks/Tag.h"
#include <algorithm>
#include <iterator>

namespace llmc {

std::optional<Aggregation> aggregationFromName(std::string_view name) {
  constexpr std::string_view names[] = {"none", "simple", "first", "average",
                                        "max"};
  for (size_t i = 0; i < std::size(names); ++i)
    if (names[i] == name)
      return static_cast<Aggregation>(i);
  return std::nullopt;
}

namespace {

/// A token or a word.
struct Unit {
  std::vector<double> scores; // by class
  uint32_t start, end;
  bool goesOn; // with the word before it
};

size_t bestIndex(const std::vector<double> &scores) {
  return static_cast<size_t>(std::max_element(scores.begin(), scores.end()) -
                             scores.begin());
}

/// Whether token i goes on with the word of the one before it. Without marks in
/// the vocabulary, it does where no space stands between them.
bool goesOnWithWord(const text::Tokenizer &tokenizer,
                    const text::Encoding &encoding, size_t i,
                    std::string_view text) {
  if (tokenizer.marksContinuations())
    return i > 0 && !encoding.specialMask[i - 1] &&
           encoding.words[i] == encoding.words[i - 1];
  uint32_t start = encoding.offsets[i].begin;
  return start > 0 && charactersOf(text, start - 1, start + 1).find(' ') ==
                          std::string_view::npos;
}

std::vector<Unit> tokensOf(const TextModel &model,
                           const text::Encoding &encoding, const Logits &logits,
                           std::string_view text) {
  std::vector<Unit> units;
  for (size_t i = 0; i < encoding.size(); ++i)
    if (!encoding.specialMask[i])
      units.push_back({scoresOf(logits.row(i), Scoring::Softmax),
                       encoding.offsets[i].begin, encoding.offsets[i].end,
                       goesOnWithWord(model.tokenizer(), encoding, i, text)});
  return units;
}

/// The tokens of one word, [first, last], as one.
Unit join(std::span<const Unit> tokens, Aggregation aggregation) {
  Unit word = tokens.front();
  word.end = tokens.back().end;
  for (const Unit &token : tokens.subspan(1)) {
    if (aggregation == Aggregation::Max &&
        token.scores[bestIndex(token.scores)] >
            word.scores[bestIndex(word.scores)])
      word.scores = token.scores;
    for (size_t k = 0;
         aggregation == Aggregation::Average && k < word.scores.size(); ++k)
      word.scores[k] += token.scores[k];
  }
  for (double &score : word.scores)
    if (aggregation == Aggregation::Average)
      score /= static_cast<double>(tokens.size());
  return word;
}

std::vector<Unit> wordsOf(std::span<const Unit> tokens,
                          Aggregation aggregation) {
  std::vector<Unit> words;
  for (size_t begin = 0, end = 1; begin < tokens.size(); begin = end++) {
    while (end < tokens.size() && tokens[end].goesOn)
      ++end;
    words.push_back(join(tokens.subspan(begin, end - begin), aggregation));
  }
  return words;
}

/// "PER" of "B-PER"; `begins` tells of the "B-".
std::string_view kindOf(std::string_view label, bool &begins) {
  begins = label.starts_with("B-");
  return begins || label.starts_with("I-") ? label.substr(2) : label;
}

/// Adds what the units are, with the text between the first and the last.
std::vector<Finding> entitiesOf(const std::vector<Unit> &units,
                                const Labels &labels, bool grouped,
                                std::string_view text) {
  std::vector<Finding> found;
  std::string lastKind;
  size_t members = 0;
  auto finish = [&] {
    if (members == 0)
      return;
    Finding &last = found.back();
    last.score /= static_cast<double>(members);
    last.text = charactersOf(text, last.start, last.end);
    if (last.label == "O")
      found.pop_back();
  };
  for (const Unit &unit : units) {
    size_t best = bestIndex(unit.scores);
    std::string label = labels.nameOf(static_cast<int64_t>(best));
    bool begins = false;
    std::string kind(kindOf(label, begins));
    if (grouped && members > 0 && !begins && kind == lastKind) {
      found.back().end = unit.end;
      found.back().score += unit.scores[best];
      ++members;
      continue;
    }
    finish();
    found.push_back({.index = static_cast<int64_t>(best),
                     .label = grouped ? kind : label,
                     .score = unit.scores[best],
                     .start = unit.start,
                     .end = unit.end});
    lastKind = kind;
    members = 1;
  }
  finish();
  return found;
}

} // namespace

Result<std::vector<Finding>> tag(TextModel &model, std::string_view given,
                                 Aggregation aggregation) {
  std::string text = readable(given);
  auto encoding = model.encode(text);
  if (!encoding)
    return encoding.takeStatus();
  std::vector<int64_t> tokens(encoding->ids.begin(), encoding->ids.end());
  auto logits = model.run(tokens);
  if (!logits)
    return logits.takeStatus();
  if (logits->rows != tokens.size() || logits->classes == 0)
    return Status(Code::Unsupported, "the model labels no tokens");
  std::vector<Unit> units = tokensOf(model, *encoding, *logits, text);
  if (aggregation > Aggregation::Simple)
    units = wordsOf(units, aggregation);
  return entitiesOf(units, model.labels(), aggregation != Aggregation::None,
                    text);
}

} // namespace llmc
