// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-merge-ropes | FileCheck %s
#m = affine_map<()[s0, s1] -> (s0, s1, 96)>
#q = affine_map<()[s0, s1] -> (s0, s1, 64)>
#k = affine_map<()[s0, s1] -> (s0, s1, 16)>
#q4 = affine_map<()[s0, s1] -> (s0, s1, 4, 16)>
#k4 = affine_map<()[s0, s1] -> (s0, s1, 1, 16)>
#p = affine_map<()[s0, s1] -> (s0, s1)>
#front = affine_map<() -> (0, 0, 0)>
#behind = affine_map<() -> (0, 0, 64)>
#apart = affine_map<() -> (0, 0, 80)>
module attributes {llm.symbols = ["batch", "seq"]} {
  // CHECK-LABEL: @behind_each_other
  // CHECK: %[[R:.*]] = llm.rope {{.*}}tensor<?x?x5x16xf32
  // CHECK-NOT: llm.rope
  // CHECK: %[[Q:.*]] = llm.slice %[[R]] {{.*}} -> tensor<?x?x4x16xf32
  // CHECK: %[[K:.*]] = llm.slice %[[R]] {{.*}} -> tensor<?x?x1x16xf32
  // CHECK: return %[[Q]], %[[K]]
  func.func @behind_each_other(%m: tensor<?x?x96xf32, #m>, %p: tensor<?x?xi64, #p>, %f: tensor<8xf32>)
      -> (tensor<?x?x4x16xf32, #q4>, tensor<?x?x1x16xf32, #k4>) {
    %q = llm.slice %m {starts = #front, steps = array<i64: 1, 1, 1>} : (tensor<?x?x96xf32, #m>) -> tensor<?x?x64xf32, #q>
    %k = llm.slice %m {starts = #behind, steps = array<i64: 1, 1, 1>} : (tensor<?x?x96xf32, #m>) -> tensor<?x?x16xf32, #k>
    %qh = llm.reshape %q : (tensor<?x?x64xf32, #q>) -> tensor<?x?x4x16xf32, #q4>
    %kh = llm.reshape %k : (tensor<?x?x16xf32, #k>) -> tensor<?x?x1x16xf32, #k4>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<?x?x4x16xf32, #q4>, tensor<?x?xi64, #p>, tensor<8xf32>) -> tensor<?x?x4x16xf32, #q4>
    %kr = llm.rope %kh, %p inv_freq %f {rotary = 16 : i64} : (tensor<?x?x1x16xf32, #k4>, tensor<?x?xi64, #p>, tensor<8xf32>) -> tensor<?x?x1x16xf32, #k4>
    return %qr, %kr : tensor<?x?x4x16xf32, #q4>, tensor<?x?x1x16xf32, #k4>
  }

  // With a gap between them, or other positions, they stay two.
  // CHECK-LABEL: @apart
  // CHECK-COUNT-2: llm.rope
  func.func @apart(%m: tensor<?x?x96xf32, #m>, %p: tensor<?x?xi64, #p>, %f: tensor<8xf32>)
      -> (tensor<?x?x4x16xf32, #q4>, tensor<?x?x1x16xf32, #k4>) {
    %q = llm.slice %m {starts = #front, steps = array<i64: 1, 1, 1>} : (tensor<?x?x96xf32, #m>) -> tensor<?x?x64xf32, #q>
    %k = llm.slice %m {starts = #apart, steps = array<i64: 1, 1, 1>} : (tensor<?x?x96xf32, #m>) -> tensor<?x?x16xf32, #k>
    %qh = llm.reshape %q : (tensor<?x?x64xf32, #q>) -> tensor<?x?x4x16xf32, #q4>
    %kh = llm.reshape %k : (tensor<?x?x16xf32, #k>) -> tensor<?x?x1x16xf32, #k4>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<?x?x4x16xf32, #q4>, tensor<?x?xi64, #p>, tensor<8xf32>) -> tensor<?x?x4x16xf32, #q4>
    %kr = llm.rope %kh, %p inv_freq %f {rotary = 16 : i64} : (tensor<?x?x1x16xf32, #k4>, tensor<?x?xi64, #p>, tensor<8xf32>) -> tensor<?x?x1x16xf32, #k4>
    return %qr, %kr : tensor<?x?x4x16xf32, #q4>, tensor<?x?x1x16xf32, #k4>
  }

  // CHECK-LABEL: @other_positions
  // CHECK-COUNT-2: llm.rope
  func.func @other_positions(%m: tensor<?x?x96xf32, #m>, %p: tensor<?x?xi64, #p>, %o: tensor<?x?xi64, #p>, %f: tensor<8xf32>)
      -> (tensor<?x?x4x16xf32, #q4>, tensor<?x?x1x16xf32, #k4>) {
    %q = llm.slice %m {starts = #front, steps = array<i64: 1, 1, 1>} : (tensor<?x?x96xf32, #m>) -> tensor<?x?x64xf32, #q>
    %k = llm.slice %m {starts = #behind, steps = array<i64: 1, 1, 1>} : (tensor<?x?x96xf32, #m>) -> tensor<?x?x16xf32, #k>
    %qh = llm.reshape %q : (tensor<?x?x64xf32, #q>) -> tensor<?x?x4x16xf32, #q4>
    %kh = llm.reshape %k : (tensor<?x?x16xf32, #k>) -> tensor<?x?x1x16xf32, #k4>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<?x?x4x16xf32, #q4>, tensor<?x?xi64, #p>, tensor<8xf32>) -> tensor<?x?x4x16xf32, #q4>
    %kr = llm.rope %kh, %o inv_freq %f {rotary = 16 : i64} : (tensor<?x?x1x16xf32, #k4>, tensor<?x?xi64, #p>, tensor<8xf32>) -> tensor<?x?x1x16xf32, #k4>
    return %qr, %kr : tensor<?x?x4x16xf32, #q4>, tensor<?x?x1x16xf32, #k4>
  }

  // Keys before queries in the product.
  // CHECK-LABEL: @keys_first
  // CHECK: %[[R:.*]] = llm.rope {{.*}}tensor<?x?x5x16xf32
  // CHECK-NOT: llm.rope
  // CHECK: %[[K:.*]] = llm.slice %[[R]] {{.*}} -> tensor<?x?x1x16xf32
  // CHECK: %[[Q:.*]] = llm.slice %[[R]] {{.*}} -> tensor<?x?x4x16xf32
  // CHECK: return %[[Q]], %[[K]]
  func.func @keys_first(%m: tensor<?x?x96xf32, #m>, %p: tensor<?x?xi64, #p>, %f: tensor<8xf32>)
      -> (tensor<?x?x4x16xf32, #q4>, tensor<?x?x1x16xf32, #k4>) {
    %q = llm.slice %m {starts = affine_map<() -> (0, 0, 16)>, steps = array<i64: 1, 1, 1>} : (tensor<?x?x96xf32, #m>) -> tensor<?x?x64xf32, #q>
    %k = llm.slice %m {starts = #front, steps = array<i64: 1, 1, 1>} : (tensor<?x?x96xf32, #m>) -> tensor<?x?x16xf32, #k>
    %qh = llm.reshape %q : (tensor<?x?x64xf32, #q>) -> tensor<?x?x4x16xf32, #q4>
    %kh = llm.reshape %k : (tensor<?x?x16xf32, #k>) -> tensor<?x?x1x16xf32, #k4>
    %qr = llm.rope %qh, %p inv_freq %f {rotary = 16 : i64} : (tensor<?x?x4x16xf32, #q4>, tensor<?x?xi64, #p>, tensor<8xf32>) -> tensor<?x?x4x16xf32, #q4>
    %kr = llm.rope %kh, %p inv_freq %f {rotary = 16 : i64} : (tensor<?x?x1x16xf32, #k4>, tensor<?x?xi64, #p>, tensor<8xf32>) -> tensor<?x?x1x16xf32, #k4>
    return %qr, %kr : tensor<?x?x4x16xf32, #q4>, tensor<?x?x1x16xf32, #k4>
  }
}
