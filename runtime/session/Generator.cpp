// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Generator.h"
#include "runtime/session/BeamSearch.h"
#include "runtime/session/LogitProcessors.h"
#include "runtime/session/Sampler.h"
#include "runtime/session/StopStrings.h"
#include "runtime/session/TextConstraint.h"
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

/// The prompt's tokens; an empty prompt is the token that begins texts.
static Result<std::vector<int64_t>>
encodePrompt(const GenerationDefaults &defaults,
             const text::Tokenizer &tokenizer, std::string_view prompt,
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

Result<int64_t> neededPositions(const Model &model,
                                const text::Tokenizer &tokenizer,
                                std::string_view prompt,
                                const GenerateOptions &options) {
  const GenerationDefaults &defaults = model.manifest().generation;
  auto tokens = encodePrompt(defaults, tokenizer, prompt, options.addSpecial);
  if (!tokens)
    return tokens.takeStatus();
  auto length = static_cast<int64_t>(tokens->size());
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
             std::vector<int64_t> prompt)
      : session_(session), tokenizer_(tokenizer), options_(options),
        onToken_(onToken), processors_(options), constraint_(options),
        sampler_(options), promptTokens_(prompt.size()),
        history_(std::move(prompt)) {}

  Result<GenerateResult> run(const GenerateOptions &asked);

private:
  Status makeTexts(Session::Logits logits);
  Status makeBeams(Session::Logits logits);
  Result<Finish> makeText(int64_t sequence, Session::Logits logits);
  Result<Finish> tellBeam(int64_t sequence, const BeamText &text,
                          Finish finish);
  Result<uint32_t> choose(int64_t sequence, Session::Logits logits);
  double logprobOf(uint32_t token, Session::Logits logits);
  Finish endAfterToken() const;
  bool isEnd(uint32_t token) const {
    return std::binary_search(options_.stopTokens.begin(),
                              options_.stopTokens.end(), token);
  }
  bool isOutOfTime() const {
    return options_.timeLimit > 0 &&
           std::chrono::duration<double>(Clock::now() - start_).count() >=
               options_.timeLimit;
  }

  Session &session_;
  const text::Tokenizer &tokenizer_;
  const GenerateOptions &options_;
  const OnToken &onToken_;
  LogitProcessors processors_;
  TextConstraint constraint_; // of the text so far
  Sampler sampler_;
  size_t promptTokens_;
  std::vector<int64_t> history_; // the prompt and the text so far
  Clock::time_point start_ = Clock::now();
  std::vector<float> scores_; // logits after the processors
  std::vector<TokenScore> likeliest_;
  GenerateResult result_;
};

Result<GenerateResult> Generation::run(const GenerateOptions &asked) {
  result_.promptTokens = static_cast<int64_t>(promptTokens_);
  if (Status status = session_.rewind(0); !status)
    return status;
  auto logits = session_.prefill(history_);
  if (!logits)
    return logits.takeStatus();
  auto firstToken = Clock::now();
  result_.prefillSeconds =
      std::chrono::duration<double>(firstToken - start_).count();
  if (Status status = checkTokens(asked, logits->size()); !status)
    return status;
  Status status = *options_.beams > 1 ? makeBeams(*logits) : makeTexts(*logits);
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
      history_.resize(promptTokens_);
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
  TextOutput output(tokenizer_, options_, onToken_, sequence);
  constraint_ = TextConstraint(options_);
  for (;;) {
    auto isOver = constraint_.isOver();
    if (!isOver)
      return isOver.takeStatus();
    if (*isOver)
      return output.end(Finish::Complete);
    auto token = choose(sequence, logits);
    if (!token)
      return token.takeStatus();
    if (isEnd(*token))
      return output.end(Finish::EndToken);
    double logprob = options_.logprobs ? logprobOf(*token, logits) : 0;
    history_.push_back(*token);
    ++result_.tokens;
    if (Status status = constraint_.add(*token); !status)
      return status;
    auto finish = output.push(*token, logprob, likeliest_);
    if (finish && *finish == Finish::None)
      finish = endAfterToken();
    if (!finish)
      return finish.takeStatus();
    if (*finish != Finish::None)
      return output.end(*finish);
    auto next = session_.decode(*token);
    if (!next)
      return next.takeStatus();
    logits = *next;
    ++result_.steps;
  }
}

Result<uint32_t> Generation::choose(int64_t sequence, Session::Logits logits) {
  std::span<const float> scores = logits;
  if (processors_.isActive() || constraint_.isActive()) {
    auto next = constraint_.next();
    if (!next)
      return next.takeStatus();
    scores_.assign(logits.begin(), logits.end());
    processors_.apply(scores_, history_, promptTokens_, !next->mayGoOn);
    constraint_.restrict(scores_, *next);
    scores = scores_;
  }
  return sampler_.choose(scores, static_cast<uint64_t>(sequence),
                         history_.size() - promptTokens_);
}

/// Also sets the likeliest tokens.
double Generation::logprobOf(uint32_t token, Session::Logits logits) {
  double sum = logSumExp(logits);
  selectBest(logits, static_cast<size_t>(*options_.logprobs), likeliest_);
  for (TokenScore &likely : likeliest_)
    likely.score = static_cast<float>(likely.score - sum);
  return logits[token] - sum;
}

Finish Generation::endAfterToken() const {
  auto made = static_cast<int64_t>(history_.size() - promptTokens_);
  if (made >= *options_.maxTokens || session_.length() == session_.capacity())
    return Finish::Length;
  return isOutOfTime() ? Finish::Time : Finish::None;
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
  ends.all = [&] { return isOutOfTime(); };
  BeamSearch search(session_, options_, history_, ends);
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
    if (isEnd(token.token)) {
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

Result<GenerateResult> generate(Session &session,
                                const text::Tokenizer &tokenizer,
                                std::string_view prompt,
                                const GenerateOptions &options,
                                const OnToken &onToken) {
  const GenerationDefaults &defaults = session.model().manifest().generation;
  auto tokens = encodePrompt(defaults, tokenizer, prompt, options.addSpecial);
  if (!tokens)
    return tokens.takeStatus();
  auto completed =
      complete(options, defaults, static_cast<int64_t>(tokens->size()));
  if (!completed)
    return completed.takeStatus();
  return Generation(session, tokenizer, *completed, onToken, std::move(*tokens))
      .run(options);
}

} // namespace llmc
