// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-epilogues | FileCheck %s
// What a product or a norm does not take (fuse-epilogues.mlir has what it takes).
module {
  // One activation, and none behind a residual.
  // CHECK-LABEL: @two_activations
  // CHECK: llm.linear {{.*}} {activation = 1 : i32}
  // CHECK: llm.tanh
  func.func @two_activations(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w {activation = 1 : i32} : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.tanh %0 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1 : tensor<2x8xf32>
  }
  // CHECK-LABEL: @two_residuals
  // CHECK: llm.linear {{.*}} residual %arg1
  // CHECK: llm.add
  func.func @two_residuals(%x: tensor<2x8xf32>, %r: tensor<2x8xf32>, %s: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w residual %r : (tensor<2x8xf32>, tensor<8x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.add %0, %s : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1 : tensor<2x8xf32>
  }
  // A result that something else reads has to be stored as it is.
  // CHECK-LABEL: @sum_used_twice
  // CHECK: llm.add
  func.func @sum_used_twice(%x: tensor<2x8xf32>, %r: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.add %0, %r : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %0, %1 : tensor<2x8xf32>, tensor<2x8xf32>
  }
  // CHECK-LABEL: @sum_with_itself
  // CHECK: llm.add
  func.func @sum_with_itself(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.add %0, %0 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1 : tensor<2x8xf32>
  }
  // The sum is larger than the product, or of a higher rank.
  // CHECK-LABEL: @larger_operand
  // CHECK-COUNT-2: llm.add
  func.func @larger_operand(%x: tensor<1x8xf32>, %r: tensor<2x8xf32>, %s: tensor<3x2x8xf32>) -> (tensor<2x8xf32>, tensor<3x2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32>
    %1 = llm.add %0, %r : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %2 = llm.linear %x, %v : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32>
    %3 = llm.add %s, %2 : (tensor<3x2x8xf32>, tensor<1x8xf32>) -> tensor<3x2x8xf32>
    return %1, %3 : tensor<2x8xf32>, tensor<3x2x8xf32>
  }
  // In a body, the product would run more or less often.
  // CHECK-LABEL: @other_block
  // CHECK: llm.linear
  // CHECK: llm.if
  // CHECK: llm.relu
  // CHECK: llm.add
  func.func @other_block(%c: tensor<i1>, %x: tensor<2x8xf32>, %r: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.linear %x, %v : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %2 = llm.if %c {binds = affine_map<() -> ()>} : (tensor<i1>) -> tensor<2x8xf32> {
      %3 = llm.relu %0 : (tensor<2x8xf32>) -> tensor<2x8xf32>
      llm.yield %3 : tensor<2x8xf32>
    } else {
      %4 = llm.add %1, %r : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
      llm.yield %4 : tensor<2x8xf32>
    }
    return %2 : tensor<2x8xf32>
  }
}
