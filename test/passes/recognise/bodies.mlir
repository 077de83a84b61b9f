// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-simplify --llmc-recognise --llmc-fuse | FileCheck %s
// Bodies of control flow are recognised like the rest, and nothing outside of a loop is computed in it again.
#none = affine_map<() -> ()>
#it = affine_map<()[s0] -> (s0)>
module attributes {llm.symbols = [{kind = "data", name = "turn", least = 0 : i64}]} {
  // CHECK-LABEL: @branch
  func.func @branch(%c: tensor<i1>, %x: tensor<2x64xf32>) -> tensor<2x64xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    // CHECK: llm.if
    // CHECK: llm.linear {{.*}} {activation = 1 : i32}
    %0 = llm.if %c {binds = #none} : (tensor<i1>) -> tensor<2x64xf32> {
      %m = llm.matmul %x, %w : (tensor<2x64xf32>, tensor<64x64xf32>) -> tensor<2x64xf32>
      %r = llm.relu %m : (tensor<2x64xf32>) -> tensor<2x64xf32>
      llm.yield %r : tensor<2x64xf32>
    } else {
      llm.yield %x : tensor<2x64xf32>
    }
    return %0 : tensor<2x64xf32>
  }

  // CHECK-LABEL: @loop
  func.func @loop(%n: tensor<i64>, %x: tensor<2x64xf32>) -> tensor<2x64xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %t = llm.constant dense<true> : tensor<i1>
    // CHECK: llm.linear
    %m = llm.matmul %x, %w : (tensor<2x64xf32>, tensor<64x64xf32>) -> tensor<2x64xf32>
    // CHECK: llm.loop
    // CHECK-NOT: llm.linear
    %0 = llm.loop trips %n inits %x {binds = #none, iteration = #it, operandSegmentSizes = array<i32: 1, 0, 1>}
        : (tensor<i64>, tensor<2x64xf32>) -> tensor<2x64xf32> {
    ^bb0(%a: tensor<2x64xf32>):
      %b = llm.add %m, %a : (tensor<2x64xf32>, tensor<2x64xf32>) -> tensor<2x64xf32>
      llm.yield %t, %b : tensor<i1>, tensor<2x64xf32>
    }
    return %0 : tensor<2x64xf32>
  }
}
