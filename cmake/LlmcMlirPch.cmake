# SPDX-License-Identifier: Apache-2.0
# llmc-mlir-pch: one precompiled header of LLVM's and MLIR's common headers, which every room with MLIR reuses.
add_library(llmc-mlir-pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch/MlirPch.cpp)
llmc_uses_mlir(llmc-mlir-pch)
target_link_libraries(llmc-mlir-pch PRIVATE llmc-warnings)
target_precompile_headers(llmc-mlir-pch PRIVATE
  <memory> <optional> <string> <vector>
  <llvm/ADT/STLExtras.h> <llvm/ADT/SmallVector.h> <llvm/ADT/StringRef.h> <llvm/Support/Error.h>
  <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h> <mlir/IR/BuiltinTypes.h> <mlir/IR/BuiltinAttributes.h>
  <mlir/IR/OpImplementation.h> <mlir/IR/PatternMatch.h> <mlir/Pass/Pass.h>
  <mlir/IR/DialectImplementation.h> <mlir/Interfaces/InferTypeOpInterface.h> <mlir/Interfaces/SideEffectInterfaces.h>
  <mlir/Dialect/Func/IR/FuncOps.h> <mlir/Dialect/Arith/IR/Arith.h> <mlir/Dialect/LLVMIR/LLVMDialect.h> <mlir/Dialect/SCF/IR/SCF.h>)
