// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_RECURRENT
#define LLMC_IR_LLM_OPS_RECURRENT
include "ir/llm/Attrs.td"

def Llm_RecurrentKind : I32EnumAttr<"RecurrentKind", "the cell of a recurrent layer", [
    I32EnumAttrCase<"Rnn", 0, "rnn">, I32EnumAttrCase<"Gru", 1, "gru">, I32EnumAttrCase<"Lstm", 2, "lstm">]> {
  let cppNamespace = "::llmc::llm";
}

def Llm_RecurrentOp : Llm_PureOp<"recurrent", [AttrSizedOperandSegments]> {
  let summary = "One direction of a recurrent layer, over inputs that are projected already";
  let description = [{
    `gates` [seq, batch, G * H] are the inputs times their weights plus all biases; `weights` [H, G * H] multiply the hidden state. G is 1 for
    rnn, 3 (z, r, h) for gru, 4 (i, o, f, c) for lstm. Results: all hidden states [seq, batch, H], the last ones [batch, H], and lstm's last
    cells. A row longer than `lengths` says ends there: its further states are 0; with `reverse` it runs from its end.
    `inner_bias` [H] is added to h . weights inside the reset gate's product (`linear_before_reset`). `peepholes` are [3 * H] (i, o, f).
    `activations` are ONNX's names in lower case, `alpha` and `beta` their parameters; `clip` limits what they are applied to.
    (C1) As many activations and parameters as the cell has: 1, 2 (f, g) or 3 (f, g, h). (C2) Cell states belong to lstm.
    (C3) `gates` has rank 3, `weights` rank 2 and the states rank 2.
  }];
  let arguments = (ins Llm_FloatTensor:$gates, Llm_FloatTensor:$weights, Llm_FloatTensor:$initial_h, Optional<Llm_FloatTensor>:$initial_c,
    Optional<Llm_IntTensor>:$lengths, Optional<Llm_FloatTensor>:$inner_bias, Optional<Llm_FloatTensor>:$peepholes, Llm_RecurrentKind:$kind,
    ArrayAttr:$activations, DenseF64ArrayAttr:$alpha, DenseF64ArrayAttr:$beta, OptionalAttr<F64Attr>:$clip, UnitAttr:$reverse,
    UnitAttr:$linear_before_reset, UnitAttr:$input_forget);
  let results = (outs Llm_FloatTensor:$states, Llm_FloatTensor:$last_h, Optional<Llm_FloatTensor>:$last_c);
  let assemblyFormat = "$kind $gates `,` $weights `,` $initial_h (`cell` $initial_c^)? (`lengths` $lengths^)? (`inner_bias` $inner_bias^)? (`peepholes` $peepholes^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
