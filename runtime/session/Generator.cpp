// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Generator.h"
#include "runtime/session/BeamSearch.h"
#include "runtime/session/StopStrings.h"
#include "runtime/session/TextMaker.h"
#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace llmc {

using Clock = std::chrono::steady_clock;

Result<std::shared_ptr<const text::Tokenizer>>
loadTokenizer(const Artifact &artifact) {
  auto file = artifact.file("tokenizer.json");
  if (!file)
    return Error{.code = Code::BadInput,
                 .what = "has no tokenizer",
                 .file = artifact.path(),
                 .hint = "compile the model with a tokenizer.json beside it"};
  auto tokenizer = text::Tokenizer::load(
      {reinterpret_cast<const char *>(file->data()), file->size()});
  if (!tokenizer)
    return tokenizer.takeStatus().inFile(artifact.path());
  return tokenizer;
}

Result<std::vector<int64_t>> encodePrompt(const GenerationDefaults &defaults,
                                          const text::Tokenizer &tokenizer,
                                          std::string_view prompt,
                                          bool addSpecial) {
  auto ids = tokenizer.encodeIds(prompt, addSpecial);
  if (!ids)
    return ids.takeStatus();
  std::vector<int64_t> tokens(ids->begin(), ids->end());
  if (tokens.empty() && defaults.bos)
    tokens.push_back(*defaults.bos);
  if (tokens.empty())
    return Status(Code::BadInput, "the prompt is empty");
  return tokens;
}

namespace {

/// What a model reads, and what its decoder begins with: the same, but for one
/// that looks at an encoder.
struct Prompt {
  std::vector<int64_t> source; // empty: there is none
  std::vector<int64_t> tokens;
};

} // namespace

static Result<Prompt> encodePrompt(const GenerationDefaults &defaults,
                                   const text::Tokenizer &tokenizer,
                                   std::string_view prompt, bool addSpecial,
                                   bool hasSource) {
  auto tokens = encodePrompt(defaults, tokenizer, prompt, addSpecial);
  if (!tokens)
    return tokens.takeStatus();
  if (!hasSource)
    return Prompt{{}, std::move(*tokens)};
  auto start = defaults.decoderStart ? defaults.decoderStart : defaults.bos;
  if (!start)
    return Error{.code = Code::BadInput,
                 .what = "the decoder's first token is not known",
                 .hint = "compile the model with a config.json that has "
                         "decoder_start_token_id"};
  return Prompt{std::move(*tokens), {*start}};
}

/// Whether generation begins with an encoder.
static bool startsFromSource(const Model &model, const std::string &name) {
  if (model.hasEntry(name, "prefill"))
    return looksAtSource(*model.entry(name, "prefill")->info);
  auto decode = model.entry(name, "decode");
  return decode && looksAtSource(*decode->info);
}

Result<int64_t> neededPositions(const Model &model, const std::string &name,
                                const text::Tokenizer &tokenizer,
                                std::string_view prompt,
                                const GenerateOptions &options) {
  const GenerationDefaults &defaults = model.manifest().generation;
  auto encoded = encodePrompt(defaults, tokenizer, prompt, options.addSpecial,
                              startsFromSource(model, name));
  if (!encoded)
    return encoded.takeStatus();
  auto length = static_cast<int64_t>(encoded->tokens.size());
  auto completed = complete(options, defaults, length);
  if (!completed)
    return completed.takeStatus();
  return length + *completed->maxTokens;
}

namespace {

/// One call of generate().
class Generation {
public:
  /// `options` are completed. All must outlive it.
  Generation(Session &session, const text::Tokenizer &tokenizer,
             const GenerateOptions &options, const OnToken &onToken,
             const Speculation &speculation, std::vector<int64_t> prompt)
      : session_(session), tokenizer_(tokenizer), options_(options),
        onToken_(onToken), speculation_(speculation),
        prompt_(std::move(prompt)), limit_(options.timeLimit) {}

  Result<GenerateResult> run(const GenerateOptions &asked);

private:
  Status makeTexts(Session::Logits logits);
  Status makeBeams(Session::Logits logits);
  Result<Finish> makeText(int64_t sequence, Session::Logits logits);
  Result<Finish> tellBeam(int64_t sequence, const BeamText &text,
                          Finish finish);
  Status goOn(const TextMaker &text);

  Session &session_;
  const text::Tokenizer &tokenizer_;
  const GenerateOptions &options_;
  const OnToken &onToken_;
  const Speculation &speculation_;
  std::vector<int64_t> prompt_;
  Clock::time_point start_ = Clock::now();
  TimeLimit limit_;
  // The step at hand: what was proposed, and whose logits there are.
  std::span<const int64_t> proposed_;
  std::vector<int64_t> tokens_;
  Session::Logits single_; // without proposed tokens
  GenerateResult result_;
};

Result<GenerateResult> Generation::run(const GenerateOptions &asked) {
  result_.promptTokens = static_cast<int64_t>(prompt_.size());
  result_.reused = session_.keepCommon(prompt_);
  auto logits = session_.prefill(
      std::span(prompt_).subspan(static_cast<size_t>(result_.reused)));
  if (!logits)
    return logits.takeStatus();
  auto firstToken = Clock::now();
  result_.prefillSeconds =
      std::chrono::duration<double>(firstToken - start_).count();
  if (Status status = checkTokens(asked, logits->size()); !status)
    return status;
  if (Status status = checkForced(options_, logits->size()); !status)
    return status;
  bool hasBeams = *options_.beams > 1;
  Status status = hasBeams ? makeBeams(*logits) : makeTexts(*logits);
  // Behind the prompt are texts of several beams.
  if (hasBeams)
    (void)session_.rewind(result_.promptTokens);
  if (!status)
    return status;
  result_.decodeSeconds =
      std::chrono::duration<double>(Clock::now() - firstToken).count();
  return result_;
}

/// All texts begin with the prompt, which stays in the session.
Status Generation::makeTexts(Session::Logits logits) {
  std::vector<float> first;
  if (*options_.sequences > 1)
    first.assign(logits.begin(), logits.end());
  for (int64_t sequence = 0; sequence < *options_.sequences; ++sequence) {
    if (sequence > 0) {
      if (Status status = session_.rewind(result_.promptTokens); !status)
        return status;
      logits = first;
    }
    auto finish = makeText(sequence, logits);
    if (!finish)
      return finish.takeStatus();
    if (*finish == Finish::Caller)
      break;
  }
  return Status();
}

Result<Finish> Generation::makeText(int64_t sequence, Session::Logits logits) {
  TextMaker text(tokenizer_, options_, onToken_, prompt_, sequence,
                 session_.capacity(), limit_);
  single_ = logits, proposed_ = {};
  auto logitsBehind = [&](size_t i) {
    return proposed_.empty() ? Result<Session::Logits>(single_)
                             : session_.row(i);
  };
  for (;;) {
    int64_t before = text.made();
    size_t accepted = 0;
    auto finish = takeProposed(text, proposed_, logitsBehind, accepted);
    result_.tokens += text.made() - before;
    result_.speculation.accepted += static_cast<int64_t>(accepted);
    auto refused = static_cast<int64_t>(proposed_.size() - accepted);
    if (Status status = session_.rewind(session_.length() - refused); !status)
      return status;
    if (!finish || *finish != Finish::None)
      return finish;
    if (Status status = goOn(text); !status)
      return status;
    ++result_.steps;
  }
}

/// Reads the text's last token, and what may follow it.
Status Generation::goOn(const TextMaker &text) {
  proposed_ = {};
  int64_t most = std::min(speculation_.tokens, text.room() - 1);
  if (speculation_.drafter && most > 0) {
    auto proposed =
        speculation_.drafter->propose(text, static_cast<size_t>(most));
    if (!proposed)
      return proposed.takeStatus();
    proposed_ = *proposed;
  }
  int64_t last = text.tokens().back();
  if (proposed_.empty()) {
    auto next = session_.decode(last);
    if (next)
      single_ = *next;
    return next.takeStatus();
  }
  result_.speculation.proposed += static_cast<int64_t>(proposed_.size());
  tokens_.assign(1, last);
  tokens_.insert(tokens_.end(), proposed_.begin(), proposed_.end());
  proposed_ = std::span(tokens_).subspan(1);
  return session_.extend(tokens_);
}

Status Generation::makeBeams(Session::Logits logits) {
  BeamSearch::Ends ends;
  std::vector<uint32_t> ids;
  ends.text = [&](std::span<const int64_t> text) {
    ids.assign(text.begin(), text.end());
    auto decoded = tokenizer_.decode(ids);
    return decoded &&
           findStop(*decoded, options_.stopStrings) != std::string::npos;
  };
  ends.all = [&] { return limit_.isOver(); };
  BeamSearch search(session_, options_, prompt_, ends);
  auto texts = search.run(logits);
  if (!texts)
    return texts.takeStatus();
  result_.steps = search.steps();
  for (size_t i = 0; i < texts->size(); ++i) {
    // What ends neither by a token or a string nor by its length was cut.
    const BeamText &text = (*texts)[i];
    bool isFull = static_cast<int64_t>(text.tokens.size()) >= search.most();
    Finish reason = text.isComplete ? Finish::Complete
                    : isFull        ? Finish::Length
                                    : Finish::Time;
    auto finish = tellBeam(static_cast<int64_t>(i), text, reason);
    if (!finish)
      return finish.takeStatus();
    if (*finish == Finish::Caller)
      break;
  }
  return Status();
}

Result<Finish> Generation::tellBeam(int64_t sequence, const BeamText &text,
                                    Finish finish) {
  TextOutput output(tokenizer_, options_, onToken_, sequence);
  for (const BeamToken &token : text.tokens) {
    if (isStopToken(options_, token.token)) {
      finish = Finish::EndToken;
      break;
    }
    ++result_.tokens;
    std::span<const TokenScore> likeliest;
    if (token.likeliest)
      likeliest = *token.likeliest;
    auto pushed = output.push(token.token, token.logprob, likeliest);
    if (!pushed)
      return pushed;
    if (*pushed == Finish::None)
      continue;
    finish = *pushed;
    break;
  }
  return output.end(finish, text.score);
}

} // namespace

Result<GenerateResult>
generate(Session &session, const text::Tokenizer &tokenizer,
         std::string_view prompt, const GenerateOptions &options,
         const OnToken &onToken, const Speculation &speculation) {
  if (Status status = checkSpeculation(speculation.tokens); !status)
    return status;
  const GenerationDefaults &defaults = session.model().manifest().generation;
  auto encoded = encodePrompt(defaults, tokenizer, prompt, options.addSpecial,
                              session.hasSource());
  if (!encoded)
    return encoded.takeStatus();
  auto start = Clock::now();
  if (session.hasSource())
    if (Status status = session.readSource(encoded->source); !status)
      return status;
  double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  auto made = generateFrom(session, tokenizer, encoded->tokens, options,
                           onToken, speculation);
  if (made && session.hasSource()) {
    made->promptTokens = static_cast<int64_t>(encoded->source.size());
    made->prefillSeconds += seconds;
  }
  return made;
}

Result<GenerateResult>
generateFrom(Session &session, const text::Tokenizer &tokenizer,
             std::vector<int64_t> tokens, const GenerateOptions &options,
             const OnToken &onToken, const Speculation &speculation) {
  auto completed = complete(options, session.model().manifest().generation,
                            static_cast<int64_t>(tokens.size()));
  if (!completed)
    return completed.takeStatus();
  return Generation(session, tokenizer, *completed, onToken, speculation,
                    std::move(tokens))
      .run(options);
}

} // namespace llmc
