// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_ATTENTION
#define LLMC_IR_LLM_OPS_ATTENTION
include "ir/llm/Attrs.td"

def Llm_RopeOp : Llm_PureOp<"rope", [AttrSizedOperandSegments]> {
  let summary = "Rotary position embedding (Su et al., 2021)";
  let kernel = "kernel for f32, f16 and bf16; else general loops";
  let description = [{
    x is [batch, seq, heads, head size]; the first `rotary` elements of each head turn by position * frequency, the rest pass. Halves
    (i, i + rotary/2) turn together, or neighbours (2i, 2i+1) with `interleaved`. Positions: [batch or 1, seq] integers. The angle comes from
    `inv_freq` [rotary/2] (cos and sin of position * inv_freq, times `scale`), or cos and sin are rows of tables [positions, rotary/2].
    With `norm`, [head size] or [heads, head size], heads are first normalized as by `llm.rms_norm` with this weight and `norm_epsilon`.
    (C1) Either inv_freq, or both tables. (C2) `rotary` is even, in (0, head size]. (C3) `norm` and `norm_epsilon` come both or not at all.
  }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_IntTensor:$positions, Optional<Llm_FloatTensor>:$inv_freq, Optional<Llm_FloatTensor>:$cos_table,
    Optional<Llm_FloatTensor>:$sin_table, Optional<Llm_FloatTensor>:$norm, I64Attr:$rotary, UnitAttr:$interleaved,
    DefaultValuedAttr<F64Attr, "1.0">:$scale, OptionalAttr<F64Attr>:$norm_epsilon);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x `,` $positions (`inv_freq` $inv_freq^)? (`cos` $cos_table^)? (`sin` $sin_table^)? (`norm` $norm^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Llm_AttentionOp : Llm_PureOp<"attention", [AttrSizedOperandSegments]> {
  let summary = "Scaled dot-product attention with grouped heads";
  let kernel = "kernel for f32, f16 and bf16, keys and values of these or packed read in place; else general loops";
  let description = [{
    q is [batch, seq, heads, size], k [batch, kv heads, total, size] and v [batch, kv heads, total, v size] (the KV cache's layout), the result
    [batch, seq, heads, v size] with q's element type; k and v may be narrower floats, or with `key_rows` and `value_rows` packed rows
    [batch, kv heads, total, bytes] (llm.pack_rows). Query i of the call stands at position `offset` + i, where offset is an expression over the symbols
    (usually total - seq). score = softcap(scale * q.k) + bias, over the keys t that are kept:
    with `causal` t <= offset + i; with `window` W > 0 t > offset + i - W (and, when not causal, t < offset + i + W);
    with `key_mask` [batch, total] only where it is not 0; with `lengths` [batch] only t < lengths[b], and query i of row b stands at
    starts[b] + i, without `starts` at max(lengths[b] - seq, 0) + i (a prompt that is padded on the right has rows shorter than seq). With
    `clamped` the padding behind a row, which stands at lengths[b] and above, attends as the row's last token does.
    `bias` [batch|1, heads|1, seq|1, total] is added. A query that keeps no key gives zeros, or with `uniform_when_masked` the mean of v (what masks
    of the smallest finite float give). `sinks` [heads] adds exp(sink) to the denominator. With `rounds`, scaled queries, keys, weights before
    they are divided and values may be rounded to bf16 before they are multiplied, where a kernel gains by it.
    (C1) heads is a multiple of kv heads. (C2) Sizes agree. (C3) `lengths` only with `causal`, `starts` and
    `clamped` only with `lengths`. (C4) k and v are floats, or rows as said.
  }];
  let arguments = (ins Llm_FloatTensor:$q, Llm_Tensor:$k, Llm_Tensor:$v, Optional<Llm_Tensor>:$key_mask, Optional<Llm_IntTensor>:$lengths,
    Optional<Llm_IntTensor>:$starts, Optional<Llm_FloatTensor>:$bias, Optional<Llm_FloatTensor>:$sinks, AffineMapAttr:$offset, F64Attr:$scale,
    UnitAttr:$causal, DefaultValuedAttr<I64Attr, "0">:$window, DefaultValuedAttr<F64Attr, "0.0">:$softcap, UnitAttr:$uniform_when_masked,
    UnitAttr:$clamped, UnitAttr:$rounds, OptionalAttr<Llm_PackedRowsAttr>:$key_rows, OptionalAttr<Llm_PackedRowsAttr>:$value_rows);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$q `,` $k `,` $v (`key_mask` $key_mask^)? (`lengths` $lengths^)? (`starts` $starts^)? (`bias` $bias^)? (`sinks` $sinks^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Llm_LinearAttentionOp : Llm_PureOp<"linear_attention", [AttrSizedOperandSegments]> {
  let summary = "Linear attention with a recurrent state: gated and delta rules (Yang et al., 2024)";
  let description = [{
    q is [batch, seq, heads, size], k [batch, seq, kv heads, size], v [batch, seq, kv heads, v size]; S, a state per row and kv head, is
    [size, v size] and begins as `state` [batch, kv heads, size, v size], or 0. Token by token
      S *= exp(decay), u = v or, with `beta`, beta * (v - S^T k), S += k u^T, result = scale * S^T q
    for each query head of the group. decay is [batch, seq, kv heads, size or 1], beta [batch, seq, kv heads or 1, 1]. The state that is left is
    the second result. (C1) heads is a multiple of kv heads. (C2) States are f32.
  }];
  let arguments = (ins Llm_FloatTensor:$q, Llm_FloatTensor:$k, Llm_FloatTensor:$v, Optional<Llm_FloatTensor>:$state, Optional<Llm_FloatTensor>:$decay,
    Optional<Llm_FloatTensor>:$beta, F64Attr:$scale);
  let results = (outs Llm_FloatTensor:$result, Llm_FloatTensor:$present);
  let assemblyFormat = "$q `,` $k `,` $v (`state` $state^)? (`decay` $decay^)? (`beta` $beta^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
