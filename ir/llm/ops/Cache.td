// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_CACHE
#define LLMC_IR_LLM_OPS_CACHE
include "ir/llm/Attrs.td"

def Llm_KvAppendOp : Llm_InferredOp<"kv_append"> {
  let summary = "The past keys (or values) with the new ones behind them";
  let kernel = "in place in the session; a copy in the raw signature";
  let description = [{
    past is [batch, kv heads, past, size], new [batch, seq, kv heads, size] (as projections give it), the result [batch, kv heads, past + seq, size].
    When past is a state of the entry, only the new positions are written, in place. With `lengths` [batch], row b's new positions start at
    max(lengths[b] - seq, 0) instead (rows of different lengths, padded on the
    right), and what lies behind them is zero.
  }];
  let arguments = (ins Llm_Tensor:$past, Llm_Tensor:$update, Optional<Llm_IntTensor>:$lengths);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$past `,` $update (`lengths` $lengths^)? attr-dict `:` functional-type(operands, results)";
}

#endif
