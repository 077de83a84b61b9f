// SPDX-License-Identifier: Apache-2.0
#include "runtime/tasks/Answer.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace llmc {

namespace {

/// The question, a text and special tokens: [0, first) come before each part of
/// the text, whose tokens are [first, last), and [last, size) behind it.
struct Framed {
  text::Encoding encoding;
  size_t first = 0, last = 0;
  size_t frame() const { return encoding.size() - (last - first); }
};

Result<Framed> encode(const TextModel &model, std::string_view question,
                      std::string_view context) {
  auto both = model.tokenizer().encodeWholePair(question, context);
  auto alone = model.tokenizer().encodeWhole(context, false);
  if (!both || !alone)
    return both ? alone.takeStatus() : both.takeStatus();
  Framed framed{std::move(*both), 0, 0};
  framed.last = framed.encoding.size();
  while (framed.last > 0 && framed.encoding.specialMask[framed.last - 1])
    --framed.last;
  if (alone->empty() || alone->size() > framed.last)
    return Status(Code::BadInput, "the text has no token");
  framed.first = framed.last - alone->size();
  return framed;
}

/// A place for an answer: tokens of the whole encoding, the last one included.
struct Span {
  size_t start, end;
  double score;
  size_t windowBegin, windowEnd; // tokens that were read with it
};

class Reader {
public:
  Reader(TextModel &model, const Framed &framed, const AnswerOptions &options)
      : model_(model), framed_(framed), options_(options) {}

  /// Adds the best spans of the text's tokens [begin, end).
  Status read(size_t begin, size_t end, std::vector<Span> &spans);

private:
  Result<std::vector<double>> probabilities(std::string_view output,
                                            size_t count);
  void choose(const std::vector<double> &starts,
              const std::vector<double> &ends, size_t begin,
              std::vector<Span> &spans) const;

  TextModel &model_;
  const Framed &framed_;
  const AnswerOptions &options_;
  Buffer room_;
};

/// Of the text's tokens; all others but the first one of all, which stands for
/// "no answer", are out of question.
Result<std::vector<double>> Reader::probabilities(std::string_view output,
                                                  size_t count) {
  auto logits = model_.perToken(output, room_);
  if (!logits)
    return logits.takeStatus();
  std::vector<double> made{double{(*logits)[0]}};
  for (size_t i = 0; i < count; ++i)
    made.push_back((*logits)[framed_.first + i]);
  double largest = *std::max_element(made.begin(), made.end()), sum = 0;
  for (double &value : made)
    sum += value = std::exp(value - largest);
  for (double &value : made)
    value /= sum;
  made.erase(made.begin());
  return made;
}

void Reader::choose(const std::vector<double> &starts,
                    const std::vector<double> &ends, size_t begin,
                    std::vector<Span> &spans) const {
  // More than are asked for: some become one when they are widened to words.
  size_t before = spans.size(), kept = before + 2 * options_.count + 10;
  auto better = [](const Span &a, const Span &b) {
    return a.score != b.score
               ? a.score > b.score
               : std::pair(a.start, a.end) < std::pair(b.start, b.end);
  };
  for (size_t s = 0; s < starts.size(); ++s)
    for (size_t e = s; e < std::min(ends.size(), s + options_.longest); ++e) {
      Span span{begin + s, begin + e, starts[s] * ends[e], begin,
                begin + starts.size()};
      if (spans.size() == kept && !better(span, spans.back()))
        continue;
      auto from = spans.begin() + static_cast<ptrdiff_t>(before);
      spans.insert(std::upper_bound(from, spans.end(), span, better), span);
      spans.resize(std::min(spans.size(), kept));
    }
}

Status Reader::read(size_t begin, size_t end, std::vector<Span> &spans) {
  std::vector<int64_t> tokens, types;
  auto add = [&](size_t from, size_t to) {
    const text::Encoding &e = framed_.encoding;
    for (size_t i = from; i < to; ++i) {
      tokens.push_back(e.ids[i]);
      types.push_back(e.typeIds[i]);
    }
  };
  add(0, framed_.first);
  add(begin, end);
  add(framed_.last, framed_.encoding.size());
  if (auto logits = model_.run(tokens, types); !logits)
    return logits.takeStatus();
  auto starts = probabilities("start_logits", end - begin);
  auto ends = probabilities("end_logits", end - begin);
  if (!starts || !ends)
    return starts ? ends.takeStatus() : starts.takeStatus();
  choose(*starts, *ends, begin, spans);
  return Status();
}

/// To whole words, as far as the window has them.
Finding findingOf(const Span &span, const Framed &framed,
                  std::string_view context) {
  const text::Encoding &e = framed.encoding;
  size_t start = span.start, end = span.end;
  while (start > span.windowBegin && e.words[start - 1] == e.words[start])
    --start;
  while (end + 1 < span.windowEnd && e.words[end + 1] == e.words[end])
    ++end;
  Finding made{.score = span.score,
               .start = e.offsets[start].begin,
               .end = e.offsets[end].end};
  made.text = charactersOf(context, made.start, made.end);
  return made;
}

std::string lowered(std::string text) {
  for (char &c : text)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

std::vector<Finding> merge(const std::vector<Span> &spans, const Framed &framed,
                           std::string_view context, size_t count) {
  std::vector<Finding> made;
  for (const Span &span : spans) {
    Finding found = findingOf(span, framed, context);
    auto same = std::find_if(made.begin(), made.end(), [&](const Finding &f) {
      return lowered(f.text) == lowered(found.text);
    });
    if (same != made.end())
      same->score += found.score;
    else
      made.push_back(std::move(found));
  }
  std::sort(made.begin(), made.end(), [](const Finding &a, const Finding &b) {
    return a.score != b.score
               ? a.score > b.score
               : std::pair(a.start, a.end) < std::pair(b.start, b.end);
  });
  made.resize(std::min(made.size(), count));
  return made;
}

} // namespace

Result<std::vector<Finding>> answer(TextModel &model, std::string_view question,
                                    std::string_view given,
                                    const AnswerOptions &options) {
  constexpr size_t mostAnswers = 1024;
  if (options.count == 0 || options.count > mostAnswers || options.longest == 0)
    return Status(
        Code::BadInput,
        fmt::format("{} answers of up to {} tokens: at least one, and "
                    "at most {} answers",
                    options.count, options.longest, mostAnswers));
  std::string context = readable(given);
  auto framed = encode(model, question, context);
  if (!framed)
    return framed.takeStatus();
  size_t window = options.windowTokens;
  if (auto most = static_cast<size_t>(model.contextLength()); most > 0)
    window = std::min(window, most);
  if (framed->frame() >= window)
    return Status(Code::BadInput,
                  fmt::format("the question takes {} tokens of the {} that "
                              "there are with the text",
                              framed->frame(), window));
  size_t room = window - framed->frame();
  size_t stride = std::min({options.stride, window / 2, room - 1});
  Reader reader(model, *framed, options);
  std::vector<Span> spans;
  for (size_t begin = framed->first;; begin += room - stride) {
    size_t end = std::min(begin + room, framed->last);
    if (Status status = reader.read(begin, end, spans); !status)
      return status;
    if (end == framed->last)
      break;
  }
  return merge(spans, *framed, context, options.count);
}

} // namespace llmc
