// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-rope-norms | FileCheck %s
// RUN: %opt %s --llmc-fuse-fuse-rope-norms --llmc-fuse-merge-ropes | FileCheck %s --check-prefix=MERGED
module {
  // CHECK-LABEL: @normalized
  // CHECK-NOT: llm.rms_norm
  // CHECK: llm.rope %arg0, %arg1 inv_freq %arg2 norm %{{.*}} {norm_epsilon = 9.9999999999999995E-7 : f64, rotary = 16 : i64}
  func.func @normalized(%x: tensor<1x5x4x16xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> tensor<1x5x4x16xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<16xf32>> : tensor<16xf32>
    %0 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf32>, tensor<16xf32>) -> tensor<1x5x4x16xf32>
    %1 = llm.rope %0, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    return %1 : tensor<1x5x4x16xf32>
  }
  // One head, normalized before it is one.
  // CHECK-LABEL: @one_head
  // CHECK: %[[H:.*]] = llm.reshape %arg0
  // CHECK: llm.rope %[[H]], {{.*}} norm
  func.func @one_head(%x: tensor<1x5x16xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> tensor<1x5x1x16xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<16xf32>> : tensor<16xf32>
    %0 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<1x5x16xf32>, tensor<16xf32>) -> tensor<1x5x16xf32>
    %1 = llm.reshape %0 : (tensor<1x5x16xf32>) -> tensor<1x5x1x16xf32>
    %2 = llm.rope %1, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x1x16xf32>
    return %2 : tensor<1x5x1x16xf32>
  }
  // A norm over all heads, a norm with another use and one in another type stay.
  // CHECK-LABEL: @all_heads
  // CHECK: llm.rms_norm
  func.func @all_heads(%x: tensor<1x5x64xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> tensor<1x5x4x16xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<64xf32>> : tensor<64xf32>
    %0 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<1x5x64xf32>, tensor<64xf32>) -> tensor<1x5x64xf32>
    %1 = llm.reshape %0 : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %2 = llm.rope %1, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    return %2 : tensor<1x5x4x16xf32>
  }
  // CHECK-LABEL: @used_twice
  // CHECK: llm.rms_norm
  func.func @used_twice(%x: tensor<1x5x4x16xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>)
      -> (tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<16xf32>> : tensor<16xf32>
    %0 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf32>, tensor<16xf32>) -> tensor<1x5x4x16xf32>
    %1 = llm.rope %0, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    return %0, %1 : tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>
  }
  // CHECK-LABEL: @half_floats
  // CHECK: llm.rms_norm
  func.func @half_floats(%x: tensor<1x5x4x16xf16>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> tensor<1x5x4x16xf16> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<16xf16>> : tensor<16xf16>
    %0 = llm.rms_norm %x, %w {epsilon = 1.0e-6 : f64} : (tensor<1x5x4x16xf16>, tensor<16xf16>) -> tensor<1x5x4x16xf16>
    %1 = llm.rope %0, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf16>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf16>
    return %1 : tensor<1x5x4x16xf16>
  }
  // Queries and keys with weights of their own turn together: one weight for each head.
  // MERGED-LABEL: @both
  // MERGED: %[[W:.*]] = llm.weight <"concat", {{.*}} : tensor<3x16xf32>
  // MERGED: llm.rope {{.*}} norm %[[W]] {{.*}} -> tensor<1x5x3x16xf32>
  // MERGED-NOT: llm.rope
  // MERGED: return
  func.func @both(%m: tensor<1x5x64xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> (tensor<1x5x2x16xf32>, tensor<1x5x1x16xf32>) {
    %a = llm.weight <"source", [], {id = 0 : i64}, tensor<16xf32>> : tensor<16xf32>
    %b = llm.weight <"source", [], {id = 1 : i64}, tensor<16xf32>> : tensor<16xf32>
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x64xf32>) -> tensor<1x5x32xf32>
    %k = llm.slice %m {starts = affine_map<() -> (0, 0, 32)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x64xf32>) -> tensor<1x5x16xf32>
    %qh = llm.reshape %q : (tensor<1x5x32xf32>) -> tensor<1x5x2x16xf32>
    %kh = llm.reshape %k : (tensor<1x5x16xf32>) -> tensor<1x5x1x16xf32>
    %qn = llm.rms_norm %qh, %a {epsilon = 1.0e-6 : f64} : (tensor<1x5x2x16xf32>, tensor<16xf32>) -> tensor<1x5x2x16xf32>
    %kn = llm.rms_norm %kh, %b {epsilon = 1.0e-6 : f64} : (tensor<1x5x1x16xf32>, tensor<16xf32>) -> tensor<1x5x1x16xf32>
    %qr = llm.rope %qn, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x2x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x2x16xf32>
    %kr = llm.rope %kn, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x1x16xf32>
    return %qr, %kr : tensor<1x5x2x16xf32>, tensor<1x5x1x16xf32>
  }
}
