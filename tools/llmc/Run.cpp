// SPDX-License-Identifier: Apache-2.0
// `llmc run`: its options, and the raw signature.
#include "tools/llmc/Run.h"
#include "runtime/core/Escape.h"
#include "tools/llmc/Format.h"
#include "tools/llmc/GenerateFlags.h"
#include "tools/llmc/ProfileView.h"
#include "tools/llmc/RawRun.h"
#include <chrono>
#include <fmt/format.h>

namespace llmc::cli {

using nlohmann::json;

static std::string typeOf(const HostTensor &tensor) {
  return formatType(tensor.dtype, {tensor.dims.begin(), tensor.dims.end()});
}

/// "sequence(f32[2], f32[3])"; "optional()" where nothing is there.
static std::string typeOf(const HostValue &value) {
  if (value.kind == ValueKind::Tensor)
    return typeOf(value.tensors.front());
  constexpr size_t most = 8;
  std::string text;
  for (size_t i = 0; i < value.tensors.size() && i < most; ++i)
    text += (i ? ", " : "") + typeOf(value.tensors[i]);
  if (value.tensors.size() > most)
    text += fmt::format(", ... {} in all", value.tensors.size());
  return formatKind(value.kind, value.isAbsent, text);
}

static json describe(const std::vector<HostValue> &values) {
  json list = json::array();
  for (const HostValue &value : values)
    list.push_back({{"name", value.name}, {"type", typeOf(value)}});
  return list;
}

Status runInputs(const RunOptions &options, std::shared_ptr<const Model> model,
                 Profile *profile, Shell &shell) {
  auto entry = model->entry(options.flags.model, options.entry);
  if (!entry)
    return entry.takeStatus();
  if (!entry->info->states.empty())
    return Error{Code::BadInput,
                 fmt::format("entry '{}' has states, which have no file form",
                             options.entry),
                 options.artifact};
  Call call(model, *entry);
  call.setProfile(profile);
  try {
    std::vector<ValueSlot> slots = slotsOf(entry->info->inputs);
    std::vector<HostValue> inputs = loadInputs(options.inputs, slots);
    for (size_t i = 0; i < inputs.size(); ++i)
      adoptType(inputs[i], entry->info->inputs[i].dtype);
    auto start = std::chrono::steady_clock::now();
    auto outputs = runRaw(call, inputs);
    double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
    if (!outputs)
      return outputs.takeStatus().inFile(options.artifact);
    if (!options.outputs.empty())
      saveOutputs(options.outputs, *outputs);
    if (shell.json)
      shell.document = {{"outputs", describe(*outputs)}, {"seconds", seconds}};
    else if (!shell.quiet)
      for (const json &output : describe(*outputs))
        fmt::print("{}  {}\n", escapeText(output["name"].get<std::string>()),
                   output["type"].get<std::string>());
    if (options.stats && !shell.json)
      fmt::print(stderr, "note: {:.3f} ms\n", 1e3 * seconds);
    return Status();
  } catch (const InputError &error) {
    return toStatus(error, options.inputs);
  }
}

static Status run(const RunOptions &options, Shell &shell) {
  int forms = options.prompt.has_value() + options.texts.text.has_value() +
              options.texts.question.has_value() + !options.inputs.empty() +
              !options.prompts.empty() + !options.speech.file.empty();
  if (forms != 1)
    return Error{.code = Code::BadInput,
                 .what = "run takes one of --prompt, --prompts, --text, "
                         "--question, --audio and --inputs",
                 .file = options.artifact};
  if (options.outputs.empty() && !options.inputs.empty() && shell.quiet)
    return Status(Code::BadInput,
                  "--inputs with -q needs --outputs: nothing would be shown");
  auto model = openModel(options.artifact, options.flags);
  if (!model)
    return model.takeStatus();
  std::optional<Profile> profile;
  if (!options.profile.empty())
    profile.emplace();
  auto form = options.prompt                 ? runPrompt
              : !options.prompts.empty()     ? runPrompts
              : !options.speech.file.empty() ? runAudio
              : !options.inputs.empty()      ? runInputs
                                             : runText;
  Status status = form(options, *model, profile ? &*profile : nullptr, shell);
  if (!profile || !status)
    return status;
  if (shell.json)
    shell.document["profile"] = profileToJson(*profile);
  else
    for (const std::string &line : profileTable(*profile))
      printNote(shell, line);
  if (profile->isCut())
    printWarning("the trace holds only the first million steps");
  std::pair<std::string, Profile *> named(options.artifact, &*profile);
  return writeTrace(options.profile, {&named, 1});
}

static void addTextFlags(CLI::App *verb, TextFlags &flags) {
  const std::string group = "What a model says about a text";
  CLI::Option *text =
      verb->add_option("--text", flags.text,
                       "Embed this text, classify it, label its words, or fill "
                       "its masks, as the model's outputs allow")
          ->group(group);
  verb->add_option("--similar", flags.similar,
                   "Say how similar this text is to that of --text, from -1 to "
                   "1: the cosine of their embeddings")
      ->needs(text)
      ->group(group);
  CLI::Option *context =
      verb->add_option("--context", flags.context,
                       "The text to find the answer to --question in")
          ->group(group);
  CLI::Option *question =
      verb->add_option("--question", flags.question,
                       "Answer this with a part of --context")
          ->needs(context)
          ->group(group);
  context->needs(question);
  verb->add_option("--top", flags.top,
                   "So many classes (default: 20), words for each mask (5) or "
                   "answers (1)")
      ->check(CLI::Range(1, 1024))
      ->group(group);
  verb->add_option("--aggregation", flags.aggregation,
                   "How labels of tokens become entities: none, each token by "
                   "itself; simple, neighbours of one kind are one; first, "
                   "average or max, words get one label before (default: "
                   "simple)")
      ->check(CLI::IsMember({"none", "simple", "first", "average", "max"}))
      ->group(group);
  verb->add_option("--window", flags.window,
                   "Tokens that a model reads at once of a question and a long "
                   "context (default: 384)")
      ->check(CLI::Range(2, 1 << 20))
      ->group(group);
  verb->add_option("--stride", flags.stride,
                   "Tokens that such windows have in common (default: 128)")
      ->check(CLI::Range(0, 1 << 20))
      ->group(group);
  verb->add_option("--pooling", flags.pooling,
                   "How one vector is made of a model's hidden states "
                   "(default: as the model's folder says, else mean)")
      ->check(CLI::IsMember({"mean", "first", "last", "max"}))
      ->group(group);
  verb->add_flag_function(
          "--normalize,!--no-normalize",
          [&flags](int64_t count) { flags.normalize = count > 0; },
          "Scale the vector to length one (default: as the model's folder "
          "says, else not)")
      ->group(group);
}

static void addSpeechFlags(CLI::App *verb, SpeechFlags &flags) {
  const std::string group = "Speech";
  verb->add_option("--audio", flags.file,
                   "Write down what is spoken in this WAV file, of any rate, "
                   "PCM or floats, mono or more")
      ->group(group);
  verb->add_option("--language", flags.options.language,
                   "The language spoken, such as en (default: found in the "
                   "first window, where the model knows several)")
      ->group(group);
  verb->add_option("--task", flags.options.task,
                   "transcribe, or translate to English (default: transcribe)")
      ->group(group);
  verb->add_flag("--timestamps", flags.options.timestamps,
                 "Say when each segment begins and ends")
      ->group(group);
  verb->add_flag("--stream", flags.stream,
                 "Print each segment when it is found, one a line")
      ->group(group);
}

void addRun(CLI::App &app, Shell &shell) {
  CLI::App *verb =
      addVerb(app, shell, "run",
              "Run an artifact on a prompt, a text, sound or tensors");
  auto options = std::make_shared<RunOptions>();
  verb->add_option("ARTIFACT", options->artifact, "The artifact")->required();
  verb->add_option("--prompt", options->prompt,
                   "Continue this text; translate or summarize it, where the "
                   "model has an encoder and a decoder");
  verb->add_option(
      "--prompts", options->prompts,
      "Continue all prompts of this file together: a JSON value a "
      "line, the prompt or {\"prompt\": ..., \"max_tokens\": ..., "
      "\"temperature\": ..., \"seed\": ..., \"stop\": ...}; prints a "
      "JSON object for each, in their order");
  verb->add_option("--concurrency", options->concurrency,
                   "Texts of --prompts that run at the same time (default 16)");
  verb->add_option("--step-tokens", options->stepTokens,
                   "Tokens that a step of --prompts takes at most: fewer keep "
                   "long prompts from holding up the others (default 256)");
  verb->add_option("--speculate", options->speculate,
                   "Propose tokens that the model then checks together, for "
                   "speed alone: ngram, what followed the last tokens before; "
                   "or the artifact of a smaller model with the same tokenizer")
      ->type_name("ngram|ARTIFACT");
  verb->add_option("--speculate-tokens", options->speculateTokens,
                   "Tokens to propose at once (default 4)");
  addTextFlags(verb, options->texts);
  verb->add_option("--inputs", options->inputs,
                   "A folder or .npz file with the entry's inputs; the tensors "
                   "of a sequence are name[0], name[1], ...");
  verb->add_option("--outputs", options->outputs, "The folder for its outputs");
  verb->add_option("--entry", options->entry,
                   "The entry that --inputs runs (default: raw)");
  verb->add_option("--profile", options->profile,
                   "Say where the time went, step by step, and write it to "
                   "this file as a Chrome trace");
  verb->add_flag("--stats", options->stats, "Print times and speeds");
  addModelFlags(verb, options->flags);
  addSpeechFlags(verb, options->speech);
  addGenerateFlags(verb, options->generate);
  addConstraintFlags(verb, options->constraint);
  verb->callback([options, &shell] {
    shell.action = [options, &shell] { return run(*options, shell); };
  });
}

} // namespace llmc::cli
