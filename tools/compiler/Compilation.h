// SPDX-License-Identifier: Apache-2.0
// One compilation: from a model on disk to an artifact, in phases that report
// their progress. Errors leave as CompileError. Not thread-safe.
#pragma once

#include "frontend/onnx/Importer.h"
#include "frontend/package/Package.h"
#include "runtime/template/ChatTemplate.h"
#include "tools/compiler/CodeGeneration.h"
#include "tools/compiler/CompileError.h"
#include "tools/compiler/Constraints.h"
#include "tools/compiler/Options.h"
#include "tools/compiler/Quantization.h"
#include "tools/llmc/Progress.h"

namespace llmc::compiler {

/// One ONNX file on its way.
struct ModelUnit {
  std::string name;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

class ModelEvaluator;

class Compilation {
public:
  Compilation(const Options &, cli::Shell &);
  /// Reads and converts the model and runs the passes.
  void prepare();
  /// Writes the model back as ONNX after the stage that `emit` names.
  void exportTo(const std::string &path);
  /// The entries as the first target's code has them, in the order of `units`;
  /// the code itself is dropped.
  std::vector<LoweredModel> lowered();
  /// Everything up to the artifact, or --emit's output on stdout.
  void run();

  const Options &options;
  cli::Shell &shell;
  cli::Progress progress;
  mlir::MLIRContext context;
  Package package;
  ChatFiles chatFiles; ///< of the package's folder
  std::vector<NamedText> constraints;
  std::vector<ModelUnit> units;
  JoinedWeights weights; ///< of all units
  passes::QuantizeReport quantized;
  uint64_t sharedBytes =
      0; ///< of weights that are stored once though the model has them twice

private:
  void read();
  void readChat();
  /// A merged decoder, read twice, becomes the two that it was merged from.
  void splitDecoder(mlir::ModuleOp first, mlir::ModuleOp later);
  void add(std::string name, onnx::ImportedModel);
  std::vector<mlir::ModuleOp> modules() const;
  void optimize();
  /// Says where an option changes nothing.
  void warnOfIdleOptions();
  /// An error where the quantize phase changed nothing, or not as asked for.
  void requireQuantized();
  /// What the quantize phase left as it was.
  void reportQuantized();
  /// A warning, or with --strict an error.
  void warn(const std::string &text);
  void runPasses(ModelUnit &);
  /// Where it had little to go by.
  void reportCalibration(const ModelEvaluator &);
  /// Models of several files feed each other, which samples do not know.
  void requireOneModel() const;
  void checkSupported();
  Digest identity() const;
  std::vector<CpuTarget> resolveTargets() const;
  CodeGeneration generateCode(std::vector<CpuTarget>, const Digest &id);
  void writeArtifact();
  void addPackageFiles(ArtifactWriter &);
  void summarize(const Manifest &, uint64_t weightBytes,
                 const std::string &path);
  bool emits(llvm::StringRef stage) const { return options.emit == stage; }
  unsigned jobs() const; ///< at least 1
};

/// Without entries of its own making, the whole model is the raw entry.
void markRawEntry(mlir::ModuleOp);
/// A tensor's sizes as a reader sees them; "?" for those that data computes.
std::vector<Dim> describeDims(const llm::Symbols &, mlir::Type tensor);
/// The manifest's description of the entries of a module, in order; sites come
/// from the lowering.
ModelInfo describeModel(llvm::StringRef name, mlir::ModuleOp,
                        llvm::ArrayRef<LoweredEntry>);

} // namespace llmc::compiler
