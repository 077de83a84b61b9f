// SPDX-License-Identifier: Apache-2.0
// Convolutions. Spatial dims stand behind batch and channels: [batch, channels, spatial...].
#ifndef LLMC_IR_LLM_OPS_CONV
#define LLMC_IR_LLM_OPS_CONV
include "ir/llm/Attrs.td"

def Llm_ConvOp : Llm_PureOp<"conv"> {
  let summary = "act(cross-correlation of x with the filters + bias), in groups of channels";
  let kernel = "f32 kernel; else general loops";
  let description = [{
    x is [batch, channels, spatial...], the filters [filters, channels / group, kernel...], the bias [filters]; the result is
    [batch, filters, spatial...]. Element o of a spatial axis reads x at o * stride - before + k * dilation; what lies outside is 0.
    Floats below 64 bits accumulate in f32 over (channel, kernel...) in fixed blocks; integers wrap.
    (C1) One stride and one dilation above 0 and one pad in front and behind per spatial axis. (C2) Ranks of x, filters and result agree.
    (C3) Element types of operands and result agree. (C4) Kernel dims are fixed.
    ```mlir
    %0 = llm.conv %x, %w {before = affine_map<() -> (1, 1)>, after = affine_map<() -> (1, 1)>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64}
      : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins Llm_Tensor:$x, Llm_Tensor:$filters, Optional<Llm_Tensor>:$bias, AffineMapAttr:$before, AffineMapAttr:$after,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, I64Attr:$group, DefaultValuedAttr<Llm_Activation, "Activation::None">:$activation);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x `,` $filters (`bias` $bias^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_Col2ImOp : Llm_PureOp<"col2im"> {
  let summary = "Sums of overlapping windows: what a transposed convolution does with its columns";
  let description = [{
    x is [batch, channels, kernel product, window product]: the elements of every window, windows in row-major order of the grid that `windows`
    has the sizes of. The result is [batch, channels, spatial...]; window w adds its element k at w * stride - before + k * dilation along
    every axis, and what lies outside is dropped.
    (C1) One window count, kernel size, stride and dilation above 0 and one pad in front per spatial axis. (C2) x has rank 4.
    ```mlir
    %0 = llm.col2im %x {windows = affine_map<() -> (3)>, kernel = affine_map<() -> (2)>, before = affine_map<() -> (0)>, strides = array<i64: 1>, dilations = array<i64: 1>}
      : (tensor<1x5x2x3xf32>) -> tensor<1x5x4xf32>
    ```
  }];
  let arguments = (ins Llm_Tensor:$x, AffineMapAttr:$windows, AffineMapAttr:$kernel, AffineMapAttr:$before, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations);
  let results = (outs Llm_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_DeformColumnsOp : Llm_PureOp<"deform_columns"> {
  let summary = "The windows of a deformable convolution: bilinear samples of x at shifted places (Dai et al., 2017)";
  let description = [{
    x is [batch, channels, H, W], the offsets [batch, groups * kernel product * 2, OH, OW] in (y, x) pairs, the mask
    [batch, groups * kernel product, OH, OW]; the result is [batch, channels, kernel product, OH, OW]. `groups` divide the channels.
    (C1) Two kernel sizes, strides, dilations and pads in front. (C2) x, offsets and result have ranks 4, 4 and 5.
  }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_FloatTensor:$offsets, Optional<Llm_FloatTensor>:$mask, DenseI64ArrayAttr:$kernel, AffineMapAttr:$before,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, I64Attr:$groups);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x `,` $offsets (`mask` $mask^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
