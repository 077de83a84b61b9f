// SPDX-License-Identifier: Apache-2.0
// Sequences of tensors and optional values: every op makes a new one.
#ifndef LLMC_IR_LLM_OPS_SEQUENCE
#define LLMC_IR_LLM_OPS_SEQUENCE
include "ir/llm/Attrs.td"
include "ir/llm/Interfaces.td"

def Llm_SequenceKind : I32EnumAttr<"SequenceKind", "what holds tensors", [
    I32EnumAttrCase<"Sequence", 0, "sequence">, I32EnumAttrCase<"Optional", 1, "optional">,
    I32EnumAttrCase<"OptionalSequence", 2, "optional_sequence">]> {
  let cppNamespace = "::llmc::llm";
}
def Llm_SequenceKindParameter : EnumParameter<Llm_SequenceKind> {
  let defaultValue = "::llmc::llm::SequenceKind::Sequence";
}

def Llm_SequenceType : TypeDef<Llm_Dialect, "Sequence"> {
  let mnemonic = "sequence";
  let summary = "A sequence of tensors of one element type, or an optional tensor or sequence";
  let description = [{
    Their sizes may differ, and only the run tells them. A rank of -1 is that of a sequence that has no tensors yet: it stands for
    every rank. A rank of -2: tensors of any ranks, which only the run tells. An optional tensor is a sequence of at most one.
  }];
  let parameters = (ins "::mlir::Type":$element, "int64_t":$rank, Llm_SequenceKindParameter:$kind);
  let builders = [TypeBuilder<(ins "::mlir::Type":$element, "int64_t":$rank), [{
    return $_get($_ctxt, element, rank, SequenceKind::Sequence);
  }]>];
  let assemblyFormat = "`<` $element `,` $rank (`,` $kind^)? `>`";
  let extraClassDeclaration = [{
    static constexpr int64_t kNoRank = -1, kAnyRank = -2;
    /// Whether the tensors' rank is known.
    bool hasRank() { return getRank() >= 0; }
    bool isOptional() { return getKind() != SequenceKind::Sequence; }
    SequenceType withRank(int64_t rank) { return get(getContext(), getElement(), rank, getKind()); }
    SequenceType withKind(SequenceKind kind) { return get(getContext(), getElement(), getRank(), kind); }
    /// The rank of tensors of both ranks.
    static int64_t joinRanks(int64_t a, int64_t b) {
      return a == b || b == kNoRank ? a : a == kNoRank ? b : kAnyRank;
    }
    /// Whether a value of this type can pass for one of the other.
    bool fits(SequenceType other) {
      return withRank(0) == other.withRank(0) && joinRanks(getRank(), other.getRank()) == other.getRank();
    }
  }];
}

def Llm_SequenceEmptyOp : Llm_PureOp<"sequence_empty"> {
  let summary = "A sequence without tensors, or an optional value without an element";
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
def Llm_SequenceCastOp : Llm_PureOp<"sequence_cast"> {
  let summary = "The same sequence as one whose tensors' rank is less known, or unknown where it has none";
  let arguments = (ins Llm_SequenceType:$sequence);
  let results = (outs Llm_SequenceType:$result);
  let assemblyFormat = "$sequence attr-dict `:` functional-type(operands, results)";
}

def Llm_OptionalOp : Llm_PureOp<"optional"> {
  let summary = "The optional value with this element, a tensor or a sequence";
  let arguments = (ins AnyType:$element);
  let results = (outs Llm_SequenceType:$result);
  let assemblyFormat = "$element attr-dict `:` functional-type(operands, results)";
}
def Llm_OptionalHasOp : Llm_PureOp<"optional_has"> {
  let summary = "Whether the optional value has an element, as a scalar";
  let arguments = (ins Llm_SequenceType:$optional);
  let results = (outs Llm_BoolTensor:$result);
  let assemblyFormat = "$optional attr-dict `:` functional-type(operands, results)";
}
def Llm_OptionalGetOp : Llm_Op<"optional_get", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "The optional value's element; without one the call fails. `binds` are the symbols of a tensor's dims that it gives a value to";
  let arguments = (ins Llm_SequenceType:$optional, AffineMapAttr:$binds);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$optional attr-dict `:` functional-type(operands, results)";
}

#endif
