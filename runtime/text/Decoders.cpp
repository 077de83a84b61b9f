// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/Decoders.h"
#include "runtime/text/ByteDecoders.h"
#include "runtime/text/Regex.h"
#include "runtime/text/TokenizerFile.h"
#include "runtime/text/Utf8.h"

namespace llmc::text {

using nlohmann::json;

namespace {

void replaceAll(std::string &text, std::string_view from, std::string_view to) {
  if (from.empty())
    return;
  std::string out;
  size_t done = 0;
  size_t at = text.find(from);
  if (at == text.npos)
    return;
  for (; at != text.npos; at = text.find(from, done)) {
    out.append(text, done, at - done);
    out.append(to);
    done = at + from.size();
  }
  out.append(text, done, text.npos);
  text = std::move(out);
}

/// Undoes what tokenizing does to English punctuation.
void cleanUp(std::string &text) {
  static constexpr std::pair<std::string_view, std::string_view> rules[] = {
      {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
      {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
      {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto &[from, to] : rules)
    replaceAll(text, from, to);
}

class FuseStage : public DecodeStage {
public:
  void piece(std::string_view text) override { next->piece(text); }
  void endToken() override {}
  void finish() override {
    next->endToken();
    next->finish();
  }
};

class StripStage : public DecodeStage {
public:
  StripStage(char32_t content, uint64_t start, uint64_t stop)
      : content_(content), start_(start), stop_(stop) {
    appendUtf8(contentText_, content);
  }
  void piece(std::string_view text) override {
    std::string out;
    for (size_t i = 0; i < text.size();) {
      CodePoint p = decodeAt(text, i);
      bool strip = p.value == content_;
      if (strip && leading_ && dropped_ < start_) {
        ++dropped_;
      } else if (strip && held_ < stop_) {
        leading_ = false;
        ++held_;
      } else {
        leading_ = false;
        if (!strip)
          release(out);
        out.append(text, i, p.size);
      }
      i += p.size;
    }
    if (!out.empty())
      next->piece(out);
  }
  void endToken() override {
    leading_ = true;
    dropped_ = held_ = 0;
    next->endToken();
  }

private:
  void release(std::string &out) {
    for (; held_ > 0; --held_)
      out += contentText_;
  }
  char32_t content_;
  uint64_t start_, stop_;
  std::string contentText_;
  bool leading_ = true;
  uint64_t dropped_ = 0; // at the start of the token
  uint64_t held_ = 0;    // perhaps its end
};

class ReplaceStage : public TokenStage {
public:
  ReplaceStage(const Pattern &pattern, const std::string &content)
      : pattern_(pattern), content_(content) {}

protected:
  void whole(std::string &token) override {
    std::string out;
    size_t done = 0;
    Status status = pattern_.forEachMatch(token, [&](size_t begin, size_t end) {
      out.append(token, done, begin - done);
      out += content_;
      done = end;
    });
    out.append(token, done, token.npos);
    if (!status && failure->ok())
      *failure = std::move(status);
    send(out);
  }

private:
  const Pattern &pattern_;
  const std::string &content_;
};

class WordPieceStage : public TokenStage {
public:
  WordPieceStage(const std::string &prefix, bool cleanup)
      : prefix_(prefix), cleanup_(cleanup) {}

protected:
  void whole(std::string &token) override {
    if (index_ > 0) {
      if (token.compare(0, prefix_.size(), prefix_) == 0)
        token.erase(0, prefix_.size());
      else
        token.insert(token.begin(), ' ');
    }
    if (cleanup_)
      cleanUp(token);
    send(token);
  }

private:
  const std::string &prefix_;
  bool cleanup_;
};

class MetaspaceStage : public TokenStage {
public:
  MetaspaceStage(std::string replacement, bool dropFirst)
      : replacement_(std::move(replacement)), dropFirst_(dropFirst) {}

protected:
  void whole(std::string &token) override {
    replaceAll(token, replacement_, index_ == 0 && dropFirst_ ? "" : " ");
    send(token);
  }

private:
  std::string replacement_;
  bool dropFirst_;
};

/// The suffix of a word becomes a space, except in the last token.
class BpeStage : public TokenStage {
public:
  explicit BpeStage(const std::string &suffix) : suffix_(suffix) {}
  void finish() override {
    if (index_ > 0)
      release("");
    next->finish();
  }

protected:
  void whole(std::string &token) override {
    if (index_ > 0)
      release(" ");
    held_ = token;
  }

private:
  void release(std::string_view replacement) {
    replaceAll(held_, suffix_, replacement);
    send(held_);
  }
  const std::string &suffix_;
  std::string held_;
};

class CtcStage : public TokenStage {
public:
  CtcStage(const std::string &pad, const std::string &delimiter, bool cleanup)
      : pad_(pad), delimiter_(delimiter), cleanup_(cleanup) {}

protected:
  void whole(std::string &token) override {
    if (index_ > 0 && token == last_)
      return;
    last_ = token;
    replaceAll(token, pad_, "");
    if (cleanup_) {
      cleanUp(token);
      replaceAll(token, delimiter_, " ");
    }
    if (!token.empty())
      send(token);
  }

private:
  const std::string &pad_, &delimiter_;
  bool cleanup_;
  std::string last_;
};

/// Ends a chain.
class Output : public DecodeStage {
public:
  Output(std::string &out, bool spaced) : out_(out), spaced_(spaced) {}
  void piece(std::string_view text) override {
    separate();
    out_ += text;
  }
  void endToken() override {
    separate();
    inToken_ = false;
  }
  void finish() override {}

private:
  void separate() {
    if (spaced_ && !inToken_ && any_)
      out_.push_back(' ');
    inToken_ = any_ = true;
  }
  std::string &out_;
  bool spaced_;
  bool inToken_ = false;
  bool any_ = false;
};

/// A decoder whose configuration is captured by what makes its stage.
template <typename Make> class Made : public Decoder {
public:
  Made(Make make, DecoderTraits traits)
      : Decoder(traits), make_(std::move(make)) {}
  std::unique_ptr<DecodeStage> start() const override { return make_(); }

private:
  Make make_;
};
template <typename Make>
std::unique_ptr<Decoder> made(Make make, DecoderTraits traits = {}) {
  return std::make_unique<Made<Make>>(std::move(make), traits);
}

std::unique_ptr<Decoder> makeStrip(FieldReader &fields) {
  char32_t content = fields.character("content");
  uint64_t start = fields.unsignedInteger("start", {});
  uint64_t stop = fields.unsignedInteger("stop", {});
  return made(
      [=] { return std::make_unique<StripStage>(content, start, stop); },
      {.firstDiffers = start > 0, .readsNeighbours = stop > 0});
}

std::unique_ptr<Decoder> makeMetaspace(FieldReader &fields) {
  std::string replacement;
  appendUtf8(replacement, fields.character("replacement"));
  bool prefix = fields.flag("add_prefix_space", true);
  bool drop = prefix && fields.string("prepend_scheme", "always") != "never";
  return made(
      [=] { return std::make_unique<MetaspaceStage>(replacement, drop); },
      {.firstDiffers = drop});
}

std::unique_ptr<Decoder> makeReplace(FieldReader &fields, Status &status) {
  std::string content = fields.string("content");
  Result<Pattern> pattern = loadPattern(fields);
  if (!pattern) {
    status = pattern.takeStatus();
    return nullptr;
  }
  // Stages refer to the decoder's copies, which outlive them.
  auto config = std::make_shared<std::pair<Pattern, std::string>>(
      std::move(*pattern), content);
  return made([config] {
    return std::make_unique<ReplaceStage>(config->first, config->second);
  });
}

std::unique_ptr<Decoder> makeCtc(FieldReader &fields) {
  auto config = std::make_shared<std::pair<std::string, std::string>>(
      fields.string("pad_token", "<pad>"),
      fields.string("word_delimiter_token", "|"));
  bool cleanup = fields.flag("cleanup", true);
  return made(
      [config, cleanup] {
        return std::make_unique<CtcStage>(config->first, config->second,
                                          cleanup);
      },
      {.readsNeighbours = true});
}

std::unique_ptr<Decoder> makeDecoder(const std::string &type,
                                     FieldReader &fields, Status &status) {
  if (type == "ByteLevel")
    return made([] { return std::make_unique<ByteLevelStage>(); },
                {.bytesOf = ByteLevelStage::bytesOf});
  if (type == "ByteFallback")
    return made([] { return std::make_unique<ByteFallbackStage>(); },
                {.bytesOf = ByteFallbackStage::bytesOf});
  if (type == "Fuse")
    return made([] { return std::make_unique<FuseStage>(); });
  if (type == "Strip")
    return makeStrip(fields);
  if (type == "Replace")
    return makeReplace(fields, status);
  if (type == "Metaspace")
    return makeMetaspace(fields);
  if (type == "CTC")
    return makeCtc(fields);
  if (type == "WordPiece") {
    auto prefix = std::make_shared<std::string>(fields.string("prefix", "##"));
    bool cleanup = fields.flag("cleanup", true);
    return made(
        [prefix, cleanup] {
          return std::make_unique<WordPieceStage>(*prefix, cleanup);
        },
        {.firstDiffers = true});
  }
  if (type == "BPEDecoder") {
    auto suffix =
        std::make_shared<std::string>(fields.string("suffix", "</w>"));
    return made([suffix] { return std::make_unique<BpeStage>(*suffix); },
                {.readsNeighbours = true});
  }
  return nullptr;
}

} // namespace

Status loadDecoder(const json &object, const std::string &where,
                   DecoderList &out) {
  if (!object.is_object())
    return badTokenizer(where, "not an object");
  FieldReader fields(object, where);
  std::string type = fields.string("type");
  if (!fields.ok())
    return fields.takeStatus();
  if (type == "Sequence") {
    const json &list = fields.array("decoders");
    for (size_t i = 0; i < list.size(); ++i)
      if (Status s =
              loadDecoder(list[i], where + "[" + std::to_string(i) + "]", out);
          !s)
        return s;
    return fields.takeStatus();
  }
  FieldReader named(object, where + " " + type);
  Status status;
  std::unique_ptr<Decoder> decoder = makeDecoder(type, named, status);
  if (!status)
    return status;
  if (!decoder)
    return badTokenizer(where, "unknown decoder '" + type + "'");
  out.push_back(std::move(decoder));
  return named.takeStatus();
}

DecodeChain::DecodeChain(const DecoderList &decoders, bool spaced) {
  for (const auto &decoder : decoders)
    stages_.push_back(decoder->start());
  stages_.push_back(std::make_unique<Output>(output_, spaced));
  for (size_t i = 0; i < stages_.size(); ++i) {
    stages_[i]->failure = &failure_;
    if (i + 1 < stages_.size())
      stages_[i]->next = stages_[i + 1].get();
  }
}

} // namespace llmc::text
