// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_OPS_CONSTANT
#define LLMC_IR_LLM_OPS_CONSTANT
include "ir/llm/Attrs.td"

def Llm_ConstantOp : Llm_PureOp<"constant", [ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "A small constant tensor";
  let kernel = "data";
  let description = [{
    (C1) The value's type is the result's. (C2) At most 4 KiB: anything larger is an `llm.weight`.
    ```mlir
    %0 = llm.constant dense<1.0> : tensor<f32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{ build($_builder, $_state, value.getType(), value); }]>];
  let extraClassDeclaration = [{
    static bool inferFromValue(::mlir::ElementsAttr);
  }];
}

def Llm_WeightOp : Llm_PureOp<"weight"> {
  let summary = "A weight: a lazy recipe over the model's stored tensors";
  let kernel = "data";
  let description = [{
    (C1) The result type is static and equals the recipe's type.
    ```mlir
    %w = llm.weight <"source", [], {id = 3 : i64}, tensor<256x64xf32>> : tensor<256x64xf32>
    ```
  }];
  let arguments = (ins Llm_RecipeAttr:$recipe);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "attr-dict $recipe `:` type($result)";
  let builders = [OpBuilder<(ins "RecipeAttr":$recipe), [{ build($_builder, $_state, recipe.getType(), recipe); }]>];
  let hasVerifier = 1;
}

def Llm_DimsOp : Llm_PureOp<"dims"> {
  let summary = "Sizes as data";
  let kernel = "data";
  let description = [{
    A tensor of integers whose elements, in row-major order, are expressions over the module's symbols.
    (C1) One expression per element. (C2) The element type is an integer of 32 or 64 bits.
    ```mlir
    %0 = llm.dims affine_map<()[s0, s1] -> (s0 + s1, 64)> : tensor<2xi64>
    ```
  }];
  let arguments = (ins AffineMapAttr:$values);
  let results = (outs Llm_IntTensor:$result);
  let assemblyFormat = "attr-dict $values `:` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Llm_BindDimOp : Llm_Op<"bind_dim"> {
  let summary = "Gives a symbol its value from computed data";
  let description = [{
    At run time, symbol `symbol` of the module becomes element `index` of the operand, in row-major order; a value outside the range of
    the symbol's row fails the call. Every use of the symbol is dominated by this op.
    (C1) The operand has more than `index` elements, of 8 bits or more. (C2) The symbol is one that data binds.
    ```mlir
    llm.bind_dim %shape[1] {symbol = 4 : i64} : tensor<2xi64>
    ```
  }];
  let arguments = (ins Llm_IntTensor:$value, I64Attr:$symbol, I64Attr:$index);
  let assemblyFormat = "$value `[` $index `]` attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Llm_CheckSizesOp : Llm_Op<"check_sizes"> {
  let summary = "The call fails where sizes do not fit";
  let description = [{
    `pairs` are expressions over the symbols, two for each comparison: equal, or with `at_most` the first not above the second.
    (C1) An even number of expressions.
    ```mlir
    llm.check_sizes affine_map<()[s0, s1, s2] -> (s0 + s1, s2)>
    ```
  }];
  let arguments = (ins AffineMapAttr:$pairs, UnitAttr:$at_most);
  let assemblyFormat = "$pairs attr-dict";
  let hasVerifier = 1;
}

#endif
