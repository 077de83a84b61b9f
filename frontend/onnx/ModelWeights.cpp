// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/ModelWeights.h"

namespace llmc::onnx {

ModelWeights::ModelWeights(std::shared_ptr<const ValidModel> model,
                           size_t firstId)
    : model(std::move(model)), firstId(firstId) {}
ModelWeights::~ModelWeights() = default;

size_t ModelWeights::add(const TensorProto &tensor, std::string name,
                         mlir::RankedTensorType type) {
  entries.push_back(std::make_unique<Entry>(
      Entry{&tensor, nullptr, std::move(name), type, {}}));
  return firstId + entries.size() - 1;
}

size_t ModelWeights::add(const SparseTensorProto &tensor, std::string name,
                         mlir::RankedTensorType type) {
  entries.push_back(std::make_unique<Entry>(
      Entry{nullptr, &tensor, std::move(name), type, {}}));
  return firstId + entries.size() - 1;
}

TensorData ModelWeights::read(const TensorProto &tensor,
                              const std::string &where) {
  std::lock_guard guard(lock);
  return decodeTensor(tensor, model->external.get(), where);
}

TensorData ModelWeights::read(const SparseTensorProto &tensor,
                              const std::string &where) {
  std::lock_guard guard(lock);
  return decodeSparse(tensor, model->external.get(), where);
}

std::span<const std::byte> ModelWeights::bytes(size_t id) const {
  std::lock_guard guard(lock);
  Entry &entry = this->entry(id);
  if (!entry.data) {
    std::string where = "tensor " + inQuotes(entry.name);
    entry.data =
        entry.dense ? decodeTensor(*entry.dense, model->external.get(), where)
                    : decodeSparse(*entry.sparse, model->external.get(), where);
  }
  return entry.data->bytes();
}

void ModelWeights::requireUnchanged() const {
  std::lock_guard guard(lock);
  model->requireUnchanged();
}

} // namespace llmc::onnx
