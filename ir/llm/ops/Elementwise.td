// SPDX-License-Identifier: Apache-2.0
// Elementwise ops. They work on tensors (operands broadcast as in NumPy) and, inside `llm.map`, on scalars.
#ifndef LLMC_IR_LLM_OPS_ELEMENTWISE
#define LLMC_IR_LLM_OPS_ELEMENTWISE
include "ir/llm/Attrs.td"
include "ir/llm/Interfaces.td"

class Llm_ElementwiseBase<string mnemonic> : Llm_InferredOp<mnemonic, [DeclareOpInterfaceMethods<Llm_ElementwiseOp>]> {
  let results = (outs AnyType:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let kernel = "vector loops, chains fused";
}
// One operand; the result has its type (is_nan: booleans).
class Llm_Unary<string mnemonic, string what> : Llm_ElementwiseBase<mnemonic> {
  let summary = what;
  let arguments = (ins AnyType:$x);
}
// Two operands of one element type; the result has the broadcast shape and that element type.
class Llm_Binary<string mnemonic, string what> : Llm_ElementwiseBase<mnemonic> {
  let summary = what;
  let arguments = (ins AnyType:$x, AnyType:$y);
}
// Two operands of one element type; the result is boolean.
class Llm_Compare<string mnemonic, string what> : Llm_Binary<mnemonic, what>;

def Llm_NegOp : Llm_Unary<"neg", "Negation"> {
  let onnx = [Onnx<"Neg", 6>];
}
def Llm_AbsOp : Llm_Unary<"abs", "Absolute value"> {
  let onnx = [Onnx<"Abs", 6>];
}
def Llm_ExpOp : Llm_Unary<"exp", "e^x"> {
  let onnx = [Onnx<"Exp", 6>];
}
def Llm_LogOp : Llm_Unary<"log", "Natural logarithm"> {
  let onnx = [Onnx<"Log", 6>];
}
def Llm_SqrtOp : Llm_Unary<"sqrt", "Square root"> {
  let onnx = [Onnx<"Sqrt", 6>];
}
def Llm_RsqrtOp : Llm_Unary<"rsqrt", "1/sqrt(x)">;
def Llm_ReciprocalOp : Llm_Unary<"reciprocal", "1/x"> {
  let onnx = [Onnx<"Reciprocal", 6>];
}
def Llm_ErfOp : Llm_Unary<"erf", "Gauss error function"> {
  let onnx = [Onnx<"Erf", 9>];
}
def Llm_TanhOp : Llm_Unary<"tanh", "Hyperbolic tangent"> {
  let onnx = [Onnx<"Tanh", 6>];
}
def Llm_SigmoidOp : Llm_Unary<"sigmoid", "1/(1+e^-x)"> {
  let onnx = [Onnx<"Sigmoid", 6>];
}
def Llm_ReluOp : Llm_Unary<"relu", "max(x, 0)"> {
  let onnx = [Onnx<"Relu", 6>];
}
def Llm_SiluOp : Llm_Unary<"silu", "x * sigmoid(x)">;
def Llm_GeluErfOp : Llm_Unary<"gelu_erf", "x * (1 + erf(x/sqrt 2))/2">;
def Llm_GeluTanhOp : Llm_Unary<"gelu_tanh", "GELU, tanh form">;
def Llm_SinOp : Llm_Unary<"sin", "Sine of radians"> {
  let onnx = [Onnx<"Sin", 7>];
}
def Llm_CosOp : Llm_Unary<"cos", "Cosine of radians"> {
  let onnx = [Onnx<"Cos", 7>];
}
def Llm_TanOp : Llm_Unary<"tan", "Tangent of radians"> {
  let onnx = [Onnx<"Tan", 7>];
}
def Llm_AsinOp : Llm_Unary<"asin", "Arc sine, in radians"> {
  let onnx = [Onnx<"Asin", 7>];
}
def Llm_AcosOp : Llm_Unary<"acos", "Arc cosine, in radians"> {
  let onnx = [Onnx<"Acos", 7>];
}
def Llm_AtanOp : Llm_Unary<"atan", "Arc tangent, in radians"> {
  let onnx = [Onnx<"Atan", 7>];
}
def Llm_SinhOp : Llm_Unary<"sinh", "Hyperbolic sine"> {
  let onnx = [Onnx<"Sinh", 9>];
}
def Llm_CoshOp : Llm_Unary<"cosh", "Hyperbolic cosine"> {
  let onnx = [Onnx<"Cosh", 9>];
}
def Llm_AsinhOp : Llm_Unary<"asinh", "Inverse hyperbolic sine"> {
  let onnx = [Onnx<"Asinh", 9>];
}
def Llm_AcoshOp : Llm_Unary<"acosh", "Inverse hyperbolic cosine"> {
  let onnx = [Onnx<"Acosh", 9>];
}
def Llm_AtanhOp : Llm_Unary<"atanh", "Inverse hyperbolic tangent"> {
  let onnx = [Onnx<"Atanh", 9>];
}
def Llm_FloorOp : Llm_Unary<"floor", "Largest integer not above"> {
  let onnx = [Onnx<"Floor", 6>];
}
def Llm_CeilOp : Llm_Unary<"ceil", "Smallest integer not below"> {
  let onnx = [Onnx<"Ceil", 6>];
}
def Llm_RoundOp : Llm_Unary<"round", "To the nearest integer, halves to even"> {
  let onnx = [Onnx<"Round", 11>];
}
def Llm_SignOp : Llm_Unary<"sign", "-1, 0 or 1"> {
  let onnx = [Onnx<"Sign", 9>];
}
def Llm_NotOp : Llm_Unary<"not", "Logical negation of booleans"> {
  let onnx = [Onnx<"Not", 1>];
}
def Llm_IsNaNOp : Llm_Unary<"is_nan", "Whether the element is NaN"> {
  let onnx = [Onnx<"IsNaN", 9>];
}
def Llm_SoftplusOp : Llm_Unary<"softplus", "log(1 + e^x)"> {
  let onnx = [Onnx<"Softplus", 1>];
}

def Llm_AddOp : Llm_Binary<"add", "Sum"> {
  let onnx = [Onnx<"Add", 7>];
}
def Llm_SubOp : Llm_Binary<"sub", "Difference"> {
  let onnx = [Onnx<"Sub", 7>];
}
def Llm_MulOp : Llm_Binary<"mul", "Product"> {
  let onnx = [Onnx<"Mul", 7>];
}
def Llm_DivOp : Llm_Binary<"div", "Quotient; of integers rounded towards zero, by zero the call fails"> {
  let kernel = "vector loops, chains fused; integers: general loops";
  let onnx = [Onnx<"Div", 7>];
}
def Llm_PowOp : Llm_Binary<"pow", "x to the power y; integers wrap, to a negative power they are rounded towards zero">;
def Llm_MinOp : Llm_Binary<"min", "Smaller one; NaN if any is NaN">;
def Llm_MaxOp : Llm_Binary<"max", "Larger one; NaN if any is NaN">;
def Llm_AndOp : Llm_Binary<"and", "Logical and, of integers bitwise"> {
  let onnx = [Onnx<"And", 7>];
}
def Llm_OrOp : Llm_Binary<"or", "Logical or, of integers bitwise"> {
  let onnx = [Onnx<"Or", 7>];
}
def Llm_XorOp : Llm_Binary<"xor", "Exclusive or, of integers bitwise"> {
  let onnx = [Onnx<"Xor", 7>];
}

def Llm_ShiftLeftOp : Llm_Binary<"shift_left", "Integer x moved left by y bits; 0 where y is not in [0, bits)">;
def Llm_ShiftRightOp : Llm_Binary<"shift_right", "Integer x moved right by y bits, of signed ones with the sign; nothing but that where y is not in [0, bits)">;

def Llm_EqualOp : Llm_Compare<"equal", "x = y"> {
  let onnx = [Onnx<"Equal", 7>];
}
def Llm_LessOp : Llm_Compare<"less", "x < y"> {
  let onnx = [Onnx<"Less", 7>];
}
def Llm_LessEqualOp : Llm_Compare<"less_equal", "x <= y"> {
  let onnx = [Onnx<"LessOrEqual", 12>];
}
def Llm_GreaterOp : Llm_Compare<"greater", "x > y"> {
  let onnx = [Onnx<"Greater", 7>];
}
def Llm_GreaterEqualOp : Llm_Compare<"greater_equal", "x >= y"> {
  let onnx = [Onnx<"GreaterOrEqual", 12>];
}

def Llm_ModOp : Llm_ElementwiseBase<"mod"> {
  let summary = "Remainder: of the sign of y, or of x with `fmod`";
  let kernel = "general loops";
  let arguments = (ins AnyType:$x, AnyType:$y, UnitAttr:$fmod);
}
def Llm_IsInfOp : Llm_ElementwiseBase<"is_inf"> {
  let summary = "Whether the element is infinite";
  let arguments = (ins AnyType:$x, DefaultValuedAttr<BoolAttr, "true">:$positive, DefaultValuedAttr<BoolAttr, "true">:$negative);
}
def Llm_WhereOp : Llm_ElementwiseBase<"where"> {
  let summary = "x where the condition holds, else y";
  let arguments = (ins AnyType:$condition, AnyType:$x, AnyType:$y);
  let onnx = [Onnx<"Where", 9>];
}
def Llm_CastOp : Llm_PureOp<"cast", [DeclareOpInterfaceMethods<Llm_ElementwiseOp>]> {
  let summary = "Conversion to another element type, with ONNX's rounding and saturation";
  let kernel = "vector loops, chains fused";
  let description = [{
    (C1) Operand and result have the same shape. Float to integer truncates (saturating, below 8 bits wrapping; NaN gives 0), to
    boolean tests against 0, to a smaller float rounds to nearest even. What is too large for a float of 8 bits or
    less becomes the largest one, with `overflows` an infinity or NaN. f8e8m0 has powers of two alone: `rounding` says which (nearest: halves up).
  }];
  let arguments = (ins AnyType:$x, UnitAttr:$overflows, DefaultValuedAttr<Llm_ScaleRounding, "::llmc::llm::ScaleRounding::Up">:$rounding);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def Llm_MapOp : Llm_PureOp<"map", [SingleBlock, RecursiveMemoryEffects, IsolatedFromAbove]> {
  let summary = "A fused chain of elementwise ops: one loop nest";
  let kernel = "vector loops: a fused chain";
  let description = [{
    The body computes one element of every result from one element of every operand; operands broadcast to the results' shape, which all
    results share. (C1) The body's arguments are the operands' element types in order. (C2) The yielded scalars are the results' element types.
    ```mlir
    %0 = llm.map(%x, %y) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: f32, %b: f32):
      %1 = llm.mul %a, %b : (f32, f32) -> f32
      llm.yield %1 : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Llm_Tensor>:$inputs);
  let results = (outs Variadic<Llm_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs) $body";
  let hasVerifier = 1;
}
def Llm_YieldOp : Llm_Op<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "Ends a body";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif
