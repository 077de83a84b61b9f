// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_INDEX
#define LLMC_IR_LLM_OPS_INDEX
include "ir/llm/Attrs.td"

// Indices are i32 or i64, negative ones count from the end, and anything outside fails the call.
def Llm_GatherOp : Llm_InferredOp<"gather"> {
  let summary = "Slices along an axis, chosen by indices; result dims = data dims before the axis, index dims, data dims behind it";
  let arguments = (ins Llm_Tensor:$data, Llm_IntTensor:$indices, I64Attr:$axis);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$data `,` $indices attr-dict `:` functional-type(operands, results)";
}
def Llm_GatherNDOp : Llm_InferredOp<"gather_nd"> {
  let summary = "Slices chosen by index tuples (the last dim of `indices`), after `batch_dims` common dims";
  let arguments = (ins Llm_Tensor:$data, Llm_IntTensor:$indices, I64Attr:$batch_dims);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$data `,` $indices attr-dict `:` functional-type(operands, results)";
}
def Llm_GatherRowsOp : Llm_InferredOp<"gather_rows"> {
  let summary = "Slices along an axis, each row of the batch by its own indices";
  let description = [{
    data is [batch, ...], indices [batch, n]: result[b, .., i, ..] = data[b, .., indices[b, i], ..], i and the index on `axis`.
    (C1) axis is in [1, rank). (C2) Batches agree.
  }];
  let arguments = (ins Llm_Tensor:$data, Llm_IntTensor:$indices, I64Attr:$axis);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$data `,` $indices attr-dict `:` functional-type(operands, results)";
}
def Llm_GatherElementsOp : Llm_InferredOp<"gather_elements"> {
  let summary = "Elements along an axis, one index per result element";
  let arguments = (ins Llm_Tensor:$data, Llm_IntTensor:$indices, I64Attr:$axis);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$data `,` $indices attr-dict `:` functional-type(operands, results)";
}
def Llm_ScatterNDOp : Llm_InferredOp<"scatter_nd"> {
  let summary = "A copy of data with slices replaced at index tuples, or combined with what is there";
  let arguments = (ins Llm_Tensor:$data, Llm_IntTensor:$indices, Llm_Tensor:$updates,
    DefaultValuedAttr<Llm_ScatterKind, "::llmc::llm::ScatterKind::Set">:$kind);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$data `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)";
}
def Llm_ScatterElementsOp : Llm_InferredOp<"scatter_elements"> {
  let summary = "A copy of data with elements along an axis replaced, or combined: one index per update, in their order";
  let arguments = (ins Llm_Tensor:$data, Llm_IntTensor:$indices, Llm_Tensor:$updates, I64Attr:$axis,
    DefaultValuedAttr<Llm_ScatterKind, "::llmc::llm::ScatterKind::Set">:$kind);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$data `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)";
}
def Llm_RangeOp : Llm_PureOp<"range"> {
  let summary = "start, start + delta, ... : as many as the result has";
  let description = [{ (C1) The result has rank 1; start and delta are scalars of its element type. }];
  let arguments = (ins Llm_Tensor:$start, Llm_Tensor:$delta);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$start `,` $delta attr-dict `:` functional-type(operands, results)";
}
def Llm_NonZeroOp : Llm_PureOp<"non_zero"> {
  let summary = "Where a mask is true: one column of indices per such element, in row-major order";
  let description = [{ (C1) The result is [rank of the mask, n] of i64, n the number of true elements: no more are written. }];
  let arguments = (ins Llm_BoolTensor:$mask);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$mask attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_TopKOp : Llm_PureOp<"top_k"> {
  let summary = "The largest (or smallest) elements along an axis and their positions (i64), best first; the lower position first among equals";
  let description = [{
    NaN is above everything. (C1) Both results have the operand's rank; their size along the axis is how many are taken, at most the operand's.
  }];
  let arguments = (ins Llm_Tensor:$x, I64Attr:$axis, UnitAttr:$smallest);
  let results = (outs Llm_Tensor:$values, Llm_Tensor:$indices);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_UniqueOp : Llm_PureOp<"unique"> {
  let summary = "Groups of equal rows of a matrix";
  let description = [{
    Groups are numbered in ascending order of their rows, or `by_appearance` in that of their first rows. Of n rows: `first` [n] has the
    first row of each group, `counts` [n] the number of its rows, 0 behind the last group; `group` [n] has the group of each row, and
    `number` is how many there are. Comparing floats, NaN is above everything and equals itself.
    (C1) The operand has rank 2, the results are of i64.
  }];
  let arguments = (ins Llm_Tensor:$x, UnitAttr:$by_appearance);
  let results = (outs Llm_Tensor:$first, Llm_Tensor:$counts, Llm_Tensor:$group, Llm_Tensor:$number);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_EmbeddingOp : Llm_InferredOp<"embedding"> {
  let summary = "Rows of a table: gather on axis 0 of a weight [vocabulary, width]";
  let kernel = "row copies from tables of floats, packed or quantized too; else general loops";
  let arguments = (ins Llm_Tensor:$table, Llm_IntTensor:$indices);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$table `,` $indices attr-dict `:` functional-type(operands, results)";
}

#endif
