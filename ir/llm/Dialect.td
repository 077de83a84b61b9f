// SPDX-License-Identifier: Apache-2.0
// The llm dialect itself and the classes that its op records build on.
#ifndef LLMC_IR_LLM_DIALECT
#define LLMC_IR_LLM_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

def Llm_Dialect : Dialect {
  let name = "llm";
  let cppNamespace = "::llmc::llm";
  let summary = "Language models as tensor programs with symbolic sizes";
  let description = [{
    Values are ranked tensors, or sequences of them. A dim that is not fixed is an expression over the module's symbols: the tensor type's
    encoding is an affine map `()[s0, s1, ...] -> (d0, d1, ...)` with one result per dim, so that two types are equal
    exactly where their sizes are the same expressions (ir/llm/Shape.h). Symbol k is row k of the module's `llm.symbols`.
    Element types are MLIR's built-in ones; unsigned integers are `ui8` and so on, booleans are `i1`.
    Weights are `llm.weight` ops: a handle and a lazy recipe, never bytes.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
}

// A row of an ONNX operator that maps to an op one to one: operands in order, attributes of the same names.
// Anything more than that is a rule in frontend/onnx/rules.
class Onnx<string op, int since, string opDomain = ""> {
  string name = op;
  int sinceVersion = since;
  string domain = opDomain;
}

class Llm_Op<string mnemonic, list<Trait> traits = []> : Op<Llm_Dialect, mnemonic, traits> {
  // The ONNX operators that import to this op without a rule.
  list<Onnx> onnx = [];
  // What a CPU runs it with, for docs/support.md: a kernel and the operands that it takes, a view (no work), or general loops, which take
  // all types and are what a kernel does not cover.
  string kernel = "general loops";
}

// Ops without effects whose result types follow from operands and attributes (inferReturnTypes in ops/<Family>.cpp).
class Llm_PureOp<string mnemonic, list<Trait> traits = []>
    : Llm_Op<mnemonic, !listconcat(traits, [Pure])>;
class Llm_InferredOp<string mnemonic, list<Trait> traits = []>
    : Llm_PureOp<mnemonic, !listconcat(traits, [InferTypeOpAdaptorWithIsCompatible])>;

def Llm_Tensor : Type<CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">, "ranked tensor", "::mlir::RankedTensorType">;
def Llm_FloatTensor : Type<And<[Llm_Tensor.predicate, CPred<"::llvm::isa<::mlir::FloatType>(::llvm::cast<::mlir::RankedTensorType>($_self).getElementType())">]>, "tensor of floats", "::mlir::RankedTensorType">;
def Llm_IntTensor : Type<And<[Llm_Tensor.predicate, CPred<"::llvm::isa<::mlir::IntegerType>(::llvm::cast<::mlir::RankedTensorType>($_self).getElementType())">]>, "tensor of integers", "::mlir::RankedTensorType">;
def Llm_BoolTensor : Type<And<[Llm_Tensor.predicate, CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getElementType().isInteger(1)">]>, "tensor of booleans", "::mlir::RankedTensorType">;

#endif
