// SPDX-License-Identifier: Apache-2.0
// What `llmc compile` and `llmc check` are asked to do.
#pragma once

#include "tools/llmc/Shell.h"

#include <string>
#include <vector>

namespace llmc::compiler {

/// What quantization by activations is calibrated with.
struct CalibrationOptions {
  std::string file; ///< text, or tensors; empty: the model writes it
  size_t samples = 128;
  size_t tokens = 512; ///< of a sample, at most
};

struct Options {
  std::string model;
  std::string
      output; ///< empty: the model's name with .llmc, in the working folder
  std::vector<std::string> targets = {"host"};
  std::string emit;   ///< what to print instead of writing an artifact
  std::string passes; ///< a textual pipeline instead of the built-in one
  std::string variant;
  std::string package;
  std::string caches; ///< f32, f16, bf16, int8 or int4; empty: the model's
  std::string math = "f32"; ///< or bf16: what products of f32 are computed in
  std::vector<std::string> quantize; ///< rules (passes/quantize/Spec.h)
  CalibrationOptions calibration;
  std::string budget;     ///< limits (tools/llmc/Budget.h); empty: none
  std::string budgetText; ///< what it is measured on; empty: the calibration's
  std::vector<std::string> jsonSchemas; ///< NAME=FILE, to be kept
  std::vector<std::string> grammars;    ///< NAME=FILE, to be kept
  bool layers = false; ///< an entry that gives the layers' results
  bool strict = false;
  bool verifyEach = false;
  unsigned jobs = 0; ///< 0: as many as cores
};

/// Adds the options of a verb to its parser.
void addModelOptions(CLI::App &app, Options &options);
void addCompileOptions(CLI::App &app, Options &options);
void addExportOptions(CLI::App &app, Options &options);
void addQuantizeOptions(CLI::App &app, Options &options);

/// What --emit knows: the stages in order, and "passes".
std::vector<std::string> emitStages();

} // namespace llmc::compiler
