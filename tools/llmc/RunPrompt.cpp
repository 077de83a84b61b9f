// SPDX-License-Identifier: Apache-2.0
// `llmc run --prompt`: generation, streamed to stdout.
#include "runtime/session/Generator.h"
#include "tools/llmc/Run.h"
#include <csignal>
#include <cstdio>
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;

// The session that Ctrl-C ends; text that was already made stays.
static Session *interruptible = nullptr;
static volatile std::sig_atomic_t interrupted = 0;

static void interrupt(int) {
  interrupted = 1;
  if (interruptible)
    interruptible->cancel();
}

static json statsOf(const GenerateResult &result) {
  json stats = {{"prompt_tokens", result.promptTokens},
                {"tokens", result.tokens},
                {"steps", result.steps},
                {"prefill_ms", 1e3 * result.prefillSeconds},
                {"decode_ms", 1e3 * result.decodeSeconds}};
  if (result.prefillSeconds > 0)
    stats["prefill_tokens_per_second"] =
        static_cast<double>(result.promptTokens) / result.prefillSeconds;
  if (result.steps > 0 && result.decodeSeconds > 0)
    stats["decode_tokens_per_second"] =
        static_cast<double>(result.steps) / result.decodeSeconds;
  return stats;
}

static json logprobJson(uint32_t token, double logprob) {
  return {{"id", token}, {"logprob", logprob}};
}

/// Gathers the texts for --json.
class JsonTexts {
public:
  explicit JsonTexts(const GenerateOptions &options)
      : hasLogprobs_(options.logprobs) {}

  bool add(const Generated &made) {
    if (texts_.size() <= static_cast<size_t>(made.sequence)) {
      texts_.push_back({{"text", ""}, {"ids", json::array()}});
      if (hasLogprobs_)
        texts_.back()["logprobs"] = json::array();
    }
    json &text = texts_.back();
    text["text"].get_ref<std::string &>() += made.text;
    if (made.token == noToken) {
      text["finish"] = finishName(made.finish);
      if (made.score)
        text["score"] = *made.score;
      return true;
    }
    text["ids"].push_back(made.token);
    if (!hasLogprobs_)
      return true;
    json token = logprobJson(made.token, made.logprob);
    token["likeliest"] = json::array();
    for (const TokenScore &likely : made.likeliest)
      token["likeliest"].push_back(logprobJson(likely.token, likely.score));
    text["logprobs"].push_back(std::move(token));
    return true;
  }

  /// The first text, with all of them under "texts" where there are several.
  json take(const std::string &prompt, const json &stats) {
    json document = texts_.front();
    document["prompt"] = prompt;
    document["stats"] = stats;
    if (texts_.size() > 1)
      document["texts"] = std::move(texts_);
    return document;
  }

private:
  bool hasLogprobs_;
  json texts_ = json::array();
};

/// Text as it comes, with a new line behind each text.
static bool printPiece(const Generated &made) {
  bool isLast = made.token == noToken;
  return std::fwrite(made.text.data(), 1, made.text.size(), stdout) ==
             made.text.size() &&
         (!isLast || std::fputs("\n", stdout) >= 0) && std::fflush(stdout) == 0;
}

static void printStats(const json &stats) {
  fmt::print(stderr,
             "note: prompt {} tokens in {:.1f} ms ({:.1f} tokens/s), generated "
             "{} in {:.1f} ms ({:.1f} tokens/s)\n",
             stats["prompt_tokens"].get<int64_t>(),
             stats["prefill_ms"].get<double>(),
             stats.value("prefill_tokens_per_second", 0.0),
             stats["tokens"].get<int64_t>(), stats["decode_ms"].get<double>(),
             stats.value("decode_tokens_per_second", 0.0));
}

/// generate(), which Ctrl-C ends.
static Result<GenerateResult>
generateInterruptibly(Session &session, const text::Tokenizer &tokenizer,
                      const std::string &prompt, const GenerateOptions &options,
                      const OnToken &onToken) {
  interruptible = &session;
  std::signal(SIGINT, interrupt);
  auto result = generate(session, tokenizer, prompt, options, onToken);
  std::signal(SIGINT, SIG_DFL);
  interruptible = nullptr;
  return result;
}

Status runPrompt(const RunOptions &options, std::shared_ptr<const Model> model,
                 Profile *profile, Shell &shell) {
  auto tokenizer = loadTokenizer(model->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto constraint =
      loadConstraint(options.constraint, model->artifact(), **tokenizer);
  if (!constraint)
    return constraint.takeStatus();
  GenerateOptions settings = options.generate;
  settings.constraint = std::move(*constraint);
  auto positions =
      neededPositions(*model, **tokenizer, *options.prompt, settings);
  if (!positions)
    return positions.takeStatus();
  auto session = Session::create(
      model, {.model = options.flags.model, .capacity = *positions});
  if (!session)
    return session.takeStatus();
  (*session)->setProfile(profile);
  JsonTexts texts(options.generate);
  bool isInText = false; // a line that is not ended yet
  auto onToken = [&](const Generated &made) {
    isInText = made.token != noToken;
    return shell.json ? texts.add(made) : printPiece(made);
  };
  auto result = generateInterruptibly(**session, **tokenizer, *options.prompt,
                                      settings, onToken);
  if (!shell.json && isInText)
    std::fputc('\n', stdout);
  if (interrupted) {
    shell.exitCode = 128 + SIGINT;
    return Status();
  }
  if (!result)
    return result.takeStatus().inFile(options.artifact);
  json stats = statsOf(*result);
  if (shell.json)
    shell.document = texts.take(*options.prompt, stats);
  else if (options.stats)
    printStats(stats);
  return Status();
}

} // namespace llmc::cli
