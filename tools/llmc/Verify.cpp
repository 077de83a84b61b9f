// SPDX-License-Identifier: Apache-2.0
// `llmc verify`: runs test vectors through the raw signature and compares.
#include "tools/llmc/Verify.h"
#include "runtime/core/Escape.h"
#include "tools/llmc/RawRun.h"
#include "tools/llmc/TemporaryArtifact.h"
#include "tools/llmc/TestData.h"
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <optional>

namespace llmc::cli {

namespace fs = std::filesystem;
using nlohmann::json;

/// Puts vectors in the entry's order; each position must be there exactly once.
static Result<std::vector<HostValue>>
arrange(std::vector<MatchedValue> vectors, const std::vector<TensorInfo> &infos,
        const char *kind) {
  std::vector<std::optional<HostValue>> slots(infos.size());
  for (MatchedValue &vector : vectors) {
    if (vector.index >= slots.size() || slots[vector.index])
      return Status(Code::BadInput,
                    fmt::format("{} vectors do not fit the model's {} {}s",
                                vectors.size(), infos.size(), kind));
    adoptType(vector.value, infos[vector.index].dtype);
    slots[vector.index] = std::move(vector.value);
    slots[vector.index]->name = infos[vector.index].name;
  }
  std::vector<HostValue> values;
  for (size_t i = 0; i < slots.size(); ++i) {
    if (!slots[i])
      return Status(
          Code::BadInput,
          fmt::format("there is no vector for {} '{}'", kind, infos[i].name));
    values.push_back(std::move(*slots[i]));
  }
  return values;
}

/// The comparisons of one data set.
static Result<std::vector<Comparison>>
runDataSet(Call &call, const std::string &folder, const Tolerance &tolerance) {
  std::vector<ValueSlot> inputSlots = slotsOf(call.info().inputs),
                         outputSlots = slotsOf(call.info().outputs);
  auto inputs = arrange(loadTestVectors(folder, "input", inputSlots),
                        call.info().inputs, "input");
  if (!inputs)
    return inputs.takeStatus();
  // Not every output need have a vector.
  std::vector<MatchedValue> wanted =
      loadTestVectors(folder, "output", outputSlots);
  auto outputs = runRaw(call, *inputs);
  if (!outputs)
    return outputs.takeStatus();
  std::vector<Comparison> comparisons;
  for (MatchedValue &want : wanted) {
    if (want.index >= outputs->size())
      return Status(Code::BadInput,
                    fmt::format("{} does not fit the model's {} outputs",
                                want.file, outputs->size()));
    adoptType(want.value, call.info().outputs[want.index].dtype);
    comparisons.push_back(
        compare((*outputs)[want.index], want.value, tolerance));
  }
  if (comparisons.empty())
    return Status(Code::BadInput, "there are no output vectors");
  return comparisons;
}

static json toJson(const std::string &folder,
                   const std::vector<Comparison> &comparisons) {
  json outputs = json::array();
  bool passed = true;
  for (const Comparison &comparison : comparisons) {
    passed &= comparison.mismatch.empty();
    outputs.push_back({{"name", comparison.output},
                       {"passed", comparison.mismatch.empty()},
                       {"message", comparison.mismatch},
                       {"values", comparison.values},
                       {"different", comparison.different},
                       {"max_difference", comparison.maxDifference}});
  }
  return {{"data", folder}, {"passed", passed}, {"outputs", outputs}};
}

/// Prints a data set's result; the first mismatch becomes the error of all.
static void report(const std::string &folder,
                   const std::vector<Comparison> &comparisons, Shell &shell,
                   Status &status) {
  double maxDifference = 0;
  const Comparison *bad = nullptr;
  for (const Comparison &comparison : comparisons) {
    maxDifference = std::max(maxDifference, comparison.maxDifference);
    if (!comparison.mismatch.empty() && !bad)
      bad = &comparison;
  }
  if (shell.json)
    shell.document["sets"].push_back(toJson(folder, comparisons));
  else if (!shell.quiet)
    fmt::print("{} {}  {} outputs, largest difference {:.3g}\n",
               bad ? "FAIL" : "ok  ", escapeText(folder), comparisons.size(),
               maxDifference);
  if (bad && status)
    status = Error{Code::Mismatch, bad->mismatch, folder,
                   fmt::format("output '{}'", bad->output)};
}

static Result<std::vector<std::string>> dataSets(const VerifyOptions &options) {
  std::vector<std::string> folders = options.data;
  if (folders.empty())
    folders.push_back(fs::is_directory(options.target)
                          ? options.target
                          : fs::path(options.target).parent_path().string());
  std::vector<std::string> sets;
  for (std::string &folder : folders) {
    std::vector<std::string> found =
        findDataSets(folder.empty() ? "." : folder);
    if (found.empty())
      return Error{Code::BadInput,
                   "has no test_data_set_* with input_0.pb or output_0.pb",
                   folder};
    sets.insert(sets.end(), found.begin(), found.end());
  }
  return sets;
}

static Status verifyArtifact(const std::string &path,
                             const VerifyOptions &options, Shell &shell) {
  auto sets = dataSets(options);
  if (!sets)
    return sets.takeStatus();
  auto model = openModel(path, options.flags);
  if (!model)
    return model.takeStatus();
  auto entry = (*model)->entry(options.flags.model, options.entry);
  if (!entry)
    return entry.takeStatus();
  Call call(*model, *entry);
  Status status;
  shell.document = {{"target", options.target}, {"sets", json::array()}};
  for (const std::string &folder : *sets) {
    try {
      auto comparisons = runDataSet(call, folder, options.tolerance);
      if (!comparisons)
        return comparisons.takeStatus().inFile(folder);
      report(folder, *comparisons, shell, status);
    } catch (const InputError &error) {
      return toStatus(error, folder);
    }
  }
  return status;
}

static bool isModelPath(const std::string &path) {
  return path.ends_with(".onnx") || fs::is_directory(path);
}

static Status verifyOne(const VerifyOptions &options, Shell &shell) {
  if (!isModelPath(options.target)) {
    VerifyOptions whole = options;
    whole.flags.check = "full"; // a comparison says nothing of damaged weights
    return verifyArtifact(options.target, whole, shell);
  }
  std::vector<std::string> compileOptions;
  for (const std::string &target : options.compileTargets)
    compileOptions.insert(compileOptions.end(), {"--target", target});
  auto artifact =
      TemporaryArtifact::compile(options.target, compileOptions, shell);
  if (!artifact)
    return artifact.takeStatus();
  if (shell.exitCode != 0)
    return Status();
  return verifyArtifact((*artifact)->path(), options, shell);
}

static Status verify(const VerifyOptions &options, Shell &shell) {
  auto start = std::chrono::steady_clock::now();
  if (options.data.empty() && fs::is_directory(options.target)) {
    std::vector<std::string> cases = findCases(options.target);
    if (cases.empty())
      return Error{Code::BadInput,
                   "has no folder with a model.onnx and test_data_set_*",
                   options.target};
    return verifyCases(options, cases, shell);
  }
  Status status = verifyOne(options, shell);
  if (options.junit.empty())
    return status;
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  int code = status ? shell.exitCode : static_cast<int>(status.code());
  Status written = writeJunit(
      options.junit,
      {{options.target, code, status ? "" : status.error().what, seconds}});
  return status ? std::move(written) : std::move(status);
}

void addVerify(CLI::App &app, Shell &shell) {
  CLI::App *verb =
      addVerb(app, shell, "verify", "Run test vectors and compare");
  auto options = std::make_shared<VerifyOptions>();
  verb->add_option("TARGET", options->target,
                   "An artifact, a model, or a folder of cases (model.onnx "
                   "with data sets)")
      ->required();
  verb->add_option("--data", options->data,
                   "A test_data_set_* folder, or one that contains them "
                   "(default: beside the model)");
  auto *rtol = verb->add_option("--rtol", options->tolerance.rtol,
                                "Relative tolerance (default 1e-3)")
                   ->check(CLI::NonNegativeNumber);
  auto *atol = verb->add_option("--atol", options->tolerance.atol,
                                "Absolute tolerance (default 1e-7)")
                   ->check(CLI::NonNegativeNumber);
  verb->add_option("--entry", options->entry,
                   "The entry to run (default: raw)");
  verb->add_option("--target", options->compileTargets,
                   "Compile a model for this target (repeatable)");
  verb->add_option("--jobs", options->jobs, "Cases at the same time")
      ->check(CLI::Range(1, 256));
  verb->add_option("--timeout", options->timeout,
                   "Seconds that a case may take (default 300)")
      ->check(CLI::Range(1, 86400));
  verb->add_option("--junit", options->junit, "Write the results as JUnit XML");
  addModelFlags(verb, options->flags);
  verb->callback([=, &shell] {
    options->toleranceGiven = rtol->count() > 0 || atol->count() > 0;
    shell.action = [options, &shell] { return verify(*options, shell); };
  });
}

} // namespace llmc::cli
