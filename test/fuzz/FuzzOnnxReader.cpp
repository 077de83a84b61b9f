// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes are, the reader ends in a model or in an InputError:
// nothing else is thrown, read or written. Every tensor of an accepted model is
// decoded.
#include "frontend/onnx/reader/Tensor.h"
#include "frontend/onnx/reader/Validate.h"

#include <cstdint>

using namespace llmc;
using namespace llmc::onnx;

namespace {

void decode(const TensorProto &tensor, ExternalFiles &external) {
  try {
    decodeTensor(tensor, &external);
  } catch (const InputError &) {
    // Numbers out of their type's range are found only here.
  }
}

void decodeAll(const GraphProto &graph, ExternalFiles &external) {
  for (const TensorProto &tensor : graph.initializers)
    decode(tensor, external);
  for (const SparseTensorProto &tensor : graph.sparseInitializers)
    if (checkSparse(tensor, "").bytes < 1 << 20)
      decodeSparse(tensor, &external, "");
  for (const NodeProto &node : graph.nodes)
    for (const AttributeProto &attribute : node.attributes) {
      if (attribute.tensor())
        decode(*attribute.tensor(), external);
      for (const GraphProto &inner : attribute.graphs())
        decodeAll(inner, external);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Bytes bytes(reinterpret_cast<const std::byte *>(data), size);
  try {
    Remarks remarks;
    ExternalFiles external("/nonexistent", &remarks);
    ModelProto model = parseModel(bytes);
    validate(model, external, remarks);
    decodeAll(*model.graph, external);
  } catch (const InputError &) {
  }
  try {
    decode(parseTensor(bytes, bytes),
           *std::make_unique<ExternalFiles>("/nonexistent"));
  } catch (const InputError &) {
  }
  return 0;
}
