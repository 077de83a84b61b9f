// SPDX-License-Identifier: Apache-2.0
// What passes and the code generator ask of ops, instead of keeping lists of op names.
#ifndef LLMC_IR_LLM_INTERFACES
#define LLMC_IR_LLM_INTERFACES

include "mlir/IR/OpBase.td"

def Llm_ElementwiseOp : OpInterface<"ElementwiseOp"> {
  let cppNamespace = "::llmc::llm";
  let description = [{
    Every result element depends on one element of each operand, operands broadcast as in NumPy. Such ops fuse into
    `llm.map`, whose body is these same ops on scalars (rank-0 tensors become their element type in codegen).
  }];
  let methods = [];
}

def Llm_ViewOp : OpInterface<"ViewOp"> {
  let cppNamespace = "::llmc::llm";
  let description = [{
    The result has the operand's elements in the operand's order: no code, the buffer is shared.
  }];
  let methods = [InterfaceMethod<"The operand whose buffer the result shares", "::mlir::Value", "getViewSource", (ins)>];
}

#endif
