// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_MATMUL
#define LLMC_IR_LLM_OPS_MATMUL
include "ir/llm/Attrs.td"

def Llm_MatmulOp : Llm_InferredOp<"matmul"> {
  let summary = "Matrix product with NumPy's batch broadcasting: [..., M, K] x [..., K, N]";
  let kernel = "tiled kernel for f32, f16 and bf16; else general loops";
  let description = [{ (C1) Equal float element types, rank at least 1 (rank 1 as NumPy's matmul). (C2) K agrees. }];
  let arguments = (ins Llm_Tensor:$a, Llm_Tensor:$b);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, results)";
  let onnx = [Onnx<"MatMul", 1>];
}
def Llm_DetOp : Llm_InferredOp<"det"> {
  let summary = "Determinants of the square matrices in the last two dims";
  let arguments = (ins Llm_FloatTensor:$x);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}
def Llm_LinearOp : Llm_PureOp<"linear", [AttrSizedOperandSegments]> {
  let summary = "gain * act(scale * (x . weight + bias)) + residual, with a stored weight";
  let kernel = "tiled kernel for f32, f16 and bf16, weights of these or quantized, rounded rows in integers; else general loops";
  let description = [{
    x is [..., K], the weight [K, N], the bias [N], the residual of the result's shape [..., N]. Accumulation in f32 over K in fixed blocks.
    `scale` and `gain` make one step of what caps logits softly: cap * tanh(y / cap). With a `rounding`, x is what llm.fake_quantize makes of it; products of integers may be summed exactly then.
    (C1) The weight is an `llm.weight` of rank 2. (C2) K and N agree.
  }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_FloatTensor:$weight, Optional<Llm_FloatTensor>:$bias, Optional<Llm_FloatTensor>:$residual,
    DefaultValuedAttr<Llm_Activation, "Activation::None">:$activation, OptionalAttr<Llm_IntegerRoundingAttr>:$rounding,
    DefaultValuedAttr<F64Attr, "1.0">:$scale, DefaultValuedAttr<F64Attr, "1.0">:$gain);
  let results = (outs Llm_FloatTensor:$result);
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$x, "::mlir::Value":$weight, "::mlir::Value":$bias,
    "::mlir::Value":$residual, "Activation":$activation, "IntegerRoundingAttr":$rounding), [{
      llvm::APFloat one(1.0);
      build($_builder, $_state, result, x, weight, bias, residual, activation, rounding, one, one);
    }]>];
  let extraClassDeclaration = [{
    /// Whether the result is more than x . weight + bias.
    bool hasEpilogue() {
      return getResidual() || getActivation() != Activation::None || isScaled();
    }
    bool isScaled() {
      return getScale().convertToDouble() != 1 || getGain().convertToDouble() != 1;
    }
  }];
  let assemblyFormat = "$x `,` $weight (`bias` $bias^)? (`residual` $residual^)? attr-dict `:` functional-type(operands, results)";
}
def Llm_GatedLinearOp : Llm_PureOp<"gated_linear", [AttrSizedOperandSegments]> {
  let summary = "act(x . gate + gate_bias) * (x . up + up_bias): the first half of a gated MLP";
  let kernel = "tiled kernel for f32, f16 and bf16, weights of these or quantized, rounded rows in integers; else general loops";
  let description = [{ `rounding` as in llm.linear. (C1) gate and up are `llm.weight`s [K, N] of equal type; biases come both or not at all. }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_FloatTensor:$gate, Llm_FloatTensor:$up, Optional<Llm_FloatTensor>:$gate_bias, Optional<Llm_FloatTensor>:$up_bias,
    Llm_Activation:$activation, OptionalAttr<Llm_IntegerRoundingAttr>:$rounding);
  let results = (outs Llm_FloatTensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$x `,` $gate `,` $up (`bias` $gate_bias^ `,` $up_bias)? attr-dict `:` functional-type(operands, results)";
}
def Llm_GatedMlpOp : Llm_PureOp<"gated_mlp", [AttrSizedOperandSegments]> {
  let summary = "A gated MLP: (act(x . gate + gate_bias) * (x . up + up_bias)) . down + down_bias";
  let description = [{ (C1) All three are `llm.weight`s: gate and up [H, I], down [I, H']. gate_bias and up_bias come both or not at all. }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_FloatTensor:$gate, Llm_FloatTensor:$up, Llm_FloatTensor:$down, Optional<Llm_FloatTensor>:$gate_bias,
    Optional<Llm_FloatTensor>:$up_bias, Optional<Llm_FloatTensor>:$down_bias, Llm_Activation:$activation);
  let results = (outs Llm_FloatTensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$x `,` $gate `,` $up `,` $down attr-dict (`gate_bias` $gate_bias^)? (`up_bias` $up_bias^)? (`down_bias` $down_bias^)? `:` functional-type(operands, results)";
}

#endif
