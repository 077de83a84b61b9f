// SPDX-License-Identifier: Apache-2.0
#include "ir/onnx/Dialect.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace llmc::onnx;

#include "ir/onnx/OnnxDialect.cpp.inc"
#define GET_OP_CLASSES
#include "ir/onnx/OnnxOps.cpp.inc"

void OnnxDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "ir/onnx/OnnxOps.cpp.inc"
      >();
}
