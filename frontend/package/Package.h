// SPDX-License-Identifier: Apache-2.0
// A model as its exporter left it: which ONNX files play which role, and the
// tokenizer and configurations beside them. Plain data; nothing stays open.
#ifndef LLMC_FRONTEND_PACKAGE_PACKAGE_H
#define LLMC_FRONTEND_PACKAGE_PACKAGE_H

#include "frontend/InputError.h"
#include "frontend/package/Embedding.h"
#include "frontend/package/Generation.h"
#include "frontend/package/Speech.h"

#include <string>
#include <vector>

namespace llmc {

struct PackageModel {
  std::string name; // "model", "encoder", "decoder", "decoder_with_past", ...;
                    // unique, and the models' order is fixed
  std::string path; // of the .onnx file
};

struct Package {
  std::vector<PackageModel> models; // at least one
  std::string
      folder; // where the tokenizer and the configurations are; empty: none
  // Paths of files; empty where one isn't there.
  std::string tokenizer; // tokenizer.json
  ConfigFiles configs;
  GenerationSettings generation;
  EmbeddingSettings embedding;
  SpeechSettings speech;
  ModelFacts facts;
};

struct PackageOptions {
  /// The suffix of the files to take: "fp16" for model_fp16.onnx. Empty: the
  /// plain ones.
  std::string variant;
  /// Another folder for tokenizer and configurations; "none": leave them out.
  std::string package;
};

/// path is an .onnx file or a folder. Throws InputError.
Package openPackage(const std::string &path, Remarks &remarks,
                    const PackageOptions &options = {});

/// The tokenizer's part alone, for verbs that need no model: path is a folder.
Package openTokenizerFolder(const std::string &path, Remarks &remarks);

/// The models of a folder, by genai_config.json (its path, or empty) or by
/// their names.
std::vector<PackageModel> pickModels(const std::string &folder,
                                     const std::string &genaiConfig,
                                     const std::string &variant);

} // namespace llmc

#endif // LLMC_FRONTEND_PACKAGE_PACKAGE_H
