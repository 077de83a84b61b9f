// SPDX-License-Identifier: Apache-2.0
// `llmc run --prompt`: generation, streamed to stdout.
#include "runtime/session/Generator.h"
#include "tools/llmc/GeneratedJson.h"
#include "tools/llmc/Interrupt.h"
#include "tools/llmc/Run.h"
#include <cstdio>
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;

static json statsOf(const GenerateResult &result) {
  json stats = {{"prompt_tokens", result.promptTokens},
                {"tokens", result.tokens},
                {"steps", result.steps},
                {"prefill_ms", 1e3 * result.prefillSeconds},
                {"decode_ms", 1e3 * result.decodeSeconds}};
  if (result.prefillSeconds > 0)
    stats["prefill_tokens_per_second"] =
        static_cast<double>(result.promptTokens) / result.prefillSeconds;
  // A step gives a token, and those that were proposed and stood.
  int64_t decoded = result.steps + result.speculation.accepted;
  if (decoded > 0 && result.decodeSeconds > 0)
    stats["decode_tokens_per_second"] =
        static_cast<double>(decoded) / result.decodeSeconds;
  if (result.speculation.proposed > 0) {
    stats["proposed"] = result.speculation.proposed;
    stats["accepted"] = result.speculation.accepted;
  }
  return stats;
}

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
  if (stats.contains("proposed"))
    fmt::print(stderr, "note: {} tokens proposed, {} accepted, in {} steps\n",
               stats["proposed"].get<int64_t>(),
               stats["accepted"].get<int64_t>(), stats["steps"].get<int64_t>());
}

namespace {
/// What proposes tokens, as --speculate says.
class Draft {
public:
  Status open(const RunOptions &options, const Model &model,
              int64_t positions) {
    speculation_.tokens = options.speculateTokens;
    if (options.speculate.empty())
      return Status();
    if (options.speculate == "ngram") {
      speculation_.drafter = &lookup_;
      return Status();
    }
    auto opened = openModel(options.speculate, options.flags);
    if (!opened)
      return opened.takeStatus();
    if (Status status = checkDraft(model, **opened); !status)
      return status;
    auto session = Session::create(*opened, {.capacity = positions});
    if (!session)
      return session.takeStatus();
    session_ = std::move(*session);
    speculation_.drafter = &drafter_.emplace(*session_);
    return Status();
  }

  const Speculation &speculation() const { return speculation_; }

private:
  NgramDrafter lookup_;
  std::unique_ptr<Session> session_;
  std::optional<ModelDrafter> drafter_;
  Speculation speculation_;
};
} // namespace

Status runPrompt(const RunOptions &options, std::shared_ptr<const Model> model,
                 Profile *profile, Shell &shell) {
  auto tokenizer = loadTokenizer(model->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto settings = constrained(options.generate, options.constraint,
                              model->artifact(), **tokenizer);
  if (!settings)
    return settings.takeStatus();
  auto positions = neededPositions(*model, options.flags.model, **tokenizer,
                                   *options.prompt, *settings);
  if (!positions)
    return positions.takeStatus();
  auto session = Session::create(
      model, {.model = options.flags.model, .capacity = *positions});
  if (!session)
    return session.takeStatus();
  (*session)->setProfile(profile);
  GeneratedJson texts(options.generate);
  bool isInText = false; // a line that is not ended yet
  auto onToken = [&](const Generated &made) {
    isInText = made.token != noToken;
    if (!shell.json)
      return printPiece(made);
    texts.add(made);
    return true;
  };
  Draft draft;
  if (Status status = draft.open(options, *model, *positions); !status)
    return status;
  Interrupt interrupt(**session);
  auto result = generate(**session, **tokenizer, *options.prompt, *settings,
                         onToken, draft.speculation());
  if (!shell.json && isInText)
    std::fputc('\n', stdout);
  if (interrupt.endsVerb(shell))
    return Status();
  if (!result)
    return result.takeStatus().inFile(options.artifact);
  json stats = statsOf(*result);
  if (shell.json) {
    shell.document = texts.take();
    shell.document["prompt"] = *options.prompt;
    shell.document["stats"] = std::move(stats);
  } else if (options.stats)
    printStats(stats);
  return Status();
}

} // namespace llmc::cli
