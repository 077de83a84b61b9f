// SPDX-License-Identifier: Apache-2.0
// Resampling: along one axis, and at the places of a grid.
#ifndef LLMC_IR_LLM_OPS_RESIZE
#define LLMC_IR_LLM_OPS_RESIZE
include "ir/llm/Attrs.td"

def Llm_Interpolation : I32EnumAttr<"Interpolation", "how a value between elements is made", [
    I32EnumAttrCase<"Nearest", 0, "nearest">, I32EnumAttrCase<"Linear", 1, "linear">, I32EnumAttrCase<"Cubic", 2, "cubic">]> {
  let cppNamespace = "::llmc::llm";
}
def Llm_Coordinates : I32EnumAttr<"Coordinates", "where an element of a resized axis lies in the original one", [
    I32EnumAttrCase<"HalfPixel", 0, "half_pixel">, I32EnumAttrCase<"HalfPixelSymmetric", 1, "half_pixel_symmetric">,
    I32EnumAttrCase<"PytorchHalfPixel", 2, "pytorch_half_pixel">, I32EnumAttrCase<"AlignCorners", 3, "align_corners">,
    I32EnumAttrCase<"Asymmetric", 4, "asymmetric">, I32EnumAttrCase<"CropAndResize", 5, "tf_crop_and_resize">]> {
  let cppNamespace = "::llmc::llm";
}
def Llm_Rounding : I32EnumAttr<"Rounding", "which neighbour is the nearest", [
    I32EnumAttrCase<"PreferFloor", 0, "round_prefer_floor">, I32EnumAttrCase<"PreferCeil", 1, "round_prefer_ceil">,
    I32EnumAttrCase<"Floor", 2, "floor">, I32EnumAttrCase<"Ceil", 3, "ceil">]> {
  let cppNamespace = "::llmc::llm";
}
def Llm_GridPadding : I32EnumAttr<"GridPadding", "what lies outside a tensor", [
    I32EnumAttrCase<"Zeros", 0, "zeros">, I32EnumAttrCase<"Border", 1, "border">, I32EnumAttrCase<"Reflection", 2, "reflection">]> {
  let cppNamespace = "::llmc::llm";
}

def Llm_ResampleOp : Llm_PureOp<"resample"> {
  let summary = "One axis at another size, as ONNX's Resize does it along every axis in turn";
  let description = [{
    `scale` (f64 scalar) is the resized length by the original one, before rounding. `antialias` widens the filter where the scale is below 1;
    `exclude_outside` leaves out neighbours outside the axis and normalizes the weights. For `tf_crop_and_resize` the operand `roi` (f64 [2])
    holds the crop's start and end in units of the axis, and places outside the axis get `extrapolation`.
    (C1) `axis` is in [0, rank), and all other dims are kept. (C2) Only `nearest` takes tensors of other types than floats.
    (C3) `roi` is there for tf_crop_and_resize.
    ```mlir
    %0 = llm.resample linear %x, %scale {axis = 2 : i64, coordinates = 0 : i32} : (tensor<1x3x8xf32>, tensor<f64>) -> tensor<1x3x16xf32>
    ```
  }];
  let arguments = (ins Llm_Tensor:$x, Llm_FloatTensor:$scale, Optional<Llm_FloatTensor>:$roi, I64Attr:$axis, Llm_Interpolation:$mode,
    Llm_Coordinates:$coordinates, DefaultValuedAttr<Llm_Rounding, "Rounding::PreferFloor">:$rounding, DefaultValuedAttr<F64Attr, "-0.75">:$cubic,
    DefaultValuedAttr<F64Attr, "0.0">:$extrapolation, UnitAttr:$exclude_outside, UnitAttr:$antialias);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$mode $x `,` $scale (`roi` $roi^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_GridSampleOp : Llm_PureOp<"grid_sample"> {
  let summary = "Samples of x at the places that a grid says (Jaderberg et al., 2015)";
  let description = [{
    x is [batch, channels, spatial...], the grid [batch, out..., n] with n coordinates in [-1, 1] per place, last spatial axis first;
    the result is [batch, channels, out...]. (C1) n is the number of spatial axes, and ranks agree. (C2) Only `nearest` takes integers.
  }];
  let arguments = (ins Llm_Tensor:$x, Llm_FloatTensor:$grid, Llm_Interpolation:$mode, Llm_GridPadding:$padding, UnitAttr:$align_corners);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$mode $x `,` $grid attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
