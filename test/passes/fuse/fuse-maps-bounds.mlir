// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-maps="max-ops=3 max-inputs=3" | FileCheck %s
// What one loop may hold, and what never joins one.
module {
  // CHECK-LABEL: @ops
  // CHECK: llm.exp %arg0
  // CHECK: llm.map
  // CHECK-NEXT: ^bb0
  // CHECK-NEXT: llm.tanh
  // CHECK-NEXT: llm.neg
  // CHECK-NEXT: llm.abs
  // CHECK-NEXT: llm.yield
  func.func @ops(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
    %0 = llm.exp %x : (tensor<4x8xf32>) -> tensor<4x8xf32>
    %1 = llm.tanh %0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
    %2 = llm.neg %1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
    %3 = llm.abs %2 : (tensor<4x8xf32>) -> tensor<4x8xf32>
    return %3 : tensor<4x8xf32>
  }
  // The sum of a and b would make it four tensors to read; three fit.
  // CHECK-LABEL: @inputs
  // CHECK: %[[S:.*]] = llm.add %arg0, %arg1
  // CHECK: llm.map(%[[S]], %arg2, %arg3)
  func.func @inputs(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>, %d: tensor<4xf32>) -> tensor<4xf32> {
    %0 = llm.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %1 = llm.mul %0, %c : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %2 = llm.sub %1, %d : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    return %2 : tensor<4xf32>
  }
  // CHECK-LABEL: @remainder
  // CHECK: llm.mod
  // CHECK: llm.neg
  // CHECK-NOT: llm.map
  // CHECK: return
  func.func @remainder(%x: tensor<4xi64>, %y: tensor<4xi64>) -> tensor<4xi64> {
    %0 = llm.mod %x, %y : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
    %1 = llm.neg %0 : (tensor<4xi64>) -> tensor<4xi64>
    return %1 : tensor<4xi64>
  }
  // An op alone has a loop of its own already.
  // CHECK-LABEL: @alone
  // CHECK-NOT: llm.map
  // CHECK: return
  func.func @alone(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = llm.exp %x : (tensor<4xf32>) -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }
  // With an operand that was widened in front, it is worth one: nothing is widened any more.
  // CHECK-LABEL: @widened
  // CHECK: llm.map(%arg0, %arg1) : (tensor<4x8xf32>, tensor<8xf32>)
  func.func @widened(%x: tensor<4x8xf32>, %y: tensor<8xf32>) -> tensor<4x8xf32> {
    %e = llm.expand %y : (tensor<8xf32>) -> tensor<4x8xf32>
    %0 = llm.mul %x, %e : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    return %0 : tensor<4x8xf32>
  }
  // A cast is computed again rather than stored, whoever else reads it.
  // CHECK-LABEL: @cast
  // CHECK: llm.map(%arg0) : (tensor<4xi64>) -> tensor<4xf32>
  // CHECK: llm.map(%arg0) : (tensor<4xi64>) -> tensor<4xf32>
  func.func @cast(%x: tensor<4xi64>) -> (tensor<4xf32>, tensor<4xf32>) {
    %0 = llm.cast %x : (tensor<4xi64>) -> tensor<4xf32>
    %1 = llm.exp %0 : (tensor<4xf32>) -> tensor<4xf32>
    %2 = llm.tanh %0 : (tensor<4xf32>) -> tensor<4xf32>
    return %1, %2 : tensor<4xf32>, tensor<4xf32>
  }
  // What a body uses of outside is computed outside, once.
  // CHECK-LABEL: @other_block
  // CHECK: llm.exp %arg1
  // CHECK: llm.if
  // CHECK-NOT: llm.map
  // CHECK: return
  func.func @other_block(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = llm.exp %x : (tensor<4xf32>) -> tensor<4xf32>
    %1 = llm.if %c {binds = affine_map<() -> ()>} : (tensor<i1>) -> tensor<4xf32> {
      %2 = llm.tanh %0 : (tensor<4xf32>) -> tensor<4xf32>
      llm.yield %2 : tensor<4xf32>
    } else {
      llm.yield %x : tensor<4xf32>
    }
    return %1 : tensor<4xf32>
  }
  // A larger result: the exponential would be computed for each row again. A reduction is no part of a loop.
  // CHECK-LABEL: @rows_and_reductions
  // CHECK: llm.exp
  // CHECK: llm.add
  // CHECK: llm.reduce
  // CHECK: llm.tanh
  // CHECK-NOT: llm.map
  // CHECK: return
  func.func @rows_and_reductions(%x: tensor<1x8xf32>, %y: tensor<4x8xf32>) -> tensor<4x1xf32> {
    %0 = llm.exp %x : (tensor<1x8xf32>) -> tensor<1x8xf32>
    %1 = llm.add %0, %y : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    %2 = llm.reduce sum %1 {axes = array<i64: 1>, keepdims = true} : (tensor<4x8xf32>) -> tensor<4x1xf32>
    %3 = llm.tanh %2 : (tensor<4x1xf32>) -> tensor<4x1xf32>
    return %3 : tensor<4x1xf32>
  }
}
