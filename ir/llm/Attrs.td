// SPDX-License-Identifier: Apache-2.0
#ifndef LLMC_IR_LLM_ATTRS
#define LLMC_IR_LLM_ATTRS

include "ir/llm/Dialect.td"

class Llm_Attr<string name, string attrMnemonic, list<Trait> traits = []> : AttrDef<Llm_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Llm_RecipeAttr : Llm_Attr<"Recipe", "recipe"> {
  let summary = "How a weight's bytes are made, lazily";
  let description = [{
    A node of a small DAG. `kind` says what it does with `inputs` (further recipes); `params` holds its numbers; `type` is the
    tensor it gives (static dims). Evaluated tensor by tensor when the artifact is written (codegen/artifact/Recipe.h).

    | kind | inputs | params |
    | --- | --- | --- |
    | source | none | `id`: index into the model's weights (WeightSource) |
    | dense | none | `value`: a dense elements attribute |
    | transpose | 1 | `perm` |
    | reshape | 1 | none: `type` has the new dims |
    | slice | 1 | `starts`, `steps` (sizes are those of `type`) |
    | concat | n | `axis` |
    | cast | 1 | none: `type` has the element type |
    | scale | 1 | `factor` (f64) |
    | add, sub, mul, div | 2 | none; operands broadcast |
    | pack | 1 | `layout`: "panel16", "pair16" (codegen/cpu/Panels.h), "quant16" (codegen/cpu/kernels/Quant.h) |
  }];
  let parameters = (ins "::mlir::StringAttr":$kind, "::mlir::ArrayAttr":$inputs, "::mlir::DictionaryAttr":$params, "::mlir::RankedTensorType":$type);
  let assemblyFormat = "`<` $kind `,` $inputs `,` $params `,` $type `>`";
}

def Llm_IntegerRoundingAttr : Llm_Attr<"IntegerRounding", "rounding"> {
  let summary = "How floats are rounded to integers of 8 bits, and back";
  let description = [{
    `<group = g>`: every g elements of a row (the last dim; the last group may be shorter) to int8 by their own scale, max |x| / 127:
    round_half_even(x * 127 / max |x|) * scale. `<tensor>`: the whole tensor to uint8 by the scale and zero point of
    llm.dynamic_quantize. What a product of rounded floats with a stored weight computes is what a product of integers gives.
    `<group = g, scale = s>`: groups have the scale s (f32, positive and finite) whatever their numbers are; integers beyond 127 become that.
    All of a group is NaN where one of its numbers is not finite. With `rotation = b` every b numbers beside each other are rotated first
    (ir/llm/Rotation.h). `<tensor scale = s zero = z>`: every number by itself to uint8, clamp(round_half_even(x / s) + z, 0, 255), and back.
    (C1) A zero point, of 8 bits, comes with a scale and no group. (C2) A rotation comes with a group, a power of two from 16 on that divides it.
  }];
  let parameters = (ins DefaultValuedParameter<"int64_t", "0">:$group, OptionalParameter<"::mlir::FloatAttr">:$scale,
    DefaultValuedParameter<"int64_t", "0">:$rotation, DefaultValuedParameter<"int64_t", "0">:$zero);
  let assemblyFormat = "`<` (`group` `=` $group^) : (`tensor`)? (`scale` `=` $scale^)? (`zero` `=` $zero^)? (`rotation` `=` $rotation^)? `>`";
  let genVerifyDecl = 1;
  let builders = [AttrBuilder<(ins "int64_t":$group, CArg<"::mlir::FloatAttr", "{}">:$scale, CArg<"int64_t", "0">:$rotation,
    CArg<"int64_t", "0">:$zero), "return $_get($_ctxt, group, scale, rotation, zero);">];
  let skipDefaultBuilders = 1;
  let extraClassDeclaration = [{
    bool isPerTensor() const { return getGroup() == 0; }
    /// Whether numbers of other rows change what one becomes.
    bool mixesRows() const { return isPerTensor() && !getScale(); }
    /// 0: by the numbers' own range.
    float fixedScale() const { return getScale() ? getScale().getValue().convertToFloat() : 0; }
  }];
}

def Llm_PackedRowsAttr : Llm_Attr<"PackedRows", "packed_rows"> {
  let summary = "How a row of numbers lies in bytes, as integers with scales";
  let description = [{
    `<bits = b, block = n, size = k>`: k numbers, of which n share a scale. With 8 bits a number is scale * q, where
    scale = max |x| / 127; with 4 bits scale * q + minimum, where scale = (max x - min x) / 15. Scales and minima are rounded to f16
    before integers are taken by them, half to even. Where a number of a block is NaN or infinite, or a scale is not finite in f16, all
    numbers of the block become NaN. ir/llm/PackedRows.h has the bytes. (C1) 8 or 4 bits. (C2) Blocks of whole 32 numbers; some numbers.
  }];
  let parameters = (ins "int64_t":$bits, "int64_t":$block, "int64_t":$size);
  let assemblyFormat = "`<` `bits` `=` $bits `,` `block` `=` $block `,` `size` `=` $size `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = "PackedRows rows() const { return {getBits(), getBlock(), getSize()}; }";
}

def Llm_Activation : I32EnumAttr<"Activation", "an activation function that a kernel can apply to its result", [
    I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Relu", 1, "relu">, I32EnumAttrCase<"GeluErf", 2, "gelu">,
    I32EnumAttrCase<"GeluTanh", 3, "gelu_tanh">, I32EnumAttrCase<"Silu", 4, "silu">, I32EnumAttrCase<"Tanh", 5, "tanh">,
    I32EnumAttrCase<"Sigmoid", 6, "sigmoid">, I32EnumAttrCase<"QuickGelu", 7, "quick_gelu">]> {
  let cppNamespace = "::llmc::llm";
}

def Llm_ScatterKind : I32EnumAttr<"ScatterKind", "what an update does to the element it meets", [
    I32EnumAttrCase<"Set", 0, "set">, I32EnumAttrCase<"Add", 1, "add">, I32EnumAttrCase<"Mul", 2, "mul">,
    I32EnumAttrCase<"Max", 3, "max">, I32EnumAttrCase<"Min", 4, "min">]> {
  let cppNamespace = "::llmc::llm";
}
def Llm_ScaleRounding : I32EnumAttr<"ScaleRounding", "how a number becomes a power of two", [
    I32EnumAttrCase<"Up", 0, "up">, I32EnumAttrCase<"Down", 1, "down">, I32EnumAttrCase<"Nearest", 2, "nearest">]> {
  let cppNamespace = "::llmc::llm";
}

def Llm_ReduceKind : I32EnumAttr<"ReduceKind", "what a reduction computes", [
    I32EnumAttrCase<"Sum", 0, "sum">, I32EnumAttrCase<"Mean", 1, "mean">, I32EnumAttrCase<"Max", 2, "max">, I32EnumAttrCase<"Min", 3, "min">,
    I32EnumAttrCase<"Prod", 4, "prod">, I32EnumAttrCase<"L1", 5, "l1">, I32EnumAttrCase<"L2", 6, "l2">,
    I32EnumAttrCase<"SumSquare", 7, "sum_square">, I32EnumAttrCase<"LogSum", 8, "log_sum">, I32EnumAttrCase<"LogSumExp", 9, "log_sum_exp">]> {
  let cppNamespace = "::llmc::llm";
}

def Llm_PadMode : I32EnumAttr<"PadMode", "what stands around padded elements", [
    I32EnumAttrCase<"Constant", 0, "constant">, I32EnumAttrCase<"Edge", 1, "edge">, I32EnumAttrCase<"Reflect", 2, "reflect">,
    I32EnumAttrCase<"Wrap", 3, "wrap">]> {
  let cppNamespace = "::llmc::llm";
}

#endif
