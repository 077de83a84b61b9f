// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-maps | FileCheck %s
// RUN: %opt %s --llmc-fuse-fuse-maps=max-ops=2 | FileCheck %s --check-prefix=SMALL
module {
  // CHECK-LABEL: @chain
  // CHECK: %[[M:.*]] = llm.map(%arg0, %arg1) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  // CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32)
  // CHECK-NEXT: %[[C:.*]] = llm.mul %[[A]], %[[B]] : (f32, f32) -> f32
  // CHECK-NEXT: %[[D:.*]] = llm.tanh %[[C]] : (f32) -> f32
  // CHECK-NEXT: %[[E:.*]] = llm.add %[[D]], %[[A]] : (f32, f32) -> f32
  // CHECK-NEXT: llm.yield %[[E]] : f32
  // CHECK: return %[[M]]
  // SMALL-LABEL: @chain
  // SMALL: llm.mul
  // SMALL: llm.map
  func.func @chain(%x: tensor<4x8xf32>, %y: tensor<8xf32>) -> tensor<4x8xf32> {
    %e = llm.expand %y : (tensor<8xf32>) -> tensor<4x8xf32>
    %0 = llm.mul %x, %e : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    %1 = llm.tanh %0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
    %2 = llm.add %1, %x : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    return %2 : tensor<4x8xf32>
  }
  // A result that something else needs is computed once.
  // CHECK-LABEL: @used_outside
  // CHECK-NOT: llm.map
  func.func @used_outside(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
    %0 = llm.exp %x : (tensor<4x8xf32>) -> tensor<4x8xf32>
    %1 = llm.tanh %0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
    return %0, %1 : tensor<4x8xf32>, tensor<4x8xf32>
  }
  // A smaller producer would be computed once per row.
  // CHECK-LABEL: @smaller_producer
  // CHECK: llm.exp
  // CHECK-NOT: llm.map
  func.func @smaller_producer(%x: tensor<4x8xf32>, %y: tensor<8xf32>) -> tensor<4x8xf32> {
    %0 = llm.exp %y : (tensor<8xf32>) -> tensor<8xf32>
    %1 = llm.mul %x, %0 : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
    return %1 : tensor<4x8xf32>
  }
  // CHECK-LABEL: @integer_division
  // CHECK: llm.div
  // CHECK-NOT: llm.map
  func.func @integer_division(%x: tensor<4xi64>, %y: tensor<4xi64>) -> tensor<4xi64> {
    %0 = llm.div %x, %y : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
    %1 = llm.neg %0 : (tensor<4xi64>) -> tensor<4xi64>
    return %1 : tensor<4xi64>
  }
}
