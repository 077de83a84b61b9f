// SPDX-License-Identifier: Apache-2.0
#include "frontend/package/Package.h"

#include "frontend/package/Json.h"

#include <filesystem>
#include <fmt/format.h>

namespace llmc {

namespace fs = std::filesystem;

namespace {

bool exists(const std::string &path) {
  std::error_code code;
  return fs::exists(path, code);
}

std::string fileIn(const std::string &folder, const char *name) {
  std::string path = folder + "/" + name;
  return exists(path) ? path : "";
}

void loadTexts(const std::string &folder, Package &package) {
  package.folder = folder;
  package.tokenizer = fileIn(folder, "tokenizer.json");
}

bool hasConfiguration(const std::string &folder) {
  for (const char *name : {"tokenizer.json", "config.json", "genai_config.json",
                           "tokenizer_config.json"})
    if (exists(folder + "/" + name))
      return true;
  return false;
}

/// Where a model's companions are: beside it, or above a folder named onnx.
std::string companionFolder(const std::string &modelPath) {
  fs::path parent = fs::path(modelPath).parent_path();
  std::string folder = parent.empty() ? "." : parent.string();
  if (hasConfiguration(folder) ||
      fs::absolute(folder).lexically_normal().filename() != "onnx")
    return folder;
  fs::path above = fs::path(folder) / "..";
  return hasConfiguration(above.string()) ? above.string() : folder;
}

} // namespace

Package openTokenizerFolder(const std::string &path, Remarks &remarks) {
  std::error_code code;
  if (!fs::is_directory(path, code))
    throw InputError("", "not a folder").inFile(path);
  Package package;
  loadTexts(path, package);
  if (package.tokenizer.empty())
    throw InputError("", "tokenizer.json not found in this folder")
        .inFile(path);
  return package;
}

Package openPackage(const std::string &path, Remarks &remarks,
                    const PackageOptions &options) {
  std::error_code code;
  fs::file_status status = fs::status(path, code);
  if (status.type() == fs::file_type::not_found)
    throw InputError("", "no such file or folder").inFile(path);
  Package package;
  bool isFolder = fs::is_directory(status);
  std::string folder = isFolder ? path : companionFolder(path);
  if (!options.package.empty())
    folder = options.package;
  bool isAlone = options.package == "none";
  if (isFolder)
    package.models =
        pickModels(path, fileIn(path, "genai_config.json"), options.variant);
  else
    package.models = {{"model", path}};
  if (isAlone)
    return package;
  if (!fs::is_directory(folder, code))
    throw InputError("", "not a folder").inFile(folder);
  loadTexts(folder, package);
  package.configs = {fileIn(folder, "genai_config.json"),
                     fileIn(folder, "generation_config.json"),
                     fileIn(folder, "config.json")};
  loadGeneration(package.configs, package.generation, package.facts, remarks);
  loadEmbedding(folder, package.embedding, remarks);
  loadSpeech(folder, {package.configs.generation, package.configs.config},
             package.speech);
  if (package.tokenizer.empty())
    remarks.note(
        "", "no tokenizer.json: the artifact will take token ids, not text");
  return package;
}

} // namespace llmc
