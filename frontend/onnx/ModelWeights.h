// SPDX-License-Identifier: Apache-2.0
// The model's stored tensors behind `llm.weight`s: ids to views into the mapped
// file or its external data. The importer fills it; afterwards it is read by
// any thread. It owns the mappings.
#pragma once

#include "frontend/InputError.h"
#include "frontend/onnx/reader/Tensor.h"
#include "frontend/onnx/reader/Validate.h"
#include "ir/llm/Weights.h"

#include <mutex>

namespace llmc::onnx {

class ModelWeights final : public llm::WeightSource {
public:
  /// Ids count from `firstId`.
  ModelWeights(std::shared_ptr<const ValidModel> model, size_t firstId);
  ~ModelWeights() override;

  /// Keeps a tensor, whose layout was checked, under a new id. Its data stays
  /// where it is.
  size_t add(const TensorProto &tensor, std::string name,
             mlir::RankedTensorType type);
  size_t add(const SparseTensorProto &tensor, std::string name,
             mlir::RankedTensorType type);
  /// The bytes of a tensor that is not kept, such as a small constant.
  TensorData read(const TensorProto &tensor, const std::string &where);
  TensorData read(const SparseTensorProto &tensor, const std::string &where);

  size_t size() const override { return entries.size(); }
  std::string name(size_t id) const override { return entry(id).name; }
  mlir::RankedTensorType type(mlir::MLIRContext *, size_t id) const override {
    return entry(id).type;
  }
  std::span<const std::byte> bytes(size_t id) const override;
  void requireUnchanged() const override;

private:
  struct Entry {
    const TensorProto *dense = nullptr;
    const SparseTensorProto *sparse = nullptr;
    std::string name;
    mlir::RankedTensorType type;
    std::optional<TensorData> data;
  };
  Entry &entry(size_t id) const { return *entries[id - firstId]; }

  std::shared_ptr<const ValidModel> model;
  size_t firstId;
  std::vector<std::unique_ptr<Entry>> entries;
  mutable std::mutex lock; // of the external files and of entries' data
};

} // namespace llmc::onnx
