// SPDX-License-Identifier: Apache-2.0
// Conditionals and loops. Their bodies use outer values freely.
#ifndef LLMC_IR_LLM_OPS_CONTROL
#define LLMC_IR_LLM_OPS_CONTROL
include "ir/llm/Attrs.td"
include "ir/llm/Interfaces.td"

// Sizes that only the run tells become symbols: `binds` lists those that the op gives a value to, each a dim of a result. An op that binds
// a symbol stays, even without uses of its results.
class Llm_ControlOp<string mnemonic, list<Trait> traits = []>
    : Llm_Op<mnemonic, !listconcat(traits, [SingleBlock, RecursiveMemoryEffects, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>])>;

def Llm_IfOp : Llm_ControlOp<"if"> {
  let summary = "One of two bodies";
  let kernel = "a branch of the host program";
  let description = [{
    The results are what the first body yields where the condition holds, else what the second one does.
    (C1) The condition has one element. (C2) Both bodies yield as many values as there are results, of their element types and ranks.
    A result's dim is an expression that both bodies agree on, or a symbol of `binds`.
    ```mlir
    %0 = llm.if %c {binds = affine_map<()[s0, s1] -> (s1)>} : (tensor<i1>) -> tensor<?xf32, #m1> {
      llm.yield %x : tensor<?xf32, #m0>
    } else {
      llm.yield %y : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Llm_BoolTensor:$condition, AffineMapAttr:$binds);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region SizedRegion<1>:$then_body, SizedRegion<1>:$else_body);
  let assemblyFormat = "$condition attr-dict `:` functional-type(operands, results) $then_body `else` $else_body";
  let hasVerifier = 1;
}

def Llm_LoopOp : Llm_ControlOp<"loop", [AttrSizedOperandSegments]> {
  let summary = "A body again and again";
  let kernel = "a loop of the host program";
  let description = [{
    The body runs while fewer than `trips` turns are done (no bound without it) and the condition holds: at first `condition` (true without
    it), then what the body yields first. Its arguments are the carried values, first `inits`, then what the turn before yielded behind its
    condition. What it yields behind those are rows: a result each, [turns, dims of a row...], in the turns' order. All rows of a result have
    the same dims, else the call fails; without a turn, a dim of `binds` is 0.
    `iteration` is a symbol whose value in the body is the number of turns done.
    (C1) trips and condition have one element. (C2) The body has one argument per init, of its element type and rank. (C3) It yields a
    condition, one value per init and one per row, of the results' element types and ranks (rows: one less).
    A dim of a body's argument that is a symbol of its own is bound by the turn; `binds` are symbols of the results.
    ```mlir
    %0 = llm.loop trips %n inits %x {iteration = affine_map<()[s0] -> (s0)>, binds = affine_map<() -> ()>}
        : (tensor<i64>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: tensor<4xf32>):
      %1 = llm.add %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      llm.yield %true, %1 : tensor<i1>, tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Optional<Llm_IntTensor>:$trips, Optional<Llm_BoolTensor>:$condition, Variadic<AnyType>:$inits,
    AffineMapAttr:$iteration, AffineMapAttr:$binds);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`trips` $trips^)? (`condition` $condition^)? (`inits` $inits^)? attr-dict `:` functional-type(operands, results) $body";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// What the body yields, by kind.
    ::mlir::Value getGo();
    ::mlir::OperandRange getNext();
    ::mlir::OperandRange getRows();
  }];
}

#endif
