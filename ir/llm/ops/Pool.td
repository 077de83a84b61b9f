// SPDX-License-Identifier: Apache-2.0
// Sliding windows over the spatial dims of [batch, channels, spatial...].
#ifndef LLMC_IR_LLM_OPS_POOL
#define LLMC_IR_LLM_OPS_POOL
include "ir/llm/Attrs.td"

def Llm_PoolKind : I32EnumAttr<"PoolKind", "what a pooling window gives", [
    I32EnumAttrCase<"Max", 0, "max">, I32EnumAttrCase<"Average", 1, "average">, I32EnumAttrCase<"AveragePadded", 2, "average_padded">,
    I32EnumAttrCase<"Lp", 3, "lp">]> {
  let cppNamespace = "::llmc::llm";
}

def Llm_PoolOp : Llm_PureOp<"pool"> {
  let summary = "The maximum, mean or p-norm of every window";
  let description = [{
    The window of result element o covers x at o * stride - before + k * dilation, k < kernel, along every spatial axis; what lies outside x
    does not count. `average` divides by the number of elements inside x, `average_padded` by those inside x and its pads.
    (C1) One kernel size, stride and dilation above 0 and one pad in front and behind per spatial axis. (C2) A second result, of kind `max` alone,
    holds the position (i64) of each maximum in x, counted over all dims; within one [spatial...] in row-major order, or with
    `column_major` with the first spatial axis fastest. (C3) `p` is above 0 for kind `lp`.
    ```mlir
    %0 = llm.pool max %x {kernel = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, before = affine_map<() -> (0)>, after = affine_map<() -> (0)>}
      : (tensor<1x3x8xf32>) -> tensor<1x3x4xf32>
    ```
  }];
  let arguments = (ins Llm_Tensor:$x, Llm_PoolKind:$kind, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    AffineMapAttr:$before, AffineMapAttr:$after, DefaultValuedAttr<I64Attr, "2">:$p, UnitAttr:$column_major);
  let results = (outs Llm_Tensor:$result, Optional<Llm_IntTensor>:$indices);
  let assemblyFormat = "$kind $x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
