// SPDX-License-Identifier: Apache-2.0
// The llm dialect's C++ classes. Include this wherever ops are built or
// matched.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ir/llm/PackedRows.h"

#include "ir/llm/LlmDialect.h.inc"
#include "ir/llm/LlmEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "ir/llm/LlmAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "ir/llm/LlmInterfaces.h.inc"
#include "ir/llm/LlmTypes.h.inc"
#define GET_OP_CLASSES
#include "ir/llm/LlmOps.h.inc"
