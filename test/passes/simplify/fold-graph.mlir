// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-simplify-fold-graph | FileCheck %s
#bs = affine_map<()[s0, s1] -> (s0, s1)>
#b4s = affine_map<()[s0, s1] -> (s0, 4, s1)>
#b1s = affine_map<()[s0, s1] -> (s0, 1, s1)>
module attributes {llm.symbols = ["batch", "seq"]} {
  // CHECK-LABEL: @constants
  // CHECK: %[[C:.*]] = llm.constant dense<5.000000e-01> : tensor<f32>
  // CHECK: return %[[C]]
  func.func @constants() -> tensor<f32> {
    %0 = llm.constant dense<16> : tensor<i64>
    %1 = llm.cast %0 : (tensor<i64>) -> tensor<f32>
    %2 = llm.sqrt %1 : (tensor<f32>) -> tensor<f32>
    %3 = llm.reciprocal %2 : (tensor<f32>) -> tensor<f32>
    %4 = llm.sqrt %3 : (tensor<f32>) -> tensor<f32>
    return %4 : tensor<f32>
  }
  // CHECK-LABEL: @division_by_zero_stays
  // CHECK: llm.div
  func.func @division_by_zero_stays() -> tensor<i64> {
    %0 = llm.constant dense<0> : tensor<i64>
    %1 = llm.constant dense<3> : tensor<i64>
    %2 = llm.div %1, %0 : (tensor<i64>, tensor<i64>) -> tensor<i64>
    return %2 : tensor<i64>
  }
  // CHECK-LABEL: @weights
  // CHECK: llm.weight <"scale", [#llm.recipe<"transpose"
  // CHECK-NOT: llm.mul
  func.func @weights() -> tensor<8x4xf32> {
    %w = llm.weight <"source", [], {id = 3 : i64}, tensor<4x8xf32>> : tensor<4x8xf32>
    %t = llm.transpose %w {perm = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>
    %c = llm.constant dense<2.0> : tensor<f32>
    %m = llm.mul %t, %c : (tensor<8x4xf32>, tensor<f32>) -> tensor<8x4xf32>
    return %m : tensor<8x4xf32>
  }
  // CHECK-LABEL: @identities
  // CHECK-SAME: (%[[X:.*]]: tensor<?x?xf32
  // CHECK-NEXT: return %[[X]]
  func.func @identities(%x: tensor<?x?xf32, #bs>) -> tensor<?x?xf32, #bs> {
    %0 = llm.constant dense<0.0> : tensor<f32>
    %1 = llm.constant dense<1.0> : tensor<1xf32>
    %2 = llm.add %0, %x : (tensor<f32>, tensor<?x?xf32, #bs>) -> tensor<?x?xf32, #bs>
    %3 = llm.mul %2, %1 : (tensor<?x?xf32, #bs>, tensor<1xf32>) -> tensor<?x?xf32, #bs>
    %4 = llm.cast %3 : (tensor<?x?xf32, #bs>) -> tensor<?x?xf64, #bs>
    %5 = llm.cast %4 : (tensor<?x?xf64, #bs>) -> tensor<?x?xf32, #bs>
    return %5 : tensor<?x?xf32, #bs>
  }
  // CHECK-LABEL: @lossy_cast_stays
  // CHECK-COUNT-2: llm.cast
  func.func @lossy_cast_stays(%x: tensor<?x?xf32, #bs>) -> tensor<?x?xf32, #bs> {
    %0 = llm.cast %x : (tensor<?x?xf32, #bs>) -> tensor<?x?xf16, #bs>
    %1 = llm.cast %0 : (tensor<?x?xf16, #bs>) -> tensor<?x?xf32, #bs>
    return %1 : tensor<?x?xf32, #bs>
  }
  // CHECK-LABEL: @expanded_operand
  // CHECK-SAME: (%[[X:.*]]: tensor<?x4x?xf32, #{{.*}}>, %[[Y:.*]]: tensor<?x1x?xf32
  // CHECK-NEXT: llm.add %[[X]], %[[Y]]
  func.func @expanded_operand(%x: tensor<?x4x?xf32, #b4s>, %y: tensor<?x1x?xf32, #b1s>) -> tensor<?x4x?xf32, #b4s> {
    %0 = llm.expand %y : (tensor<?x1x?xf32, #b1s>) -> tensor<?x4x?xf32, #b4s>
    %1 = llm.add %x, %0 : (tensor<?x4x?xf32, #b4s>, tensor<?x4x?xf32, #b4s>) -> tensor<?x4x?xf32, #b4s>
    return %1 : tensor<?x4x?xf32, #b4s>
  }
}
