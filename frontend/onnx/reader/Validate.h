// SPDX-License-Identifier: Apache-2.0
// Opens a model and checks its whole structure before anything is built from
// it: versions, names, order, operators' signatures, tensors, external data,
// functions and control flow. Not thread-safe.
#ifndef LLMC_FRONTEND_ONNX_READER_VALIDATE_H
#define LLMC_FRONTEND_ONNX_READER_VALIDATE_H

#include "frontend/InputError.h"
#include "frontend/onnx/reader/ExternalData.h"
#include "frontend/onnx/reader/Functions.h"
#include "frontend/onnx/reader/Model.h"

namespace llmc::onnx {

struct ValidateOptions {
  /// Nodes out of order are an error instead of sorted with a note.
  bool isStrict = false;
  /// Nodes as the file has them, and after inlining every function. The
  /// importer makes an op of each; no real model comes near this.
  uint64_t maxNodes = 4'000'000;
  uint64_t maxInlinedNodes = 4'000'000;
  uint32_t maxCallDepth = 100;
};

/// Throws InputError at the first fault. Afterwards nodes are in topological
/// order (NodeProto::index stays the file's), nodes without outputs are gone,
/// negative declared sizes are unknown ones, and every name, function call,
/// attribute kind and tensor is sound. Operators of domains that the tables
/// lack are passed: the conversion reports them.
void validate(ModelProto &model, ExternalFiles &external, Remarks &remarks,
              const ValidateOptions &options = {});

/// A model that passed validate(), with its files. Movable.
struct ValidModel {
  ModelFile file;
  std::unique_ptr<ExternalFiles> external;

  /// Throws if the model or its data changed since they were opened; to be
  /// called when the last byte was read.
  void requireUnchanged() const {
    file.mapping->requireUnchanged();
    external->requireUnchanged();
  }
  const ModelProto &model() const { return file.model; }
  const GraphProto &graph() const { return *file.model.graph; }
};

ValidModel loadModel(const std::string &path, Remarks &remarks,
                     const ValidateOptions &options = {});

/// The version that opsets import for a domain; 0 if they don't.
int64_t importedVersion(std::span<const OpsetImport> opsets,
                        std::string_view domain);

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_VALIDATE_H
