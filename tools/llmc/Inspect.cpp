// SPDX-License-Identifier: Apache-2.0
// `llmc inspect`: what is inside an artifact; of a model the compiler library
// tells.
#include "runtime/core/Escape.h"
#include "runtime/device/cpu/CodeObject.h"
#include "runtime/model/Artifact.h"
#include "tools/llmc/CompilerLibrary.h"
#include "tools/llmc/Format.h"
#include "tools/llmc/ModelView.h"
#include "tools/llmc/Verbs.h"
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace llmc::cli {

using nlohmann::json;

namespace {
struct Options {
  std::string file;
  bool ops = false;
  bool check = false;
};
} // namespace

static bool isModel(const std::string &file) {
  std::error_code failed;
  return file.ends_with(".onnx") || std::filesystem::is_directory(file, failed);
}

static Status inspectModel(const Options &options, Shell &shell) {
  std::vector<std::string> arguments = {options.file};
  for (auto [given, flag] :
       {std::pair(options.ops, "--ops"), std::pair(options.check, "--check"),
        std::pair(shell.json, "--json"), std::pair(shell.quiet, "-q")})
    if (given)
      arguments.push_back(flag);
  Result<int> code = runCompiler(LLMC_COMPILER_INSPECT, arguments);
  if (!code)
    return code.takeStatus();
  shell.exitCode = *code;
  return Status();
}

static json toJson(const Artifact &artifact, bool ops) {
  const Manifest &manifest = artifact.manifest();
  json models = json::array(), code = json::array(), files = json::object();
  for (const ModelInfo &model : manifest.models)
    models.push_back(modelToJson(model, ops));
  for (const CodeInfo &object : manifest.code)
    code.push_back({{"target", object.target},
                    {"features", object.features},
                    {"rank", object.rank},
                    {"bytes", artifact.section(object.section).size()},
                    {"missing", missingFeatures(object)}});
  for (const auto &[name, section] : manifest.files)
    files[name] = artifact.section(section).size();
  return {{"file", artifact.path()},
          {"bytes", artifact.fileSize()},
          {"format", format::version},
          {"id", toHex(manifest.id)},
          {"digest", toHex(artifact.digest())},
          {"version", manifest.version},
          {"provenance", manifest.provenance},
          {"passes", manifest.passes},
          {"models", models},
          {"code", code},
          {"weights",
           {{"count", manifest.weights.size()},
            {"bytes", artifact.weights().size()}}},
          {"files", files}};
}

static std::string joined(const std::vector<std::string> &words) {
  std::string text;
  for (const std::string &word : words)
    text += (text.empty() ? "" : " ") + escapeText(word, 100);
  return text;
}

static void print(const Artifact &artifact, bool ops) {
  const Manifest &manifest = artifact.manifest();
  fmt::print("{}: artifact, format {}, {}, by llmc {}\n",
             escapeText(artifact.path()), format::version,
             formatBytes(artifact.fileSize()),
             escapeText(manifest.version, 100));
  fmt::print("id      {}\ndigest  {}\n", toHex(manifest.id),
             toHex(artifact.digest()));
  for (const auto &[key, value] : manifest.provenance)
    fmt::print("{}: {}\n", escapeText(key, 100), escapeText(value));
  fmt::print("passes  {}\nmodels\n", joined(manifest.passes));
  for (const ModelInfo &model : manifest.models)
    printModel(model, ops);
  fmt::print("code\n");
  for (const CodeInfo &code : manifest.code) {
    std::string missing = missingFeatures(code);
    fmt::print("  {}  {}  rank {}{}\n", escapeText(code.target, 100),
               formatBytes(artifact.section(code.section).size()), code.rank,
               missing.empty()
                   ? ""
                   : "  (this CPU lacks " + escapeText(missing) + ")");
    fmt::print("    {}\n", joined(code.features));
  }
  fmt::print("weights {}, {}\n", manifest.weights.size(),
             formatBytes(artifact.weights().size()));
  for (const auto &[name, section] : manifest.files)
    fmt::print("file    {}  {}\n", escapeText(name, 100),
               formatBytes(artifact.section(section).size()));
}

static Status inspect(const Options &options, Shell &shell) {
  if (isModel(options.file))
    return inspectModel(options, shell);
  auto artifact = Artifact::open(options.file);
  if (!artifact)
    return artifact.takeStatus();
  if (shell.json)
    shell.document = toJson(**artifact, options.ops);
  else
    print(**artifact, options.ops);
  if (!options.check)
    return Status();
  if (Status status = (*artifact)->checkWeights(); !status)
    return status;
  if (shell.json)
    shell.document["checked"] = true;
  else
    fmt::print("all checksums match\n");
  return Status();
}

void addInspect(CLI::App &app, Shell &shell) {
  CLI::App *verb = addVerb(app, shell, "inspect",
                           "Show what is inside a model or an artifact");
  auto options = std::make_shared<Options>();
  verb->add_option("FILE", options->file,
                   "An artifact, an .onnx file or a model folder")
      ->required();
  verb->add_flag("--ops", options->ops,
                 "List the operations of each layer after all passes");
  verb->add_flag("--check", options->check,
                 "Verify the weights' checksums too");
  verb->callback([options, &shell] {
    shell.action = [options, &shell] { return inspect(*options, shell); };
  });
}

} // namespace llmc::cli
