// SPDX-License-Identifier: Apache-2.0
// Transposes move behind slices and norms of rows, where they meet.
// RUN: %opt %s --llmc-simplify-fold-graph | FileCheck %s
#x = affine_map<()[s0, s1] -> (s0, s1, 4, 48)>
#t = affine_map<()[s0, s1] -> (s0, 4, s1, 48)>
#part = affine_map<()[s0, s1] -> (s0, 4, s1, 16)>
#back = affine_map<()[s0, s1] -> (s0, s1, 4, 16)>
#last = affine_map<()[s0, s1] -> (s0, s1, 48, 4)>
#from = affine_map<() -> (0, 0, 0, 16)>
module attributes {llm.symbols = ["batch", "seq"]} {
  // CHECK-LABEL: @meet
  // CHECK-SAME: %[[X:.*]]: tensor<?x?x4x48xf32
  // CHECK-NEXT: %[[S:.*]] = llm.slice %[[X]]
  // CHECK-NEXT: %[[N:.*]] = llm.rms_norm %[[S]]
  // CHECK-NEXT: return %[[N]]
  func.func @meet(%x: tensor<?x?x4x48xf32, #x>) -> tensor<?x?x4x16xf32, #back> {
    %t = llm.transpose %x {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x48xf32, #x>) -> tensor<?x4x?x48xf32, #t>
    %s = llm.slice %t {starts = #from, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x4x?x48xf32, #t>) -> tensor<?x4x?x16xf32, #part>
    %n = llm.rms_norm %s {epsilon = 1.0e-6 : f64} : (tensor<?x4x?x16xf32, #part>) -> tensor<?x4x?x16xf32, #part>
    %b = llm.transpose %n {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x4x?x16xf32, #part>) -> tensor<?x?x4x16xf32, #back>
    return %b : tensor<?x?x4x16xf32, #back>
  }
  // The transpose moves what the norm goes over.
  // CHECK-LABEL: @other_rows
  // CHECK: llm.transpose
  // CHECK-NEXT: llm.rms_norm
  func.func @other_rows(%x: tensor<?x?x4x48xf32, #x>) -> tensor<?x?x48x4xf32, #last> {
    %t = llm.transpose %x {perm = array<i64: 0, 1, 3, 2>} : (tensor<?x?x4x48xf32, #x>) -> tensor<?x?x48x4xf32, #last>
    %n = llm.rms_norm %t {epsilon = 1.0e-6 : f64} : (tensor<?x?x48x4xf32, #last>) -> tensor<?x?x48x4xf32, #last>
    return %n : tensor<?x?x48x4xf32, #last>
  }
  // CHECK-LABEL: @part_of_stack
  // CHECK-NEXT: llm.reshape %arg0 : (tensor<2x5x1x4x16xf32>) -> tensor<2x5x4x16xf32>
  // CHECK-NEXT: llm.transpose {{.*}} {perm = array<i64: 0, 2, 1, 3>}
  func.func @part_of_stack(%x: tensor<2x5x1x4x16xf32>) -> tensor<2x4x5x16xf32> {
    %t = llm.transpose %x {perm = array<i64: 0, 3, 2, 1, 4>} : (tensor<2x5x1x4x16xf32>) -> tensor<2x4x1x5x16xf32>
    %r = llm.reshape %t : (tensor<2x4x1x5x16xf32>) -> tensor<2x4x5x16xf32>
    return %r : tensor<2x4x5x16xf32>
  }
  // CHECK-LABEL: @merged_dims
  // CHECK-NEXT: llm.transpose
  // CHECK-NEXT: llm.reshape
  func.func @merged_dims(%x: tensor<2x5x1x4x16xf32>) -> tensor<8x5x16xf32> {
    %t = llm.transpose %x {perm = array<i64: 0, 3, 2, 1, 4>} : (tensor<2x5x1x4x16xf32>) -> tensor<2x4x1x5x16xf32>
    %r = llm.reshape %t : (tensor<2x4x1x5x16xf32>) -> tensor<8x5x16xf32>
    return %r : tensor<8x5x16xf32>
  }
}
