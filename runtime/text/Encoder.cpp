// SPDX-License-Identifier: Apache-2.0
// The way of a text through a tokenizer: added tokens, normalizers,
// pre-tokenizers, model, post-processors.
#include "runtime/text/TokenizerImpl.h"
#include <algorithm>

namespace llmc::text {

namespace {

/// Encodes one text; collects ids and, unless `idsOnly`, the rest.
class SequenceEncoder {
public:
  SequenceEncoder(const Tokenizer::Impl &tokenizer, std::string_view text,
                  bool idsOnly, EncodeScratch &scratch, Sequence &out);
  Status run();

private:
  Status stretch(const Stretch &raw);
  Status words();
  void addedToken(const AddedToken &token, Span span, std::string_view slice);
  Status normalize(AlignedText &text) const;
  Offset offset(Span span);

  const NormalizerList &normalizers_;
  const PreTokenizerList &preTokenizers_;
  const AddedTokens &added_;
  const Model &model_;
  const std::string_view text_;
  const bool idsOnly_, blanks_;
  EncodeScratch &scratch_;
  Sequence &out_;
  uint32_t word_ = 0; // the next one's number
};

Status tooLong() {
  return Status(Code::Resource,
                "a text grows past 1 GiB while it is normalized");
}

SequenceEncoder::SequenceEncoder(const Tokenizer::Impl &tokenizer,
                                 std::string_view text, bool idsOnly,
                                 EncodeScratch &scratch, Sequence &out)
    : normalizers_(tokenizer.normalizers),
      preTokenizers_(tokenizer.preTokenizers), added_(tokenizer.added),
      model_(*tokenizer.model), text_(text), idsOnly_(idsOnly),
      blanks_(tokenizer.needsBlanks && !idsOnly), scratch_(scratch), out_(out) {
  if (!idsOnly)
    scratch.index.build(text);
}

Status SequenceEncoder::run() {
  scratch_.raw.clear();
  added_.findRaw(text_, scratch_.raw);
  for (const Stretch &raw : scratch_.raw) {
    if (raw.token)
      addedToken(*raw.token, {raw.begin, raw.end},
                 text_.substr(raw.begin, raw.end - raw.begin));
    else if (Status s = stretch(raw); !s)
      return s;
  }
  return Status();
}

Status SequenceEncoder::normalize(AlignedText &text) const {
  for (const auto &normalizer : normalizers_) {
    if (Status s = normalizer->apply(text); !s)
      return s;
    if (text.overflowed())
      return tooLong();
  }
  return Status();
}

Status SequenceEncoder::stretch(const Stretch &raw) {
  PreTokenized &words = scratch_.words;
  std::string_view slice = text_.substr(raw.begin, raw.end - raw.begin);
  bool cut = added_.matchesNormalized();
  AlignedText &target = cut ? scratch_.whole : words.text;
  target.reset(slice, raw.begin);
  if (Status s = normalize(target); !s)
    return s;
  if (target.text().empty())
    return Status();
  if (!cut) {
    words.parts.assign(1, {0, static_cast<uint32_t>(words.text.text().size())});
    return this->words();
  }
  scratch_.normalized.clear();
  added_.findNormalized(target.text(), scratch_.normalized);
  for (const Stretch &s : scratch_.normalized) {
    if (s.token) {
      addedToken(*s.token, target.span(s.begin, s.end),
                 target.text().substr(s.begin, s.end - s.begin));
      continue;
    }
    words.text.assign(target, s.begin, s.end);
    words.parts.assign(1, {0, s.end - s.begin});
    if (Status status = this->words(); !status)
      return status;
  }
  return Status();
}

/// Pre-tokenizes and encodes the text in scratch_.words.
Status SequenceEncoder::words() {
  PreTokenized &words = scratch_.words;
  for (const auto &step : preTokenizers_) {
    if (Status s = step->apply(words); !s)
      return s;
    if (words.text.overflowed())
      return tooLong();
  }
  std::string_view text = words.text.text();
  std::vector<Token> &tokens = scratch_.tokens;
  tokens.clear();
  Encoding &e = out_.encoding;
  for (const Part &part : words.parts) {
    if (Status s =
            model_.tokenize(text.substr(part.begin, part.end - part.begin),
                            part.begin, tokens, scratch_.model);
        !s)
      return s;
    if (!idsOnly_)
      e.words.resize(e.ids.size() + tokens.size(), word_);
    ++word_;
  }
  e.ids.reserve(e.ids.size() + tokens.size());
  for (const Token &t : tokens)
    e.ids.push_back(t.id);
  if (idsOnly_)
    return Status();
  e.offsets.reserve(e.offsets.size() + tokens.size());
  for (const Token &t : tokens)
    e.offsets.push_back(offset(t.begin < t.end ? words.text.span(t.begin, t.end)
                                               : Span{t.begin, t.end}));
  if (blanks_)
    for (const Token &t : tokens) {
      bool known;
      out_.blanks.push_back(
          countBlanks(model_.vocabulary().piece(t.id, known)));
    }
  return Status();
}

void SequenceEncoder::addedToken(const AddedToken &token, Span span,
                                 std::string_view slice) {
  out_.encoding.ids.push_back(token.id);
  if (idsOnly_)
    return;
  out_.encoding.offsets.push_back(offset(span));
  out_.encoding.words.push_back(word_++);
  if (blanks_)
    out_.blanks.push_back(countBlanks(slice));
}

Offset SequenceEncoder::offset(Span span) {
  // Past the end, the package leaves the byte offsets as they are.
  if (span.begin >= text_.size())
    return {span.begin, span.end};
  uint32_t begin = scratch_.index.before(span.begin);
  return {begin,
          scratch_.index.before(std::min<size_t>(span.end, text_.size()))};
}

} // namespace

std::unique_ptr<EncodeScratch> Tokenizer::Impl::borrow() const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (pool_.empty())
    return std::make_unique<EncodeScratch>();
  std::unique_ptr<EncodeScratch> scratch = std::move(pool_.back());
  pool_.pop_back();
  return scratch;
}

void Tokenizer::Impl::giveBack(std::unique_ptr<EncodeScratch> scratch) const {
  // Buffers of a huge text are not kept.
  constexpr size_t large = size_t(4) << 20;
  if (scratch->tokens.capacity() > large || scratch->repaired.size() > large ||
      scratch->words.text.text().size() > large)
    return;
  std::lock_guard<std::mutex> lock(mutex_);
  pool_.push_back(std::move(scratch));
}

Result<Encoding>
Tokenizer::Impl::encode(std::span<const std::string_view> texts,
                        bool addSpecial, Output output) const {
  bool idsOnly = output == Output::Ids || output == Output::WholeIds;
  bool isWhole = output == Output::WholeIds || output == Output::Whole;
  std::unique_ptr<EncodeScratch> scratch = borrow();
  std::vector<Sequence> sequences(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    std::string_view text = texts[i];
    if (text.size() > maxTextBytes)
      return Status(Code::BadInput, "the text is longer than 256 MiB");
    if (!isValidUtf8(text)) {
      scratch->repaired.clear();
      appendRepaired(scratch->repaired, text);
      text = scratch->repaired;
    }
    SequenceEncoder encoder(*this, text, idsOnly, *scratch, sequences[i]);
    if (Status s = encoder.run(); !s)
      return s;
    if (!idsOnly) {
      Encoding &e = sequences[i].encoding;
      e.typeIds.assign(e.size(), static_cast<uint32_t>(i));
      e.specialMask.assign(e.size(), 0);
      e.attentionMask.assign(e.size(), 1);
    }
  }
  giveBack(std::move(scratch));
  if (truncation.active && !isWhole) {
    size_t extra = 0;
    for (const auto &step : postProcessors)
      extra += addSpecial ? step->addedTokens(texts.size() > 1) : 0;
    size_t length = truncation.maxLength;
    if (Status s = truncate(sequences, truncation,
                            length > extra ? length - extra : 0);
        !s)
      return s;
  }
  for (const auto &step : postProcessors)
    if (Status s = step->apply(sequences, addSpecial); !s)
      return s;
  Encoding result;
  for (Sequence &s : sequences)
    append(result, std::move(s.encoding));
  if (padding.active && output == Output::Encoding)
    pad(result, padding);
  return result;
}

} // namespace llmc::text
