// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-linear | FileCheck %s
module {
  // CHECK-LABEL: @bias
  // CHECK: llm.linear %arg0, %{{.*}} bias %{{.*}} : (tensor<2x3x8xf32>
  // CHECK-NEXT: return
  func.func @bias(%x: tensor<2x3x8xf32>) -> tensor<2x3x4xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %b = llm.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
    %0 = llm.matmul %x, %w : (tensor<2x3x8xf32>, tensor<8x4xf32>) -> tensor<2x3x4xf32>
    %1 = llm.add %b, %0 : (tensor<4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
    return %1 : tensor<2x3x4xf32>
  }
  // CHECK-LABEL: @keeps_rank
  // CHECK-NOT: llm.reshape
  // CHECK: llm.linear %arg0, %{{.*}} bias %{{.*}} : {{.*}} -> tensor<2x3x4xf32>
  func.func @keeps_rank(%x: tensor<2x3x8xf32>) -> tensor<2x3x4xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %b = llm.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
    %r = llm.reshape %x : (tensor<2x3x8xf32>) -> tensor<6x8xf32>
    %0 = llm.matmul %r, %w : (tensor<6x8xf32>, tensor<8x4xf32>) -> tensor<6x4xf32>
    %1 = llm.add %0, %b : (tensor<6x4xf32>, tensor<4xf32>) -> tensor<6x4xf32>
    %2 = llm.reshape %1 : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
    return %2 : tensor<2x3x4xf32>
  }
  // A product of two computed tensors, and a sum along rows.
  // CHECK-LABEL: @not_stored
  // CHECK: llm.matmul
  func.func @not_stored(%x: tensor<3x8xf32>, %y: tensor<8x4xf32>) -> tensor<3x4xf32> {
    %0 = llm.matmul %x, %y : (tensor<3x8xf32>, tensor<8x4xf32>) -> tensor<3x4xf32>
    return %0 : tensor<3x4xf32>
  }
  // Doubles, whose sums llm.linear would round.
  // CHECK-LABEL: @double
  // CHECK: llm.matmul
  func.func @double(%x: tensor<3x8xf64>) -> tensor<3x4xf64> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf64>> : tensor<8x4xf64>
    %0 = llm.matmul %x, %w : (tensor<3x8xf64>, tensor<8x4xf64>) -> tensor<3x4xf64>
    return %0 : tensor<3x4xf64>
  }
  // CHECK-LABEL: @row_bias
  // CHECK: llm.linear %arg0, %{{[^ ]*}} :
  // CHECK: llm.add
  func.func @row_bias(%x: tensor<4x8xf32>) -> tensor<4x4xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %b = llm.constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
    %0 = llm.matmul %x, %w : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
    %1 = llm.add %0, %b : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
    return %1 : tensor<4x4xf32>
  }
  // Products beside each other: the earlier one takes the residual.
  // CHECK-LABEL: @parallel
  // CHECK: %[[A:.*]] = llm.linear %arg0
  // CHECK: %[[B:.*]] = llm.linear %arg1
  // CHECK: %[[S:.*]] = llm.add %[[A]], %arg2
  // CHECK: llm.add %[[B]], %[[S]]
  func.func @parallel(%x: tensor<3x8xf32>, %y: tensor<3x8xf32>, %r: tensor<3x8xf32>) -> tensor<3x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.matmul %x, %w : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32>
    %1 = llm.matmul %y, %v : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32>
    %2 = llm.add %1, %0 : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
    %3 = llm.add %2, %r : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
    return %3 : tensor<3x8xf32>
  }
}
