// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-epilogues | FileCheck %s
module {
  // A convolution's kernel computes in f32, with one activation, and its result is stored once.
  // CHECK-LABEL: @convolution_of_halves
  // CHECK: llm.relu
  func.func @convolution_of_halves(%x: tensor<1x2x8xf16>, %w: tensor<3x2x3xf16>) -> tensor<1x3x6xf16> {
    %0 = llm.conv %x, %w {before = affine_map<() -> (0)>, after = affine_map<() -> (0)>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 1 : i64}
      : (tensor<1x2x8xf16>, tensor<3x2x3xf16>) -> tensor<1x3x6xf16>
    %1 = llm.relu %0 : (tensor<1x3x6xf16>) -> tensor<1x3x6xf16>
    return %1 : tensor<1x3x6xf16>
  }
  // CHECK-LABEL: @two_activations
  // CHECK: llm.conv {{.*}}activation = 1 : i32
  // CHECK: llm.tanh
  func.func @two_activations(%x: tensor<1x2x8xf32>, %w: tensor<3x2x3xf32>) -> tensor<1x3x6xf32> {
    %0 = llm.conv %x, %w {activation = 1 : i32, before = affine_map<() -> (0)>, after = affine_map<() -> (0)>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 1 : i64}
      : (tensor<1x2x8xf32>, tensor<3x2x3xf32>) -> tensor<1x3x6xf32>
    %1 = llm.tanh %0 : (tensor<1x3x6xf32>) -> tensor<1x3x6xf32>
    return %1 : tensor<1x3x6xf32>
  }
  // CHECK-LABEL: @convolution_used_twice
  // CHECK: llm.relu
  func.func @convolution_used_twice(%x: tensor<1x2x8xf32>, %w: tensor<3x2x3xf32>) -> (tensor<1x3x6xf32>, tensor<1x3x6xf32>) {
    %0 = llm.conv %x, %w {before = affine_map<() -> (0)>, after = affine_map<() -> (0)>, strides = array<i64: 1>, dilations = array<i64: 1>, group = 1 : i64}
      : (tensor<1x2x8xf32>, tensor<3x2x3xf32>) -> tensor<1x3x6xf32>
    %1 = llm.relu %0 : (tensor<1x3x6xf32>) -> tensor<1x3x6xf32>
    return %0, %1 : tensor<1x3x6xf32>, tensor<1x3x6xf32>
  }
  // A norm takes one residual, of its own size, where nothing else reads it.
  // CHECK-LABEL: @norm_with_residual
  // CHECK: llm.add
  func.func @norm_with_residual(%x: tensor<2x8xf32>, %r: tensor<2x8xf32>, %s: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %0 = llm.rms_norm %x residual %r {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.add %0, %s : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1 : tensor<2x8xf32>
  }
  // CHECK-LABEL: @norm_used_twice
  // CHECK: llm.add
  func.func @norm_used_twice(%x: tensor<2x8xf32>, %r: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
    %0 = llm.rms_norm %x {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.add %r, %0 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %0, %1 : tensor<2x8xf32>, tensor<2x8xf32>
  }
  // CHECK-LABEL: @norm_and_smaller
  // CHECK-COUNT-2: llm.add
  func.func @norm_and_smaller(%x: tensor<2x8xf32>, %r: tensor<8xf32>, %y: tensor<1x8xf32>, %s: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
    %0 = llm.rms_norm %x {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.add %0, %r : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    %2 = llm.rms_norm %y {epsilon = 1.0e-6 : f64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
    %3 = llm.add %2, %s : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1, %3 : tensor<2x8xf32>, tensor<2x8xf32>
  }
  // CHECK-LABEL: @norm_of_other_block
  // CHECK: llm.if
  // CHECK: llm.add
  func.func @norm_of_other_block(%c: tensor<i1>, %x: tensor<2x8xf32>, %r: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %0 = llm.rms_norm %x {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.if %c {binds = affine_map<() -> ()>} : (tensor<i1>) -> tensor<2x8xf32> {
      %2 = llm.add %0, %r : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
      llm.yield %2 : tensor<2x8xf32>
    } else {
      llm.yield %r : tensor<2x8xf32>
    }
    return %1 : tensor<2x8xf32>
  }
}
