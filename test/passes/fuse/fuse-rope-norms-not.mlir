// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-rope-norms | FileCheck %s
// Norms that a rotation leaves where they are (fuse-rope-norms.mlir has more).
module {
  // Without a weight, with one of another rank or type, or with one that is not stored.
  // CHECK-LABEL: @weights
  // CHECK-COUNT-4: llm.rms_norm
  func.func @weights(%x: tensor<1x5x4x16xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>, %a: tensor<16xf32>)
      -> (tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<1x16xf32>> : tensor<1x16xf32>
    %h = llm.weight <"source", [], {id = 1 : i64}, tensor<16xf16>> : tensor<16xf16>
    %0 = llm.rms_norm %x {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf32>) -> tensor<1x5x4x16xf32>
    %1 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf32>, tensor<1x16xf32>) -> tensor<1x5x4x16xf32>
    %2 = llm.rms_norm %x, %a {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf32>, tensor<16xf32>) -> tensor<1x5x4x16xf32>
    %3 = llm.rms_norm %x, %h {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf32>, tensor<16xf16>) -> tensor<1x5x4x16xf32>
    %4 = llm.rope %0, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %5 = llm.rope %1, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %6 = llm.rope %2, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %7 = llm.rope %3, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    return %4, %5, %6, %7 : tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>
  }
  // A rotation takes one norm, without a residual.
  // CHECK-LABEL: @two_norms
  // CHECK: llm.rms_norm
  // CHECK: llm.rope {{.*}} norm
  // CHECK: llm.rms_norm {{.*}} residual
  // CHECK: llm.rope
  // CHECK-NOT: norm
  func.func @two_norms(%x: tensor<1x5x4x16xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<16xf32>> : tensor<16xf32>
    %0 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf32>, tensor<16xf32>) -> tensor<1x5x4x16xf32>
    %1 = llm.rope %0, %p inv_freq %f norm %w {rotary = 16 : i64, norm_epsilon = 1.0e-6 : f64}
      : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>, tensor<16xf32>) -> tensor<1x5x4x16xf32>
    %2 = llm.rms_norm %x, %w residual %x {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf32>, tensor<16xf32>, tensor<1x5x4x16xf32>) -> tensor<1x5x4x16xf32>
    %3 = llm.rope %2, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    return %1, %3 : tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>
  }
  // The heads in front of the rotation are read by another op too.
  // CHECK-LABEL: @heads_used_twice
  // CHECK: llm.rms_norm
  func.func @heads_used_twice(%x: tensor<1x5x16xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> (tensor<1x5x1x16xf32>, tensor<1x5x1x16xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<16xf32>> : tensor<16xf32>
    %0 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<1x5x16xf32>, tensor<16xf32>) -> tensor<1x5x16xf32>
    %1 = llm.reshape %0 : (tensor<1x5x16xf32>) -> tensor<1x5x1x16xf32>
    %2 = llm.rope %1, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x1x16xf32>
    return %1, %2 : tensor<1x5x1x16xf32>, tensor<1x5x1x16xf32>
  }
  // CHECK-LABEL: @other_block
  // CHECK: llm.rms_norm
  // CHECK: llm.if
  func.func @other_block(%c: tensor<i1>, %x: tensor<1x5x4x16xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> tensor<1x5x4x16xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<16xf32>> : tensor<16xf32>
    %0 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf32>, tensor<16xf32>) -> tensor<1x5x4x16xf32>
    %1 = llm.if %c {binds = affine_map<() -> ()>} : (tensor<i1>) -> tensor<1x5x4x16xf32> {
      %2 = llm.rope %0, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
      llm.yield %2 : tensor<1x5x4x16xf32>
    } else {
      llm.yield %x : tensor<1x5x4x16xf32>
    }
    return %1 : tensor<1x5x4x16xf32>
  }
}
