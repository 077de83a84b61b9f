// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-epilogues | FileCheck %s
module {
  // CHECK-LABEL: @both
  // CHECK: llm.linear %arg0, %{{.*}} residual %arg1 {activation = 2 : i32}
  // CHECK-NEXT: return
  func.func @both(%x: tensor<2x8xf32>, %r: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.gelu_erf %0 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %2 = llm.add %r, %1 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %2 : tensor<2x8xf32>
  }
  // The activation of a sum does not fit: the op adds last.
  // CHECK-LABEL: @activation_of_sum
  // CHECK: llm.linear %arg0, %{{.*}} residual %arg1 :
  // CHECK: llm.relu
  func.func @activation_of_sum(%x: tensor<2x8xf32>, %r: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.add %r, %0 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %2 = llm.relu %1 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    return %2 : tensor<2x8xf32>
  }
  // CHECK-LABEL: @used_twice
  // CHECK: llm.linear
  // CHECK: llm.silu
  func.func @used_twice(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.silu %0 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    return %0, %1 : tensor<2x8xf32>, tensor<2x8xf32>
  }
  // CHECK-LABEL: @smaller_operand
  // CHECK: llm.add
  func.func @smaller_operand(%x: tensor<2x8xf32>, %r: tensor<1x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.add %0, %r : (tensor<2x8xf32>, tensor<1x8xf32>) -> tensor<2x8xf32>
    return %1 : tensor<2x8xf32>
  }
  // CHECK-LABEL: @convolution
  // CHECK: llm.conv %arg0, %arg1 {activation = 1 : i32
  // CHECK-NEXT: return
  func.func @convolution(%x: tensor<1x2x8xf32>, %w: tensor<3x2x3xf32>) -> tensor<1x3x6xf32> {
    %0 = llm.conv %x, %w {before = affine_map<() -> (0)>, after = affine_map<() -> (0)>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 1 : i64}
      : (tensor<1x2x8xf32>, tensor<3x2x3xf32>) -> tensor<1x3x6xf32>
    %1 = llm.relu %0 : (tensor<1x3x6xf32>) -> tensor<1x3x6xf32>
    return %1 : tensor<1x3x6xf32>
  }
  // CHECK-LABEL: @norm
  // CHECK: llm.rms_norm %arg0, %{{.*}} residual %arg1
  // CHECK-NEXT: return
  func.func @norm(%x: tensor<2x8xf32>, %r: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8xf32>> : tensor<8xf32>
    %0 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    %1 = llm.add %r, %0 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1 : tensor<2x8xf32>
  }
  // The norm's result is rounded before the sum.
  // CHECK-LABEL: @norm_of_halves
  // CHECK: llm.add
  func.func @norm_of_halves(%x: tensor<2x8xf16>, %r: tensor<2x8xf16>) -> tensor<2x8xf16> {
    %0 = llm.rms_norm %x {epsilon = 1.0e-6 : f64} : (tensor<2x8xf16>) -> tensor<2x8xf16>
    %1 = llm.add %r, %0 : (tensor<2x8xf16>, tensor<2x8xf16>) -> tensor<2x8xf16>
    return %1 : tensor<2x8xf16>
  }
  // A result that is only read rounded is stored so.
  // CHECK-LABEL: @rounded
  // CHECK: llm.linear %arg0, %{{.*}} : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xbf16>
  // CHECK-NEXT: llm.rms_norm %arg0 {{.*}} : (tensor<2x8xf32>) -> tensor<2x8xf16>
  // CHECK-NEXT: return
  func.func @rounded(%x: tensor<2x8xf32>) -> (tensor<2x8xbf16>, tensor<2x8xf16>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.cast %0 : (tensor<2x8xf32>) -> tensor<2x8xbf16>
    %2 = llm.rms_norm %x {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %3 = llm.cast %2 : (tensor<2x8xf32>) -> tensor<2x8xf16>
    return %1, %3 : tensor<2x8xbf16>, tensor<2x8xf16>
  }
  // Read as it is, too; and integers are no halves.
  // CHECK-LABEL: @not_rounded
  // CHECK-COUNT-2: llm.cast
  func.func @not_rounded(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xbf16>, tensor<2x8xi8>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.cast %0 : (tensor<2x8xf32>) -> tensor<2x8xbf16>
    %2 = llm.rms_norm %x {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %3 = llm.cast %2 : (tensor<2x8xf32>) -> tensor<2x8xi8>
    return %0, %1, %3 : tensor<2x8xf32>, tensor<2x8xbf16>, tensor<2x8xi8>
  }
}
