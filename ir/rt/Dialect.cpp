// SPDX-License-Identifier: Apache-2.0
#include "ir/rt/Dialect.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace llmc::rt;

#include "ir/rt/RtDialect.cpp.inc"
#define GET_OP_CLASSES
#include "ir/rt/RtOps.cpp.inc"

void RtDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "ir/rt/RtOps.cpp.inc"
      >();
}
