// SPDX-License-Identifier: Apache-2.0
// The host program's ops: runtime/include/llmc/abi.h one to one. What can fail returns from the function with the
// status at once; the lowering makes the branches (codegen/lowering/RtToLLVM.cpp).
#ifndef LLMC_IR_RT
#define LLMC_IR_RT

include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/Dialect/LLVMIR/LLVMOpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

def Rt_Dialect : Dialect {
  let name = "rt";
  let cppNamespace = "::llmc::rt";
  let summary = "The host program of an entry, as calls to the runtime";
  let description = [{
    An entry is an `llvm.func` `(ctx: !llvm.ptr) -> i32`. Sizes are i64, buffers `!llvm.ptr`. The first operand of every op is the
    LlmcContext. Indices, ids and sites are attributes.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

class Rt_Op<string mnemonic, list<Trait> traits = []> : Op<Rt_Dialect, mnemonic, traits>;
def Rt_Ptr : Type<LLVM_AnyPointer.predicate, "pointer">, BuildableType<"::mlir::LLVM::LLVMPointerType::get($_builder.getContext())">;

def Rt_WorkersOp : Rt_Op<"workers"> {
  let summary = "LlmcContext.workers";
  let arguments = (ins Rt_Ptr:$ctx);
  let results = (outs I64:$result);
  let assemblyFormat = "$ctx attr-dict";
}
def Rt_InputDimOp : Rt_Op<"input_dim"> {
  let summary = "inputs[input].dims[dim]";
  let arguments = (ins Rt_Ptr:$ctx, I64Attr:$input, I64Attr:$dim);
  let results = (outs I64:$result);
  let assemblyFormat = "$ctx `[` $input `,` $dim `]` attr-dict";
}
def Rt_InputOp : Rt_Op<"input"> {
  let summary = "inputs[input].data";
  let arguments = (ins Rt_Ptr:$ctx, I64Attr:$input);
  let results = (outs Rt_Ptr:$result);
  let assemblyFormat = "$ctx `[` $input `]` attr-dict";
}
def Rt_OutputOp : Rt_Op<"output"> {
  let summary = "ctx->output(output, dims): the buffer; fails where it gives none for a size that is not zero";
  let arguments = (ins Rt_Ptr:$ctx, Variadic<I64>:$dims, I64Attr:$output, I64Attr:$site);
  let results = (outs Rt_Ptr:$result);
  let assemblyFormat = "$ctx `[` $output `]` `(` $dims `)` attr-dict";
}
def Rt_OutputSequenceOp : Rt_Op<"output_sequence"> {
  let summary = "ctx->output(output, LLMC_SEQUENCE, count): room for its tensors; fails where there is none";
  let arguments = (ins Rt_Ptr:$ctx, I64:$count, I64Attr:$output, I64Attr:$site);
  let assemblyFormat = "$ctx `[` $output `]` `(` $count `)` attr-dict";
}
def Rt_OutputItemOp : Rt_Op<"output_item"> {
  let summary = "ctx->item(output, position, rank, dims): the buffer; fails where it gives none for a size that is not zero";
  let arguments = (ins Rt_Ptr:$ctx, I64:$position, I64:$rank, Rt_Ptr:$dims, I64Attr:$output, I64Attr:$site);
  let results = (outs Rt_Ptr:$result);
  let assemblyFormat = "$ctx `[` $output `,` $position `]` `(` $rank `,` $dims `)` attr-dict";
}
def Rt_StateOp : Rt_Op<"state"> {
  let summary = "states[first + state]; without `first` states[state]";
  let arguments = (ins Rt_Ptr:$ctx, Optional<I64>:$first, I64Attr:$state);
  let results = (outs Rt_Ptr:$data, I64:$capacity, I64:$length);
  let assemblyFormat = "$ctx `[` $state `]` (`from` $first^)? attr-dict";
}
def Rt_ArenaOp : Rt_Op<"arena"> {
  let summary = "ctx->arena(bytes); fails where it gives none";
  let arguments = (ins Rt_Ptr:$ctx, I64:$bytes);
  let results = (outs Rt_Ptr:$result);
  let assemblyFormat = "$ctx `,` $bytes attr-dict";
}
def Rt_WeightOp : Rt_Op<"weight"> {
  let summary = "ctx->weight(id), valid until the end of the step; fails where it gives none";
  let arguments = (ins Rt_Ptr:$ctx, I64Attr:$id);
  let results = (outs Rt_Ptr:$result);
  let assemblyFormat = "$ctx `[` $id `]` attr-dict";
}
def Rt_AllocOp : Rt_Op<"alloc"> {
  let summary = "ctx->alloc(bytes); fails where it gives none";
  let arguments = (ins Rt_Ptr:$ctx, I64:$bytes, I64Attr:$site);
  let results = (outs Rt_Ptr:$result);
  let assemblyFormat = "$ctx `,` $bytes attr-dict";
}
def Rt_ReleaseOp : Rt_Op<"release"> {
  let summary = "ctx->release(buffer)";
  let arguments = (ins Rt_Ptr:$ctx, Rt_Ptr:$buffer);
  let assemblyFormat = "$ctx `,` $buffer attr-dict";
}
def Rt_ParallelOp : Rt_Op<"parallel"> {
  let summary = "ctx->parallel(kernel, args, count, grain, site, flops, bytes): one step; fails with what it returns";
  let description = [{
    The arguments are i64 or pointers, stored as the words of the kernel's argument array. f32 arguments stand in the low half of their word.
    `work` is what profiles say of the step: its operations and the bytes that it moves.
  }];
  let arguments = (ins Rt_Ptr:$ctx, FlatSymbolRefAttr:$kernel, Variadic<AnyType>:$args, I64:$count, I64:$grain, I64:$flops, I64:$bytes,
    I64Attr:$site);
  let assemblyFormat = "$ctx `,` $kernel `(` $args `)` `count` $count `grain` $grain `work` `(` $flops `,` $bytes `)` attr-dict `:` type($args)";
}
def Rt_FailIfOp : Rt_Op<"fail_if"> {
  let summary = "Returns ctx->fail(kind, site, a, b, c) where the condition holds";
  let arguments = (ins Rt_Ptr:$ctx, I1:$condition, I64:$a, I64:$b, I64:$c, I64Attr:$kind, I64Attr:$site);
  let assemblyFormat = "$ctx `,` $condition `(` $a `,` $b `,` $c `)` attr-dict";
}
def Rt_PollOp : Rt_Op<"poll"> {
  let summary = "Returns LLMC_FAIL_CANCELLED where ctx->poll() is not 0";
  let arguments = (ins Rt_Ptr:$ctx);
  let assemblyFormat = "$ctx attr-dict";
}

#endif
