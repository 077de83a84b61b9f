// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-merge-linears | FileCheck %s
// Products of one input that stay apart from a plain one.
// CHECK-NOT: "concat"
module {
  // With an activation, a residual or a rounding: a merged product has one epilogue for all.
  // CHECK-LABEL: @epilogues
  // CHECK-COUNT-4: llm.linear
  func.func @epilogues(%x: tensor<2x8xf32>, %r: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.linear %x, %v {activation = 1 : i32} : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %2 = llm.linear %x, %v residual %r : (tensor<2x8xf32>, tensor<8x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %3 = llm.linear %x, %v {rounding = #llm.rounding<group = 4>} : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    return %0, %1, %2, %3 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  }
  // A weight or a bias that is computed.
  // CHECK-LABEL: @computed
  // CHECK-COUNT-3: llm.linear
  func.func @computed(%x: tensor<2x8xf32>, %a: tensor<8x8xf32>, %b: tensor<8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.linear %x, %a : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %2 = llm.linear %x, %v bias %b : (tensor<2x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    return %0, %1, %2 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  }
  // Weights or biases of other types than the first one's: stored as they are.
  // CHECK-LABEL: @types
  // CHECK-COUNT-3: llm.linear
  func.func @types(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x8xf16>> : tensor<8x8xf16>
    %b = llm.weight <"source", [], {id = 2 : i64}, tensor<8xf16>> : tensor<8xf16>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.linear %x, %v : (tensor<2x8xf32>, tensor<8x8xf16>) -> tensor<2x8xf32>
    %2 = llm.linear %x, %w bias %b : (tensor<2x8xf32>, tensor<8x8xf32>, tensor<8xf16>) -> tensor<2x8xf32>
    return %0, %1, %2 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  }
  // The body of a branch computes its product only where it runs.
  // CHECK-LABEL: @other_block
  // CHECK: llm.linear
  // CHECK: llm.if
  // CHECK: llm.linear
  func.func @other_block(%c: tensor<i1>, %x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.if %c {binds = affine_map<() -> ()>} : (tensor<i1>) -> tensor<2x8xf32> {
      %2 = llm.linear %x, %v : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
      llm.yield %2 : tensor<2x8xf32>
    } else {
      llm.yield %x : tensor<2x8xf32>
    }
    return %0, %1 : tensor<2x8xf32>, tensor<2x8xf32>
  }
}
