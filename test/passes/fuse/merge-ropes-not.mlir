// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-merge-ropes | FileCheck %s
// Rotations that stay two, each for one reason (merge-ropes.mlir has more).
module {
  // Other frequencies.
  // CHECK-LABEL: @frequencies
  // CHECK-COUNT-2: llm.rope
  func.func @frequencies(%m: tensor<1x5x96xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>, %g: tensor<8xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>) {
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x64xf32>
    %k = llm.slice %m {starts = affine_map<() -> (0, 0, 64)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x16xf32>
    %qh = llm.reshape %q : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %kh = llm.reshape %k : (tensor<1x5x16xf32>) -> tensor<1x5x1x16xf32>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %kr = llm.rope %kh, %p inv_freq %g {rotary = 16 : i64} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x1x16xf32>
    return %qr, %kr : tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>
  }
  // A part of each head.
  // CHECK-LABEL: @part
  // CHECK-COUNT-2: llm.rope
  func.func @part(%m: tensor<1x5x96xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>, %g: tensor<4xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>) {
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x64xf32>
    %k = llm.slice %m {starts = affine_map<() -> (0, 0, 64)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x16xf32>
    %qh = llm.reshape %q : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %kh = llm.reshape %k : (tensor<1x5x16xf32>) -> tensor<1x5x1x16xf32>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %kr = llm.rope %kh, %p inv_freq %g {rotary = 8 : i64} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<4xf32>) -> tensor<1x5x1x16xf32>
    return %qr, %kr : tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>
  }
  // Neighbours turn together in one of them.
  // CHECK-LABEL: @neighbours
  // CHECK-COUNT-2: llm.rope
  func.func @neighbours(%m: tensor<1x5x96xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>) {
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x64xf32>
    %k = llm.slice %m {starts = affine_map<() -> (0, 0, 64)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x16xf32>
    %qh = llm.reshape %q : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %kh = llm.reshape %k : (tensor<1x5x16xf32>) -> tensor<1x5x1x16xf32>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %kr = llm.rope %kh, %p inv_freq %f {rotary = 16 : i64, interleaved} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x1x16xf32>
    return %qr, %kr : tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>
  }
  // Another scale.
  // CHECK-LABEL: @scale
  // CHECK-COUNT-2: llm.rope
  func.func @scale(%m: tensor<1x5x96xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>) {
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x64xf32>
    %k = llm.slice %m {starts = affine_map<() -> (0, 0, 64)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x16xf32>
    %qh = llm.reshape %q : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %kh = llm.reshape %k : (tensor<1x5x16xf32>) -> tensor<1x5x1x16xf32>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %kr = llm.rope %kh, %p inv_freq %f {rotary = 16 : i64, scale = 2.0 : f64} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x1x16xf32>
    return %qr, %kr : tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>
  }
  // A norm for one of them.
  // CHECK-LABEL: @norm
  // CHECK-COUNT-2: llm.rope
  func.func @norm(%m: tensor<1x5x96xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<16xf32>> : tensor<16xf32>
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x64xf32>
    %k = llm.slice %m {starts = affine_map<() -> (0, 0, 64)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x16xf32>
    %qh = llm.reshape %q : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %kh = llm.reshape %k : (tensor<1x5x16xf32>) -> tensor<1x5x1x16xf32>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %kr = llm.rope %kh, %p inv_freq %f norm %w {rotary = 16 : i64, norm_epsilon = 1.0e-6 : f64} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<8xf32>, tensor<16xf32>) -> tensor<1x5x1x16xf32>
    return %qr, %kr : tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>
  }
  // Columns of two products.
  // CHECK-LABEL: @products
  // CHECK-COUNT-2: llm.rope
  func.func @products(%m: tensor<1x5x96xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>, %n: tensor<1x5x96xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>) {
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x64xf32>
    %k = llm.slice %n {starts = affine_map<() -> (0, 0, 64)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x16xf32>
    %qh = llm.reshape %q : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %kh = llm.reshape %k : (tensor<1x5x16xf32>) -> tensor<1x5x1x16xf32>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %kr = llm.rope %kh, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x1x16xf32>
    return %qr, %kr : tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>
  }
  // Heads of another size.
  // CHECK-LABEL: @sizes
  // CHECK-COUNT-2: llm.rope
  func.func @sizes(%m: tensor<1x5x96xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>, %g: tensor<4xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x2x8xf32>) {
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x64xf32>
    %k = llm.slice %m {starts = affine_map<() -> (0, 0, 64)>, steps = array<i64: 1, 1, 1>} : (tensor<1x5x96xf32>) -> tensor<1x5x16xf32>
    %qh = llm.reshape %q : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %kh = llm.reshape %k : (tensor<1x5x16xf32>) -> tensor<1x5x2x8xf32>
    %qr = llm.rope %qh, %p inv_freq %g {rotary = 8 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<4xf32>) -> tensor<1x5x4x16xf32>
    %kr = llm.rope %kh, %p inv_freq %g {rotary = 8 : i64} : (tensor<1x5x2x8xf32>, tensor<1x5xi64>, tensor<4xf32>) -> tensor<1x5x2x8xf32>
    return %qr, %kr : tensor<1x5x4x16xf32>, tensor<1x5x2x8xf32>
  }
  // Tokens behind each other, not columns: a slice of rows.
  // CHECK-LABEL: @rows
  // CHECK-COUNT-2: llm.rope
  func.func @rows(%m: tensor<1x10x64xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>) {
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x10x64xf32>) -> tensor<1x5x64xf32>
    %k = llm.slice %m {starts = affine_map<() -> (0, 5, 0)>, steps = array<i64: 1, 1, 1>} : (tensor<1x10x64xf32>) -> tensor<1x5x64xf32>
    %qh = llm.reshape %q : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %kh = llm.reshape %k : (tensor<1x5x64xf32>) -> tensor<1x5x4x16xf32>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %kr = llm.rope %kh, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    return %qr, %kr : tensor<1x5x4x16xf32>, tensor<1x5x4x16xf32>
  }
  // Heads that come from elsewhere than a product's columns.
  // CHECK-LABEL: @no_columns
  // CHECK-COUNT-2: llm.rope
  func.func @no_columns(%q: tensor<1x5x4x16xf32>, %k: tensor<1x5x1x16xf32>, %p: tensor<1x5xi64>, %f: tensor<8xf32>) -> (tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>) {
    %qr = llm.rope %q, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x4x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x4x16xf32>
    %kr = llm.rope %k, %p inv_freq %f {rotary = 16 : i64} : (tensor<1x5x1x16xf32>, tensor<1x5xi64>, tensor<8xf32>) -> tensor<1x5x1x16xf32>
    return %qr, %kr : tensor<1x5x4x16xf32>, tensor<1x5x1x16xf32>
  }
}
