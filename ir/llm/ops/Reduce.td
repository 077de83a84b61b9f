// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_REDUCE
#define LLMC_IR_LLM_OPS_REDUCE
include "ir/llm/Attrs.td"

def Llm_ReduceOp : Llm_InferredOp<"reduce"> {
  let summary = "A reduction over axes";
  let kernel = "f32 kernel over adjacent axes; else general loops";
  let description = [{
    (C1) `axes` are distinct, in [0, rank). With `keepdims` reduced dims become 1, else they go. Over no elements: the kind's neutral element.
  }];
  let arguments = (ins Llm_Tensor:$x, Llm_ReduceKind:$kind, DenseI64ArrayAttr:$axes, BoolAttr:$keepdims);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$kind $x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_ArgReduceOp : Llm_InferredOp<"arg_reduce"> {
  let summary = "The position (i64) of the largest or smallest element along an axis";
  let arguments = (ins Llm_Tensor:$x, I64Attr:$axis, BoolAttr:$keepdims, UnitAttr:$smallest, UnitAttr:$last);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}
def Llm_CumulateOp : Llm_InferredOp<"cumulate"> {
  let summary = "Running sum, or product, along an axis";
  let arguments = (ins Llm_Tensor:$x, I64Attr:$axis, UnitAttr:$product, UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

#endif
