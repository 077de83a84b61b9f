// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_NORM
#define LLMC_IR_LLM_OPS_NORM
include "ir/llm/Attrs.td"

def Llm_RmsNormOp : Llm_PureOp<"rms_norm", [AttrSizedOperandSegments]> {
  let summary = "x / sqrt(mean(x^2) + epsilon) * weight + residual over the last dim (Zhang and Sennrich, 2019)";
  let kernel = "kernel for f32, f16 and bf16 over the last axis; else general loops";
  let description = [{
    (C1) The weight, if any, is [width] or broadcasts to x's last dim. (C2) The residual, if any, has x's type. The result has x's shape, in
    any float type; statistics are f32.
  }];
  let arguments = (ins Llm_FloatTensor:$x, Optional<Llm_FloatTensor>:$weight, Optional<Llm_FloatTensor>:$residual, F64Attr:$epsilon);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x (`,` $weight^)? (`residual` $residual^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_LayerNormOp : Llm_PureOp<"layer_norm", [AttrSizedOperandSegments]> {
  let summary = "(x - mean) / sqrt(variance + epsilon) * weight + bias over the last dim (Ba et al., 2016)";
  let kernel = "kernel for f32, f16 and bf16 over the last axis; else general loops";
  let description = [{ (C1) Weight and bias, if any, are [width]. The result has x's shape, in any float type; statistics are f32. }];
  let arguments = (ins Llm_FloatTensor:$x, Optional<Llm_FloatTensor>:$weight, Optional<Llm_FloatTensor>:$bias, F64Attr:$epsilon);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x (`weight` $weight^)? (`bias` $bias^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_AddNormOp : Llm_PureOp<"add_norm", [AttrSizedOperandSegments]> {
  let summary = "A norm of x + addend, and the sum: llm.rms_norm, or with `centered` llm.layer_norm";
  let kernel = "kernel for f32, f16 and bf16 over the last axis; else general loops";
  let description = [{
    The sum is rounded to its type before it is normalized, as that of an llm.add. (C1) x, addend and sum have one type, the result has their shape.
    (C2) Weight and bias, if any, have the last dim's size; a bias comes with `centered` only.
    ```mlir
    %0, %1 = llm.add_norm %x, %y weight %w {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>, tensor<2x8xf32>, tensor<8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>)
    ```
  }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_FloatTensor:$addend, Optional<Llm_FloatTensor>:$weight, Optional<Llm_FloatTensor>:$bias, F64Attr:$epsilon,
    UnitAttr:$centered);
  let results = (outs Llm_FloatTensor:$result, Llm_FloatTensor:$sum);
  let assemblyFormat = "$x `,` $addend (`weight` $weight^)? (`bias` $bias^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_SoftmaxOp : Llm_InferredOp<"softmax"> {
  let summary = "exp(x - max) / sum(exp(x - max)) along an axis; with `log` its logarithm";
  let kernel = "f32 kernel over the last axis; else general loops";
  let arguments = (ins Llm_FloatTensor:$x, I64Attr:$axis, UnitAttr:$log);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

#endif
