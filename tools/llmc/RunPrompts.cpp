// SPDX-License-Identifier: Apache-2.0
// `llmc run --prompts`: many prompts at once, a line of JSON for each.
#include "runtime/session/Scheduler.h"
#include "runtime/text/TextFile.h"
#include "tools/llmc/GeneratedJson.h"
#include "tools/llmc/Run.h"
#include <chrono>
#include <fmt/format.h>
#include <set>

namespace llmc::cli {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace {
struct PromptLine {
  size_t number; // from 1 on
  std::string prompt;
  GenerateOptions options;
};

/// What has come of a line.
struct Answer {
  GeneratedJson texts;
  bool isOver = false;
  Code failure = Code::Ok;
  json document = {};
};
} // namespace

static std::vector<std::string> stopsOf(const json &value) {
  return value.is_string() ? std::vector<std::string>{value.get<std::string>()}
                           : value.get<std::vector<std::string>>();
}

/// A field of a line; false: there is none of this name.
static bool takeField(PromptLine &line, const std::string &name,
                      const json &value) {
  GenerateOptions &o = line.options;
  if (name == "prompt")
    line.prompt = value.get<std::string>();
  else if (name == "max_tokens")
    o.maxTokens = value.get<int64_t>();
  else if (name == "temperature")
    o.temperature = value.get<double>();
  else if (name == "top_k")
    o.topK = value.get<int64_t>();
  else if (name == "top_p")
    o.topP = value.get<double>();
  else if (name == "min_p")
    o.minP = value.get<double>();
  else if (name == "seed")
    o.seed = value.get<uint64_t>();
  else if (name == "stop")
    o.stopStrings = stopsOf(value);
  else
    return false;
  return true;
}

static Status readLine(std::string_view text, PromptLine &line) {
  try {
    json value = json::parse(text);
    if (value.is_string())
      value = {{"prompt", value}};
    if (!value.is_object() || !value.contains("prompt"))
      return Status(Code::BadInput, "is neither a string nor an object with "
                                    "a prompt");
    for (const auto &[name, field] : value.items())
      if (!takeField(line, name, field))
        return Status(Code::BadInput,
                      fmt::format("has an unknown field '{}'", name));
    return Status();
  } catch (const json::exception &error) {
    return Status(Code::BadInput, error.what());
  }
}

static Status atLine(const RunOptions &options, size_t number, Error error) {
  error.file = options.prompts;
  error.where = fmt::format("line {}", number);
  return error;
}

static Result<std::vector<PromptLine>>
readLines(const RunOptions &options, const GenerateOptions &settings) {
  auto file = text::TextFile::open(options.prompts);
  if (!file)
    return file.takeStatus();
  std::vector<PromptLine> lines;
  std::string_view rest = file->text();
  for (size_t number = 1; !rest.empty(); ++number) {
    size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.find_first_not_of(" \t\r") == text.npos)
      continue;
    PromptLine line = {number, "", settings};
    if (Status status = readLine(text, line); !status)
      return atLine(options, number, std::move(status.error()));
    lines.push_back(std::move(line));
  }
  if (lines.empty())
    return Error{Code::BadInput, "has no lines", options.prompts};
  return lines;
}

static Result<std::unique_ptr<Scheduler>>
makeScheduler(const RunOptions &options, std::shared_ptr<const Model> model,
              std::shared_ptr<const text::Tokenizer> tokenizer,
              Profile *profile) {
  if (!options.speculate.empty() && options.speculate != "ngram")
    return Error{.code = Code::BadInput,
                 .what = "a draft model helps one prompt at a time",
                 .file = options.speculate,
                 .hint = "--speculate ngram works with --prompts"};
  SchedulerOptions settings = {.model = options.flags.model,
                               .sequences = options.concurrency,
                               .stepTokens = options.stepTokens};
  if (!options.speculate.empty())
    settings.lookup = options.speculateTokens;
  auto scheduler = Scheduler::create(model, tokenizer, settings);
  if (scheduler)
    (*scheduler)->setProfile(profile);
  return scheduler;
}

/// Prints what is over and whose turn it is.
static size_t printReady(std::vector<Answer> &answers, size_t printed) {
  for (; printed < answers.size() && answers[printed].isOver; ++printed)
    fmt::print("{}\n", answers[printed].document.dump());
  std::fflush(stdout);
  return printed;
}

static json statsOf(const Scheduler &scheduler,
                    const std::vector<Answer> &answers, double seconds) {
  int64_t tokens = 0;
  for (const Answer &answer : answers)
    tokens += answer.document.value("/stats/tokens"_json_pointer, int64_t(0));
  Scheduler::Counts counts = scheduler.counts();
  return {{"requests", answers.size()},
          {"tokens", tokens},
          {"seconds", seconds},
          {"tokens_per_second", static_cast<double>(tokens) / seconds},
          {"steps", counts.steps},
          {"tokens_per_step",
           static_cast<double>(counts.stepTokens) /
               static_cast<double>(std::max<int64_t>(counts.steps, 1))},
          {"proposed", counts.speculation.proposed},
          {"accepted", counts.speculation.accepted}};
}

static OnEnd tellEnd(Answer &answer, size_t number) {
  return [&answer, number](uint64_t, const Result<GenerateResult> &result) {
    answer.isOver = true;
    if (!result) {
      answer.failure = result.error().code;
      answer.document = {{"line", number}, {"error", result.error().what}};
      return;
    }
    answer.document = answer.texts.take();
    answer.document["line"] = number;
    answer.document["stats"] = {
        {"prompt_tokens", result->promptTokens},
        {"tokens", result->tokens},
        {"first_token_ms", 1e3 * result->prefillSeconds},
        {"decode_ms", 1e3 * result->decodeSeconds}};
  };
}

/// The lines say why.
static Status countFailures(const RunOptions &options,
                            const std::vector<Answer> &answers) {
  size_t failed = 0;
  Code code = Code::Ok;
  for (const Answer &answer : answers)
    if (answer.failure != Code::Ok)
      code = failed++ ? code : answer.failure;
  if (!failed)
    return Status();
  return Error{code,
               fmt::format("{} of {} prompts failed: \"error\" of their lines "
                           "says why",
                           failed, answers.size()),
               options.prompts};
}

static void printStats(const json &stats) {
  fmt::print(
      stderr,
      "note: {} requests, {} tokens in {:.2f} s ({:.1f} tokens/s), {} "
      "steps of {:.1f} tokens, {} proposed, {} accepted\n",
      stats["requests"].get<size_t>(), stats["tokens"].get<int64_t>(),
      stats["seconds"].get<double>(), stats["tokens_per_second"].get<double>(),
      stats["steps"].get<int64_t>(), stats["tokens_per_step"].get<double>(),
      stats["proposed"].get<int64_t>(), stats["accepted"].get<int64_t>());
}

Status runPrompts(const RunOptions &options, std::shared_ptr<const Model> model,
                  Profile *profile, Shell &shell) {
  auto tokenizer = loadTokenizer(model->artifact());
  if (!tokenizer)
    return tokenizer.takeStatus();
  auto settings = constrained(options.generate, options.constraint,
                              model->artifact(), **tokenizer);
  if (!settings)
    return settings.takeStatus();
  auto lines = readLines(options, *settings);
  if (!lines)
    return lines.takeStatus();
  auto scheduler = makeScheduler(options, model, *tokenizer, profile);
  if (!scheduler)
    return scheduler.takeStatus();
  std::vector<Answer> answers;
  for (const PromptLine &line : *lines)
    answers.push_back({GeneratedJson(line.options)});
  auto start = Clock::now();
  for (size_t i = 0; i < lines->size(); ++i) {
    const PromptLine &line = (*lines)[i];
    auto onToken = [&answer = answers[i]](const Generated &made) {
      answer.texts.add(made);
      return true;
    };
    auto request = (*scheduler)
                       ->submit(line.prompt, line.options, onToken,
                                tellEnd(answers[i], line.number));
    if (!request)
      return atLine(options, line.number, request.error());
  }
  size_t printed = 0;
  for (bool isBusy = true; isBusy;) {
    auto more = (*scheduler)->step();
    if (!more)
      return more.takeStatus().inFile(options.artifact);
    isBusy = *more;
    if (!shell.json)
      printed = printReady(answers, printed);
  }
  double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  json stats = statsOf(**scheduler, answers, seconds);
  Status status = countFailures(options, answers);
  if (shell.json) {
    shell.document = {{"answers", json::array()}, {"stats", stats}};
    for (Answer &answer : answers)
      shell.document["answers"].push_back(std::move(answer.document));
  } else if (options.stats) {
    printStats(stats);
  }
  return status;
}

} // namespace llmc::cli
