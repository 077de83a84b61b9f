// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-simplify-fold-control | FileCheck %s

// A known condition: the branch in place, and its size for the one that the op bound.
#n = affine_map<()[s0] -> (s0)>
#twice = affine_map<()[s0] -> (s0 * 2)>
#either = affine_map<()[s0, s1] -> (s1)>
module attributes {llm.symbols = ["n", {kind = "data", name = "either", least = 0 : i64}]} {
  // CHECK-DAG: #[[TWICE:.*]] = affine_map<()[s0] -> (s0 * 2)>
  // CHECK-LABEL: @known
  func.func @known(%x: tensor<?xf32, #n>) -> tensor<?xf32, #either> {
    %c = llm.constant dense<true> : tensor<i1>
    // CHECK-NOT: llm.if
    // CHECK: %[[T:.*]] = llm.concat {{.*}} -> tensor<?xf32, #[[TWICE]]>
    %0 = llm.if %c {binds = #either} : (tensor<i1>) -> tensor<?xf32, #either> {
      %t = llm.concat %x, %x {axis = 0 : i64} : (tensor<?xf32, #n>, tensor<?xf32, #n>) -> tensor<?xf32, #twice>
      llm.yield %t : tensor<?xf32, #twice>
    } else {
      llm.yield %x : tensor<?xf32, #n>
    }
    // CHECK: llm.neg %[[T]] : (tensor<?xf32, #[[TWICE]]>)
    %1 = llm.neg %0 : (tensor<?xf32, #either>) -> tensor<?xf32, #either>
    return %1 : tensor<?xf32, #either>
  }
}

// -----

// Results without uses go, and so do rows of a loop; a state stays.
#none = affine_map<() -> ()>
#it = affine_map<()[s0] -> (s0)>
#rows = affine_map<()[s0, s1] -> (s1)>
module attributes {llm.symbols = [{kind = "data", name = "turn", least = 0 : i64}, {kind = "data", name = "turns", least = 0 : i64}]} {
  // CHECK-LABEL: @unused
  func.func @unused(%c: tensor<i1>, %n: tensor<i64>, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
    // CHECK: llm.if {{.*}} : (tensor<i1>) -> tensor<4xf32> {
    // CHECK: llm.yield %{{[^,]*}} : tensor<4xf32>
    %0:2 = llm.if %c {binds = #none} : (tensor<i1>) -> (tensor<2xf32>, tensor<4xf32>) {
      %p = llm.slice %x {starts = affine_map<() -> (0)>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<2xf32>
      llm.yield %p, %x : tensor<2xf32>, tensor<4xf32>
    } else {
      %p = llm.slice %x {starts = affine_map<() -> (2)>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<2xf32>
      %y = llm.neg %x : (tensor<4xf32>) -> tensor<4xf32>
      llm.yield %p, %y : tensor<2xf32>, tensor<4xf32>
    }
    %t = llm.constant dense<true> : tensor<i1>
    // CHECK: llm.loop {{.*}} : (tensor<i64>, tensor<4xf32>) -> tensor<4xf32> {
    // CHECK: llm.yield %{{.*}}, %{{.*}} : tensor<i1>, tensor<4xf32>
    %1:2 = llm.loop trips %n inits %x {binds = #rows, iteration = #it, operandSegmentSizes = array<i32: 1, 0, 1>}
        : (tensor<i64>, tensor<4xf32>) -> (tensor<4xf32>, tensor<?xf32, #rows>) {
    ^bb0(%a: tensor<4xf32>):
      %b = llm.neg %a : (tensor<4xf32>) -> tensor<4xf32>
      %s = llm.constant dense<1.0> : tensor<f32>
      llm.yield %t, %b, %s : tensor<i1>, tensor<4xf32>, tensor<f32>
    }
    return %0#1, %1#0 : tensor<4xf32>, tensor<4xf32>
  }
}

// -----

// A result whose size is used stays, though nothing reads its elements.
#n = affine_map<()[s0] -> (s0)>
#either = affine_map<()[s0, s1] -> (s1)>
module attributes {llm.symbols = ["n", {kind = "data", name = "either", least = 0 : i64}]} {
  // CHECK-LABEL: @size_used
  func.func @size_used(%c: tensor<i1>, %x: tensor<?xf32, #n>, %y: tensor<4xf32>) -> tensor<1xi64> {
    // CHECK: llm.if
    %0 = llm.if %c {binds = #either} : (tensor<i1>) -> tensor<?xf32, #either> {
      llm.yield %x : tensor<?xf32, #n>
    } else {
      llm.yield %y : tensor<4xf32>
    }
    %1 = llm.dims #either : tensor<1xi64>
    return %1 : tensor<1xi64>
  }
}

// -----

// A sequence whose tensors' rank is known becomes one of which that is not known.
#none = affine_map<() -> ()>
module {
  // CHECK-LABEL: @sequence
  func.func @sequence(%x: tensor<4xf32>, %y: tensor<2x2xf32>) -> !llm.sequence<f32, -2> {
    %c = llm.constant dense<true> : tensor<i1>
    // CHECK-NOT: llm.if
    // CHECK: %[[S:.*]] = llm.sequence_insert
    // CHECK: %[[T:.*]] = llm.sequence_cast %[[S]] : (!llm.sequence<f32, 1>) -> !llm.sequence<f32, -2>
    // CHECK: return %[[T]]
    %e = llm.sequence_empty : !llm.sequence<f32, -1>
    %0 = llm.if %c {binds = #none} : (tensor<i1>) -> !llm.sequence<f32, -2> {
      %s = llm.sequence_insert %e, %x : (!llm.sequence<f32, -1>, tensor<4xf32>) -> !llm.sequence<f32, 1>
      llm.yield %s : !llm.sequence<f32, 1>
    } else {
      %s = llm.sequence_insert %e, %y : (!llm.sequence<f32, -1>, tensor<2x2xf32>) -> !llm.sequence<f32, 2>
      llm.yield %s : !llm.sequence<f32, 2>
    }
    return %0 : !llm.sequence<f32, -2>
  }
}
