// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-cache | FileCheck %s
#past = affine_map<()[s0, s1] -> (s0, 2, s1, 8)>
#all = affine_map<()[s0, s1] -> (s0, 2, s1 + 3, 8)>
#new = affine_map<()[s0] -> (s0, 3, 2, 8)>
#turned = affine_map<()[s0] -> (s0, 2, 3, 8)>
module attributes {llm.symbols = ["batch", "past"]} {
  // CHECK-LABEL: @append
  // CHECK: llm.kv_append %arg0, %arg1
  func.func @append(%past: tensor<?x2x?x8xf32, #past>, %new: tensor<?x3x2x8xf32, #new>) -> tensor<?x2x?x8xf32, #all> {
    %0 = llm.transpose %new {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x3x2x8xf32, #new>) -> tensor<?x2x3x8xf32, #turned>
    %1 = llm.concat %past, %0 {axis = 2 : i64} : (tensor<?x2x?x8xf32, #past>, tensor<?x2x3x8xf32, #turned>) -> tensor<?x2x?x8xf32, #all>
    return %1 : tensor<?x2x?x8xf32, #all>
  }
  // The first part is computed, so it is no past.
  // CHECK-LABEL: @no_input
  // CHECK: llm.concat
  func.func @no_input(%x: tensor<?x2x?x8xf32, #past>, %y: tensor<?x2x3x8xf32, #turned>) -> tensor<?x2x?x8xf32, #all> {
    %0 = llm.neg %x : (tensor<?x2x?x8xf32, #past>) -> tensor<?x2x?x8xf32, #past>
    %1 = llm.concat %0, %y {axis = 2 : i64} : (tensor<?x2x?x8xf32, #past>, tensor<?x2x3x8xf32, #turned>) -> tensor<?x2x?x8xf32, #all>
    return %1 : tensor<?x2x?x8xf32, #all>
  }
}
