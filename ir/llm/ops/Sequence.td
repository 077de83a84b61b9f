// SPDX-License-Identifier: Apache-2.0
// Sequences of tensors, as values: every op makes a new one.
#ifndef LLMC_IR_LLM_OPS_SEQUENCE
#define LLMC_IR_LLM_OPS_SEQUENCE
include "ir/llm/Attrs.td"
include "ir/llm/Interfaces.td"

def Llm_SequenceType : TypeDef<Llm_Dialect, "Sequence"> {
  let mnemonic = "sequence";
  let summary = "A sequence of tensors of one element type and rank";
  let description = [{
    Their sizes may differ, and only the run tells them. A rank of -1 is that of a sequence that has no tensors yet: it stands for
    every rank.
  }];
  let parameters = (ins "::mlir::Type":$element, "int64_t":$rank);
  let assemblyFormat = "`<` $element `,` $rank `>`";
}

def Llm_SequenceEmptyOp : Llm_PureOp<"sequence_empty"> {
  let summary = "A sequence without tensors";
  let results = (outs Llm_SequenceType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}
def Llm_SequenceInsertOp : Llm_PureOp<"sequence_insert"> {
  let summary = "The sequence with a tensor more, in front of the given position (negative ones count from the end) or at the end";
  let arguments = (ins Llm_SequenceType:$sequence, Llm_Tensor:$x, Optional<Llm_IntTensor>:$position);
  let results = (outs Llm_SequenceType:$result);
  let assemblyFormat = "$sequence `,` $x (`at` $position^)? attr-dict `:` functional-type(operands, results)";
}
def Llm_SequenceEraseOp : Llm_PureOp<"sequence_erase"> {
  let summary = "The sequence without the tensor at the given position (negative ones count from the end), or without the last one";
  let arguments = (ins Llm_SequenceType:$sequence, Optional<Llm_IntTensor>:$position);
  let results = (outs Llm_SequenceType:$result);
  let assemblyFormat = "$sequence (`at` $position^)? attr-dict `:` functional-type(operands, results)";
}
def Llm_SequenceAtOp : Llm_Op<"sequence_at", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "A tensor of the sequence; `binds` are the symbols of its dims that it gives a value to";
  let arguments = (ins Llm_SequenceType:$sequence, Llm_IntTensor:$position, AffineMapAttr:$binds);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$sequence `,` $position attr-dict `:` functional-type(operands, results)";
}
def Llm_SequenceLengthOp : Llm_PureOp<"sequence_length"> {
  let summary = "The number of tensors, as a scalar i64";
  let arguments = (ins Llm_SequenceType:$sequence);
  let results = (outs Llm_IntTensor:$result);
  let assemblyFormat = "$sequence attr-dict `:` functional-type(operands, results)";
}

#endif
