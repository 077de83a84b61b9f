// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/QuantOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace llmc::llm;

#include "ir/llm/LlmDialect.cpp.inc"
#include "ir/llm/LlmEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "ir/llm/LlmAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "ir/llm/LlmInterfaces.cpp.inc"
#include "ir/llm/LlmTypes.cpp.inc"
#define GET_OP_CLASSES
#include "ir/llm/LlmOps.cpp.inc"
#define GET_OP_CLASSES
#include "ir/llm/LlmQuant.cpp.inc"

void LlmDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ir/llm/LlmAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "ir/llm/LlmTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/llm/LlmOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/llm/LlmQuant.cpp.inc"
      >();
}

Operation *LlmDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                           Type type, Location loc) {
  if (auto recipe = dyn_cast<RecipeAttr>(value))
    return WeightOp::create(builder, loc, type, recipe);
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}
