// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_LAYOUT
#define LLMC_IR_LLM_OPS_LAYOUT
include "ir/llm/Attrs.td"
include "ir/llm/Interfaces.td"

def Llm_ReshapeOp : Llm_PureOp<"reshape", [DeclareOpInterfaceMethods<Llm_ViewOp>]> {
  let summary = "The same elements in other dims";
  let kernel = "a view";
  let description = [{
    (C1) Operand and result have equal element types. The product of dims is equal; where symbols hide that, it is checked at run time.
  }];
  let arguments = (ins Llm_Tensor:$x);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasVerifier = 1;
}
def Llm_BitcastOp : Llm_PureOp<"bitcast"> {
  let summary = "The same bits read as another element type of the same width; a boolean is a byte";
  let kernel = "a view";
  let arguments = (ins Llm_Tensor:$x);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}
def Llm_TransposeOp : Llm_InferredOp<"transpose"> {
  let summary = "Dims in another order: result dim i is operand dim perm[i]";
  let kernel = "a view";
  let arguments = (ins Llm_Tensor:$x, DenseI64ArrayAttr:$perm);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasVerifier = 1;
}
def Llm_ExpandOp : Llm_PureOp<"expand"> {
  let summary = "Broadcast to the result's dims, as in NumPy";
  let kernel = "a view";
  let arguments = (ins Llm_Tensor:$x);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasVerifier = 1;
}
def Llm_SliceOp : Llm_PureOp<"slice"> {
  let summary = "A regular part of a tensor";
  let kernel = "a view";
  let description = [{
    Result element [i...] is operand element [starts[k] + steps[k] * i_k ...]; the result's dims are the sizes.
    (C1) One start (an expression over the symbols) and one step (not 0) per axis.
    ```mlir
    %0 = llm.slice %x {starts = affine_map<()[s0] -> (0, s0 - 1)>, steps = array<i64: 1, 1>} : (tensor<4x?xf32, #m>) -> tensor<4x1xf32>
    ```
  }];
  let arguments = (ins Llm_Tensor:$x, AffineMapAttr:$starts, DenseI64ArrayAttr:$steps);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasVerifier = 1;
}
def Llm_ConcatOp : Llm_InferredOp<"concat"> {
  let summary = "Tensors behind each other along an axis";
  let arguments = (ins Variadic<Llm_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasVerifier = 1;
}
def Llm_PadOp : Llm_PureOp<"pad"> {
  let summary = "Padding: `before` elements in front of each axis, the result's dims say how many behind; negative ones cut";
  let description = [{
    The padded elements are `value`, the nearest element (edge), a mirror image without the edge itself (reflect), or the other end (wrap).
    (C1) One `before` per axis. (C2) `value` is a scalar of the operand's element type.
  }];
  let arguments = (ins Llm_Tensor:$x, Llm_Tensor:$value, AffineMapAttr:$before,
                       DefaultValuedAttr<Llm_PadMode, "::llmc::llm::PadMode::Constant">:$mode);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x `,` $value attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_TriluOp : Llm_InferredOp<"trilu"> {
  let summary = "The upper (or lower) triangle of the last two dims, zero elsewhere; k shifts the diagonal";
  let arguments = (ins Llm_Tensor:$x, Optional<Llm_Tensor>:$k, UnitAttr:$upper);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x (`,` $k^)? attr-dict `:` functional-type(operands, results)";
}

#endif
