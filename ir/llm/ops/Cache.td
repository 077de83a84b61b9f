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

def Llm_PackRowsOp : Llm_InferredOp<"pack_rows"> {
  let summary = "Rows of floats as integers with scales, in bytes";
  let kernel = "kernel for f32, f16 and bf16; else general loops";
  let description = [{
    x is [..., size], the result [..., bytes] ui8, as `rows` says. (C1) x's last dim is the rows' size.
    ```mlir
    %p = llm.pack_rows %x {rows = #llm.packed_rows<bits = 8, block = 32, size = 64>} : (tensor<1x3x64xf32>) -> tensor<1x3x68xui8>
    ```
  }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_PackedRowsAttr:$rows);
  let results = (outs Llm_IntTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def Llm_UnpackRowsOp : Llm_PureOp<"unpack_rows"> {
  let summary = "The numbers of packed rows";
  let description = [{
    The reverse of llm.pack_rows but for its rounding: numbers are computed in f32 and rounded once to the result.
    (C1) x is [..., bytes] ui8 and the result [..., size], as `rows` says.
    ```mlir
    %x = llm.unpack_rows %p {rows = #llm.packed_rows<bits = 8, block = 32, size = 64>} : (tensor<1x3x68xui8>) -> tensor<1x3x64xf32>
    ```
  }];
  let arguments = (ins Llm_IntTensor:$x, Llm_PackedRowsAttr:$rows);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
