// SPDX-License-Identifier: Apache-2.0
// Code of finished modules for some targets, which share one table of weights.
// Errors leave as CompileError. Not thread-safe.
#pragma once

#include "codegen/artifact/Writer.h"
#include "codegen/cpu/Isa.h"
#include "codegen/lowering/EntryLowering.h"
#include "codegen/weights/Recipe.h"
#include "runtime/core/Sha256.h"

#include <map>

namespace llmc::compiler {

/// Shared objects by the lowered IR that they were made of: layers of a model
/// differ in their weights alone.
using ObjectCache = std::map<Digest, std::string>;

struct CodeOptions {
  std::vector<CpuTarget> targets;
  unsigned jobs = 1; ///< at least 1; the bytes do not depend on it
  bool verifyEach = false;
  std::string dump = {}; ///< llvm or asm: what printDump() prints
  /// Objects are looked up here first, and kept. With one target only.
  ObjectCache *cache = nullptr;
};

class CodeGeneration {
public:
  /// Lowers the entries of the modules, which must outlive it.
  CodeGeneration(mlir::MLIRContext &, std::vector<mlir::ModuleOp> modules,
                 const Digest &id, CodeOptions);

  /// The entries as all targets have them, in the modules' order.
  const std::vector<LoweredModel> &models() const { return lowered; }
  /// The weights of the artifact, by their ids.
  llvm::ArrayRef<llm::RecipeAttr> weights() const { return table.recipes(); }
  /// The lowered IR of all targets; before emit().
  void print(llvm::raw_ostream &) const;
  /// Makes shared objects.
  void emit();
  void printDump(llvm::raw_ostream &) const;
  /// Adds weights and code, behind emit(); tells `progress` how many bytes of
  /// all weights are written.
  void write(ArtifactWriter &, const llm::WeightSource &,
             llvm::function_ref<void(uint64_t done, uint64_t total)> progress);

private:
  /// One target's code on its way from lowered IR to a shared object.
  struct TargetCode {
    CpuTarget target;
    mlir::OwningOpRef<mlir::ModuleOp> module;
    std::string object, dump;
  };
  void emitObject(TargetCode &) const;
  void writeWeights(ArtifactWriter &, const llm::WeightSource &,
                    llvm::function_ref<void(uint64_t, uint64_t)> progress);

  mlir::MLIRContext &context;
  CodeOptions options;
  WeightTable table;
  std::vector<TargetCode> codes;
  std::vector<LoweredModel> lowered;
};

} // namespace llmc::compiler
