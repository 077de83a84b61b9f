// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-merge-linears | FileCheck %s
module {
  // CHECK-LABEL: @two
  // CHECK: %[[W:.*]] = llm.weight <"concat"
  // CHECK: %[[B:.*]] = llm.weight <"concat"
  // CHECK: %[[M:.*]] = llm.linear %arg0, %[[W]] bias %[[B]] {{.*}} -> tensor<2x12xf32>
  // CHECK: llm.slice %[[M]]
  // CHECK: llm.slice %[[M]]
  // CHECK-NOT: llm.linear
  func.func @two(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x4xf32>) {
    %a = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %b = llm.weight <"source", [], {id = 1 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %c = llm.weight <"source", [], {id = 2 : i64}, tensor<4xf32>> : tensor<4xf32>
    %0 = llm.linear %x, %a : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.linear %x, %b bias %c : (tensor<2x8xf32>, tensor<8x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
    return %0, %1 : tensor<2x8xf32>, tensor<2x4xf32>
  }
  // CHECK-LABEL: @other_input
  // CHECK-COUNT-2: llm.linear
  func.func @other_input(%x: tensor<2x8xf32>, %y: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x4xf32>) {
    %a = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %b = llm.weight <"source", [], {id = 1 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.linear %x, %a : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.linear %y, %b : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    return %0, %1 : tensor<2x8xf32>, tensor<2x4xf32>
  }
  // Two of queries, keys and values before an attention belong together; what follows it starts anew.
  // CHECK-LABEL: @across_attention
  // CHECK: llm.attention
  // CHECK-COUNT-1: llm.linear
  // CHECK-NOT: llm.weight <"concat"
  // CHECK: return
  func.func @across_attention(%x: tensor<2x1x2x4xf32>, %y: tensor<2x8xf32>, %k: tensor<2x2x3x4xf32>) -> (tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x1x2x4xf32>) {
    %a = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %b = llm.weight <"source", [], {id = 1 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.linear %y, %a : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.attention %x, %k, %k {offset = affine_map<() -> (0)>, scale = 0.5 : f64} : (tensor<2x1x2x4xf32>, tensor<2x2x3x4xf32>, tensor<2x2x3x4xf32>) -> tensor<2x1x2x4xf32>
    %2 = llm.linear %y, %b : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    return %0, %2, %1 : tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x1x2x4xf32>
  }
}
