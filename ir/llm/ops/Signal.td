// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_SIGNAL
#define LLMC_IR_LLM_OPS_SIGNAL
include "ir/llm/Attrs.td"

def Llm_DftOp : Llm_PureOp<"dft"> {
  let summary = "Discrete Fourier transform along the last dim but one; the last one holds real and imaginary part";
  let description = [{
    x is [..., n, 1] (real) or [..., n, 2] (complex) and counts as `length` (a size expression) elements, cut or filled with 0. The result is
    [..., length, 2]; `onesided` forward gives the first length/2 + 1 ones; `onesided` and `inverse` takes length/2 + 1 ones and gives
    [..., length, 1]. The inverse divides by the length. Sums are in f64.
    (C1) Ranks agree and are at least 2; the last dims are 1 or 2 as said. (C2) `length` has one expression.
    ```mlir
    %0 = llm.dft %x {length = affine_map<() -> (8)>, onesided} : (tensor<1x8x1xf32>) -> tensor<1x5x2xf32>
    ```
  }];
  let arguments = (ins Llm_FloatTensor:$x, AffineMapAttr:$length, UnitAttr:$onesided, UnitAttr:$inverse);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
