// SPDX-License-Identifier: Apache-2.0
// Which of a folder's ONNX files are the model.
#include "frontend/package/Json.h"
#include "frontend/package/Package.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>

namespace llmc {

namespace fs = std::filesystem;

namespace {

constexpr size_t maxFiles = 10'000;

/// File names that exporters give, and the role each plays. Longer names go
/// before their beginnings.
struct KnownName {
  std::string_view base;
  const char *role;
};
constexpr KnownName knownNames[] = {
    {"decoder_model_merged", "decoder"},
    {"decoder_with_past_model", "decoder_with_past"},
    {"decoder_model", "decoder"},
    {"encoder_model", "encoder"},
    {"vision_encoder", "vision"},
    {"audio_encoder", "audio"},
    {"embed_tokens", "embedding"},
    {"model", "model"},
};

struct Candidate {
  std::string path;
  std::string_view base; // of knownNames; empty: another name
  std::string suffix;    // what follows the base, without the underscore
};

/// The .onnx files directly in a folder, sorted by name.
std::vector<std::string> filesIn(const std::string &folder) {
  std::vector<std::string> out;
  std::error_code code;
  for (fs::directory_iterator at(folder, code), end; !code && at != end;
       at.increment(code)) {
    std::string name = at->path().filename().string();
    if (name.ends_with(".onnx") && at->is_regular_file(code))
      out.push_back(name);
    if (out.size() > maxFiles)
      throw InputError(
          "", fmt::format("more than {} models in one folder", maxFiles))
          .inFile(folder);
  }
  std::ranges::sort(out);
  return out;
}

Candidate classify(const std::string &folder, const std::string &name) {
  Candidate out{folder + "/" + name, "", ""};
  std::string_view stem = std::string_view(name).substr(0, name.size() - 5);
  for (const KnownName &known : knownNames) {
    if (stem != known.base && !stem.starts_with(std::string(known.base) + "_"))
      continue;
    out.base = known.base;
    out.suffix = stem.size() > known.base.size()
                     ? stem.substr(known.base.size() + 1)
                     : "";
    break;
  }
  return out;
}

[[noreturn]] void failAmbiguous(const std::string &folder,
                                const std::vector<Candidate> &candidates) {
  std::string names;
  constexpr size_t shown = 12;
  for (size_t i = 0; i < std::min(candidates.size(), shown); ++i)
    names += (i ? ", " : "") +
             escaped(fs::path(candidates[i].path).filename().string());
  if (candidates.size() > shown)
    names += fmt::format(", ... {} more", candidates.size() - shown);
  throw InputError("", "the folder has several models: " + names,
                   "name one of them, or choose by --variant")
      .inFile(folder);
}

/// The file of each base: the variant asked for, else the plain one, else the
/// only one.
std::map<std::string_view, std::string>
chooseVariants(const std::string &folder,
               const std::vector<Candidate> &candidates,
               const std::string &variant) {
  std::map<std::string_view, std::vector<Candidate>> byBase;
  for (const Candidate &candidate : candidates)
    byBase[candidate.base].push_back(candidate);
  std::map<std::string_view, std::string> out;
  for (const auto &[base, list] : byBase) {
    auto chosen = std::ranges::find(list, variant, &Candidate::suffix);
    if (chosen != list.end() && !base.empty())
      out[base] = chosen->path;
    else if (variant.empty() && list.size() == 1)
      out[base] = list[0].path;
    else if (variant.empty() && !base.empty())
      failAmbiguous(folder, list);
  }
  if (out.empty() && !variant.empty())
    throw InputError(
        "", fmt::format("no model has the variant {}", inQuotes(variant)))
        .inFile(folder);
  return out;
}

std::vector<PackageModel> pickByName(const std::string &folder,
                                     const std::vector<std::string> &names,
                                     const std::string &variant) {
  std::vector<Candidate> candidates;
  for (const std::string &name : names)
    candidates.push_back(classify(folder, name));
  bool hasKnown =
      std::ranges::any_of(candidates, [](const Candidate &candidate) {
        return !candidate.base.empty();
      });
  if (hasKnown)
    std::erase_if(candidates, [](const Candidate &candidate) {
      return candidate.base.empty();
    });
  std::map<std::string_view, std::string> chosen =
      chooseVariants(folder, candidates, variant);
  if (chosen.empty())
    failAmbiguous(folder, candidates);
  if (chosen.contains("decoder_model_merged")) {
    chosen.erase("decoder_model");
    chosen.erase("decoder_with_past_model");
  }
  if (chosen.contains("model") && chosen.size() > 1)
    failAmbiguous(folder, candidates);
  std::vector<PackageModel> out;
  if (chosen.contains(""))
    out.push_back({"model", chosen[""]});
  for (const KnownName &known : knownNames)
    if (chosen.contains(known.base))
      out.push_back({known.role, chosen[known.base]});
  return out;
}

/// The files that genai_config.json names, each under its part of the model.
std::vector<PackageModel> pickByConfig(const std::string &folder,
                                       const std::string &path) {
  nlohmann::json json = loadJson(path);
  std::optional<JsonObject> model = JsonObject(json, path).object("model");
  std::vector<PackageModel> out;
  if (!model)
    return out;
  for (const char *part :
       {"encoder", "embedding", "vision", "speech", "decoder"}) {
    std::optional<JsonObject> inner = model->object(part);
    std::optional<std::string> name =
        inner ? inner->string("filename") : std::nullopt;
    if (!name || name->empty())
      continue;
    fs::path relative(*name);
    bool isInside =
        relative.is_relative() && name->find('\0') == std::string::npos &&
        std::ranges::none_of(relative,
                             [](const fs::path &step) { return step == ".."; });
    if (!isInside)
      inner->fail("filename", fmt::format("{} leaves the model directory",
                                          inQuotes(*name)));
    out.push_back({part, folder + "/" + *name});
  }
  // A decoder alone is simply the model.
  if (out.size() == 1)
    out[0].name = "model";
  return out;
}

} // namespace

std::vector<PackageModel> pickModels(const std::string &folder,
                                     const std::string &genaiConfig,
                                     const std::string &variant) {
  if (!genaiConfig.empty() && variant.empty()) {
    std::vector<PackageModel> named = pickByConfig(folder, genaiConfig);
    if (!named.empty())
      return named;
  }
  for (const std::string &place : {folder, folder + "/onnx"}) {
    std::vector<std::string> names = filesIn(place);
    if (!names.empty())
      return pickByName(place, names, variant);
  }
  throw InputError("", "no .onnx model in this folder or in its onnx/")
      .inFile(folder);
}

} // namespace llmc
