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

static GenerateOptions generateOptions(const RunOptions &options) {
  GenerateOptions generate;
  generate.maxTokens = options.maxTokens;
  generate.temperature =
      options.greedy ? std::optional<double>(0) : options.temperature;
  generate.topK = options.topK;
  generate.topP = options.topP;
  generate.seed = options.seed.value_or(0);
  generate.ignoreEos = options.ignoreEos;
  return generate;
}

static json statsOf(const GenerateResult &result) {
  double steps = static_cast<double>(result.tokens - 1);
  json stats = {{"prompt_tokens", result.promptTokens},
                {"tokens", result.tokens},
                {"stopped", result.stopped},
                {"prefill_ms", 1e3 * result.prefillSeconds},
                {"decode_ms", 1e3 * result.decodeSeconds}};
  if (result.prefillSeconds > 0)
    stats["prefill_tokens_per_second"] =
        static_cast<double>(result.promptTokens) / result.prefillSeconds;
  if (steps > 0 && result.decodeSeconds > 0)
    stats["decode_tokens_per_second"] = steps / result.decodeSeconds;
  return stats;
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

Status runPrompt(const RunOptions &options, std::shared_ptr<const Model> model,
                 Profile *profile, Shell &shell) {
  auto tokenizer = loadTokenizer(model->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  GenerateOptions generateWith = generateOptions(options);
  auto positions =
      neededPositions(*model, **tokenizer, *options.prompt, generateWith);
  if (!positions)
    return positions.takeStatus();
  auto session = Session::create(
      model, {.model = options.flags.model, .capacity = *positions});
  if (!session)
    return session.takeStatus();
  (*session)->setProfile(profile);
  interruptible = session->get();
  std::signal(SIGINT, interrupt);
  std::string text;
  json ids = json::array();
  auto onToken = [&](uint32_t token, std::string_view piece) {
    if (shell.json) {
      text += piece;
      if (token != noToken)
        ids.push_back(token);
      return true;
    }
    return std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size() &&
           std::fflush(stdout) == 0;
  };
  auto result =
      generate(**session, **tokenizer, *options.prompt, generateWith, onToken);
  std::signal(SIGINT, SIG_DFL);
  interruptible = nullptr;
  if (!shell.json)
    std::fputc('\n', stdout);
  if (interrupted) {
    shell.exitCode = 128 + SIGINT;
    return Status();
  }
  if (!result)
    return result.takeStatus().inFile(options.artifact);
  json stats = statsOf(*result);
  if (shell.json)
    shell.document = {{"prompt", *options.prompt},
                      {"text", text},
                      {"ids", ids},
                      {"stats", stats}};
  else if (options.stats)
    printStats(stats);
  return Status();
}

} // namespace llmc::cli
