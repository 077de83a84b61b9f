// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_EXPERTS
#define LLMC_IR_LLM_OPS_EXPERTS
include "ir/llm/Attrs.td"

def Llm_ExpertsOp : Llm_PureOp<"experts", [AttrSizedOperandSegments]> {
  let summary = "A mixture of experts: the weighted sum of MLPs, chosen token by token (Shazeer et al., 2017)";
  let description = [{
    x is [tokens, width], the routing [tokens, experts]; an expert of weight 0 is not computed for the token, and at most top_k of a
    token have another weight. The weights of all experts stand beside each other, so that they may be one quantized matrix: gate and up
    are [width, experts * inner], down is [inner, experts * width'], the biases [experts, inner] and [experts, width']. With
      g = x . gate + gate_bias, u = x . up + up_bias
    an expert gives (act(g) * (u + beta)) . down + down_bias, without `up` act(g) . down + down_bias. With `alpha` other than 1 act is
    g * sigmoid(alpha * g). `limit` > 0 cuts g at limit and u at -limit and limit. Sums are f32.
    (C1) Sizes of weights agree and are fixed. (C2) top_k is positive.
  }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_FloatTensor:$routing, Llm_FloatTensor:$gate, Optional<Llm_FloatTensor>:$gate_bias,
    Optional<Llm_FloatTensor>:$up, Optional<Llm_FloatTensor>:$up_bias, Llm_FloatTensor:$down, Optional<Llm_FloatTensor>:$down_bias,
    ConfinedAttr<I64Attr, [IntPositive]>:$top_k, Llm_Activation:$activation, DefaultValuedAttr<F64Attr, "1.0">:$alpha,
    DefaultValuedAttr<F64Attr, "0.0">:$beta, DefaultValuedAttr<F64Attr, "0.0">:$limit);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x `,` $routing `,` $gate (`gate_bias` $gate_bias^)? (`up` $up^)? (`up_bias` $up_bias^)? `,` $down (`down_bias` $down_bias^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
