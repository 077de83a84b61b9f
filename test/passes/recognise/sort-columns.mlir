// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-sort-columns | FileCheck %s
#start0 = affine_map<() -> (0, 0, 0, 0)>
#start1 = affine_map<() -> (0, 0, 0, 16)>
#outer1 = affine_map<() -> (0, 0, 1, 0, 0)>
module {
  // Queries and keys of one head lie beside each other: they become two blocks of columns.
  // CHECK-LABEL: @head_by_head
  // CHECK: %[[W:.*]] = llm.weight <"concat"
  // CHECK-SAME: tensor<8x3x16xf32>{{.*}}tensor<8x48xf32>{{.*}}tensor<8x3x8xf32>{{.*}}tensor<8x24xf32>
  // CHECK: %[[B:.*]] = llm.weight <"concat"
  // CHECK: %[[M:.*]] = llm.linear %arg0, %[[W]] bias %[[B]]
  // CHECK: %[[Q:.*]] = llm.slice %[[M]] {starts = #{{.*}}} : (tensor<1x5x72xf32>) -> tensor<1x5x48xf32>
  // CHECK: llm.reshape %[[Q]] : (tensor<1x5x48xf32>) -> tensor<1x5x3x16xf32>
  // CHECK: %[[K:.*]] = llm.slice %[[M]] {starts = #{{.*}}} : (tensor<1x5x72xf32>) -> tensor<1x5x24xf32>
  // CHECK: llm.reshape %[[K]] : (tensor<1x5x24xf32>) -> tensor<1x5x3x8xf32>
  func.func @head_by_head(%x: tensor<1x5x8xf32>) -> (tensor<1x5x3x16xf32>, tensor<1x5x3x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x72xf32>> : tensor<8x72xf32>
    %b = llm.weight <"source", [], {id = 1 : i64}, tensor<72xf32>> : tensor<72xf32>
    %m = llm.linear %x, %w bias %b : (tensor<1x5x8xf32>, tensor<8x72xf32>, tensor<72xf32>) -> tensor<1x5x72xf32>
    %h = llm.reshape %m : (tensor<1x5x72xf32>) -> tensor<1x5x3x24xf32>
    %q = llm.slice %h {starts = #start0, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x5x3x24xf32>) -> tensor<1x5x3x16xf32>
    %k = llm.slice %h {starts = #start1, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x5x3x24xf32>) -> tensor<1x5x3x8xf32>
    return %q, %k : tensor<1x5x3x16xf32>, tensor<1x5x3x8xf32>
  }
  // A part that nothing takes, and heads with another use, stay as they are.
  // CHECK-LABEL: @gap
  // CHECK-NOT: concat
  // CHECK: llm.reshape {{.*}} -> tensor<1x5x3x24xf32>
  func.func @gap(%x: tensor<1x5x8xf32>) -> tensor<1x5x3x16xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x72xf32>> : tensor<8x72xf32>
    %m = llm.linear %x, %w : (tensor<1x5x8xf32>, tensor<8x72xf32>) -> tensor<1x5x72xf32>
    %h = llm.reshape %m : (tensor<1x5x72xf32>) -> tensor<1x5x3x24xf32>
    %q = llm.slice %h {starts = #start0, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x5x3x24xf32>) -> tensor<1x5x3x16xf32>
    return %q : tensor<1x5x3x16xf32>
  }
  // CHECK-LABEL: @used_whole
  // CHECK-NOT: concat
  // CHECK: llm.reshape {{.*}} -> tensor<1x5x3x24xf32>
  func.func @used_whole(%x: tensor<1x5x8xf32>) -> (tensor<1x5x3x24xf32>, tensor<1x5x3x16xf32>, tensor<1x5x3x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x72xf32>> : tensor<8x72xf32>
    %m = llm.linear %x, %w : (tensor<1x5x8xf32>, tensor<8x72xf32>) -> tensor<1x5x72xf32>
    %h = llm.reshape %m : (tensor<1x5x72xf32>) -> tensor<1x5x3x24xf32>
    %q = llm.slice %h {starts = #start0, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x5x3x24xf32>) -> tensor<1x5x3x16xf32>
    %k = llm.slice %h {starts = #start1, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x5x3x24xf32>) -> tensor<1x5x3x8xf32>
    return %h, %q, %k : tensor<1x5x3x24xf32>, tensor<1x5x3x16xf32>, tensor<1x5x3x8xf32>
  }
  // A part in front of the heads is a block of columns already.
  // CHECK-LABEL: @part_by_part
  // CHECK: %[[C:.*]] = llm.slice %{{.*}} {starts = #{{.*}}} : (tensor<1x5x96xf32>) -> tensor<1x5x48xf32>
  // CHECK: llm.reshape %[[C]] : (tensor<1x5x48xf32>) -> tensor<1x5x1x3x16xf32>
  func.func @part_by_part(%x: tensor<1x5x8xf32>) -> tensor<1x5x1x3x16xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x96xf32>> : tensor<8x96xf32>
    %m = llm.linear %x, %w : (tensor<1x5x8xf32>, tensor<8x96xf32>) -> tensor<1x5x96xf32>
    %h = llm.reshape %m : (tensor<1x5x96xf32>) -> tensor<1x5x2x3x16xf32>
    %k = llm.slice %h {starts = #outer1, steps = array<i64: 1, 1, 1, 1, 1>} : (tensor<1x5x2x3x16xf32>) -> tensor<1x5x1x3x16xf32>
    return %k : tensor<1x5x1x3x16xf32>
  }
}
