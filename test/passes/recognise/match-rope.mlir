// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-rope | FileCheck %s
#pos = affine_map<()[s0] -> (s0, 3)>
#pos1 = affine_map<()[s0] -> (s0, 1, 3)>
#angles = affine_map<()[s0] -> (s0, 4, 3)>
#turned = affine_map<()[s0] -> (s0, 3, 4)>
#both = affine_map<()[s0] -> (s0, 3, 8)>
#one = affine_map<()[s0] -> (s0, 1, 3, 8)>
#x = affine_map<()[s0] -> (s0, 2, 3, 8)>
#h = affine_map<()[s0] -> (s0, 2, 3, 4)>
#zero = affine_map<() -> (0, 0, 0, 0)>
#half = affine_map<() -> (0, 0, 0, 4)>
module attributes {llm.symbols = ["batch"]} {
  // CHECK-LABEL: @rope
  // CHECK-SAME: %[[X:.*]]: tensor<?x2x3x8xf32, #{{.*}}>, %[[P:.*]]: tensor<?x3xi64
  // CHECK: %[[T:.*]] = llm.transpose %[[X]] {perm = array<i64: 0, 2, 1, 3>}
  // CHECK: %[[R:.*]] = llm.rope %[[T]], %[[P]] inv_freq %{{.*}} {rotary = 8 : i64}
  // CHECK: llm.transpose %[[R]] {perm = array<i64: 0, 2, 1, 3>}
  func.func @rope(%x: tensor<?x2x3x8xf32, #x>, %p: tensor<?x3xi64, #pos>) -> tensor<?x2x3x8xf32, #x> {
    %f = llm.constant dense<[[[1.0], [0.1], [0.01], [0.001]]]> : tensor<1x4x1xf32>
    %0 = llm.reshape %p : (tensor<?x3xi64, #pos>) -> tensor<?x1x3xi64, #pos1>
    %1 = llm.cast %0 : (tensor<?x1x3xi64, #pos1>) -> tensor<?x1x3xf32, #pos1>
    %2 = llm.matmul %f, %1 : (tensor<1x4x1xf32>, tensor<?x1x3xf32, #pos1>) -> tensor<?x4x3xf32, #angles>
    %3 = llm.transpose %2 {perm = array<i64: 0, 2, 1>} : (tensor<?x4x3xf32, #angles>) -> tensor<?x3x4xf32, #turned>
    %4 = llm.concat %3, %3 {axis = 2 : i64} : (tensor<?x3x4xf32, #turned>, tensor<?x3x4xf32, #turned>) -> tensor<?x3x8xf32, #both>
    %5 = llm.cos %4 : (tensor<?x3x8xf32, #both>) -> tensor<?x3x8xf32, #both>
    %6 = llm.sin %4 : (tensor<?x3x8xf32, #both>) -> tensor<?x3x8xf32, #both>
    %c = llm.reshape %5 : (tensor<?x3x8xf32, #both>) -> tensor<?x1x3x8xf32, #one>
    %s = llm.reshape %6 : (tensor<?x3x8xf32, #both>) -> tensor<?x1x3x8xf32, #one>
    %7 = llm.mul %x, %c : (tensor<?x2x3x8xf32, #x>, tensor<?x1x3x8xf32, #one>) -> tensor<?x2x3x8xf32, #x>
    %8 = llm.slice %x {starts = #zero, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x2x3x8xf32, #x>) -> tensor<?x2x3x4xf32, #h>
    %9 = llm.slice %x {starts = #half, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x2x3x8xf32, #x>) -> tensor<?x2x3x4xf32, #h>
    %10 = llm.neg %9 : (tensor<?x2x3x4xf32, #h>) -> tensor<?x2x3x4xf32, #h>
    %11 = llm.concat %10, %8 {axis = 3 : i64} : (tensor<?x2x3x4xf32, #h>, tensor<?x2x3x4xf32, #h>) -> tensor<?x2x3x8xf32, #x>
    %12 = llm.mul %11, %s : (tensor<?x2x3x8xf32, #x>, tensor<?x1x3x8xf32, #one>) -> tensor<?x2x3x8xf32, #x>
    %13 = llm.add %7, %12 : (tensor<?x2x3x8xf32, #x>, tensor<?x2x3x8xf32, #x>) -> tensor<?x2x3x8xf32, #x>
    return %13 : tensor<?x2x3x8xf32, #x>
  }
  // The two factors are no cosine and sine of positions.
  // CHECK-LABEL: @unknown_factors
  // CHECK-NOT: llm.rope
  func.func @unknown_factors(%x: tensor<?x2x3x8xf32, #x>, %c: tensor<?x1x3x8xf32, #one>, %s: tensor<?x1x3x8xf32, #one>) -> tensor<?x2x3x8xf32, #x> {
    %7 = llm.mul %x, %c : (tensor<?x2x3x8xf32, #x>, tensor<?x1x3x8xf32, #one>) -> tensor<?x2x3x8xf32, #x>
    %8 = llm.slice %x {starts = #zero, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x2x3x8xf32, #x>) -> tensor<?x2x3x4xf32, #h>
    %9 = llm.slice %x {starts = #half, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x2x3x8xf32, #x>) -> tensor<?x2x3x4xf32, #h>
    %10 = llm.neg %9 : (tensor<?x2x3x4xf32, #h>) -> tensor<?x2x3x4xf32, #h>
    %11 = llm.concat %10, %8 {axis = 3 : i64} : (tensor<?x2x3x4xf32, #h>, tensor<?x2x3x4xf32, #h>) -> tensor<?x2x3x8xf32, #x>
    %12 = llm.mul %11, %s : (tensor<?x2x3x8xf32, #x>, tensor<?x1x3x8xf32, #one>) -> tensor<?x2x3x8xf32, #x>
    %13 = llm.add %7, %12 : (tensor<?x2x3x8xf32, #x>, tensor<?x2x3x8xf32, #x>) -> tensor<?x2x3x8xf32, #x>
    return %13 : tensor<?x2x3x8xf32, #x>
  }
}
