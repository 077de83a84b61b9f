// SPDX-License-Identifier: Apache-2.0
// The rt dialect's C++ classes; made by codegen/lowering, consumed by its
// lowering to LLVM.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ir/rt/RtDialect.h.inc"
#define GET_OP_CLASSES
#include "ir/rt/RtOps.h.inc"
