// SPDX-License-Identifier: Apache-2.0
// The onnx dialect's C++ classes; used by frontend/onnx alone.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ir/onnx/OnnxDialect.h.inc"
#define GET_OP_CLASSES
#include "ir/onnx/OnnxOps.h.inc"
