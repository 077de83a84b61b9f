// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_QUANT
#define LLMC_IR_LLM_OPS_QUANT
include "ir/llm/Attrs.td"

// Scales and zero points of a quantized tensor x: scalars (one for all of x), vectors [size of x's `axis`], or, with block_size > 0,
// tensors of x's rank whose `axis` counts blocks of block_size elements.
def Llm_QuantizeOp : Llm_PureOp<"quantize"> {
  let summary = "saturate(round_half_even(x / scale) + zero_point)";
  let description = [{
    (C1) The scale is a scalar, [x's axis], or blocked as said above. (C2) The zero point has the scale's shape and the result's element
    type. (C3) `precision`, if any, is the float type the quotient is rounded to. With a float of 8 or 4 bits as the result, the quotient
    is converted as a cast does; without `saturate` a value beyond its range becomes what that cast makes of it.
    ```mlir
    %q = llm.quantize %x scale %s zero_point %z {axis = 1 : i64} : (tensor<2x3xf32>, tensor<f32>, tensor<ui8>) -> tensor<2x3xui8>
    ```
  }];
  let arguments = (ins Llm_Tensor:$x, Llm_FloatTensor:$scale, Optional<Llm_Tensor>:$zero_point, I64Attr:$axis,
    DefaultValuedAttr<I64Attr, "0">:$block_size, DefaultValuedAttr<BoolAttr, "true">:$saturate, OptionalAttr<TypeAttr>:$precision);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x `scale` $scale (`zero_point` $zero_point^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_DequantizeOp : Llm_PureOp<"dequantize"> {
  let summary = "(x - zero_point) * scale";
  let description = [{
    (C1) The scale is a scalar, [x's axis], or blocked as said above. (C2) The zero point has the scale's shape and x's element type.
    The product is f32, rounded once to the result.
    ```mlir
    %f = llm.dequantize %x scale %s {axis = 1 : i64} : (tensor<2x3xi8>, tensor<3xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins Llm_Tensor:$x, Llm_FloatTensor:$scale, Optional<Llm_Tensor>:$zero_point, I64Attr:$axis,
    DefaultValuedAttr<I64Attr, "0">:$block_size);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x `scale` $scale (`zero_point` $zero_point^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}
def Llm_DynamicQuantizeOp : Llm_PureOp<"dynamic_quantize"> {
  let summary = "A whole tensor to uint8, with the scale and zero point of its own range, which always contains 0";
  let description = [{
    scale = (max - min) / 255, 1 for a tensor of zeros; zero_point = saturate(round_half_even(-min / scale)); then as llm.quantize.
    (C1) The results are [x's dims] ui8, a scalar of x's type, and a scalar ui8.
  }];
  let arguments = (ins Llm_FloatTensor:$x);
  let results = (outs Llm_IntTensor:$result, Llm_FloatTensor:$scale, Llm_IntTensor:$zero_point);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}
def Llm_IntegerMatmulOp : Llm_PureOp<"integer_matmul", [AttrSizedOperandSegments]> {
  let summary = "Matrix product of integers of 8 bits, exact: (a - a_zero) x (b - b_zero) in i32";
  let kernel = "integer dot products by a stored matrix; else general loops";
  let description = [{
    Batch dims broadcast as in llm.matmul. (C1) a and b have rank 2 or more and inner sizes that agree. (C2) Zero points broadcast to
    their operand without adding to its dims, and have its element type.
  }];
  let arguments = (ins Llm_IntTensor:$a, Llm_IntTensor:$b, Optional<Llm_IntTensor>:$a_zero, Optional<Llm_IntTensor>:$b_zero);
  let results = (outs Llm_IntTensor:$result);
  let assemblyFormat = "$a `,` $b (`a_zero` $a_zero^)? (`b_zero` $b_zero^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_FakeQuantizeOp : Llm_PureOp<"fake_quantize", [SameOperandsAndResultType]> {
  let summary = "x rounded to 8-bit integers and back, as `rounding` says";
  let description = [{ (C1) A group is positive; x has a row to take it of. }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_IntegerRoundingAttr:$rounding);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

#endif
