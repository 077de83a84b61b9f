// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-roundings | FileCheck %s
module {
  // The product rounds its operand already, differently.
  // CHECK-LABEL: @rounded_twice
  // CHECK: llm.fake_quantize
  // CHECK: llm.linear {{.*}} {rounding = #llm.rounding<group = 4>}
  func.func @rounded_twice(%x: tensor<2x8xf32>) -> tensor<2x4xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.fake_quantize %x {rounding = #llm.rounding<tensor>} : tensor<2x8xf32>
    %1 = llm.linear %0, %w {rounding = #llm.rounding<group = 4>} : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    return %1 : tensor<2x4xf32>
  }
  // A rotation that another op reads, and one of blocks longer than those that are rounded.
  // CHECK-LABEL: @rotated
  // CHECK-COUNT-2: "rotation"
  // CHECK: llm.linear %{{.*}}, %{{.*}} {rounding = #llm.rounding<group = 32>}
  func.func @rotated(%x: tensor<2x32xf32>, %y: tensor<2x64xf32>) -> (tensor<2x32xf32>, tensor<2x4xf32>, tensor<2x4xf32>) {
    %w = llm.weight <"source", [], {id = 2 : i64}, tensor<32x4xf32>> : tensor<32x4xf32>
    %v = llm.weight <"source", [], {id = 3 : i64}, tensor<64x4xf32>> : tensor<64x4xf32>
    %r = llm.weight <"rotation", [], {}, tensor<32x32xf32>> : tensor<32x32xf32>
    %s = llm.weight <"rotation", [], {}, tensor<64x64xf32>> : tensor<64x64xf32>
    %0 = llm.linear %x, %r : (tensor<2x32xf32>, tensor<32x32xf32>) -> tensor<2x32xf32>
    %1 = llm.linear %0, %w {rounding = #llm.rounding<group = 32>} : (tensor<2x32xf32>, tensor<32x4xf32>) -> tensor<2x4xf32>
    %2 = llm.linear %y, %s : (tensor<2x64xf32>, tensor<64x64xf32>) -> tensor<2x64xf32>
    %3 = llm.linear %2, %v {rounding = #llm.rounding<group = 32>} : (tensor<2x64xf32>, tensor<64x4xf32>) -> tensor<2x4xf32>
    return %0, %1, %3 : tensor<2x32xf32>, tensor<2x4xf32>, tensor<2x4xf32>
  }
  // Other ops have no rounding to take, and two products read the rounded numbers once each.
  // CHECK-LABEL: @other_users
  // CHECK-COUNT-2: llm.fake_quantize
  func.func @other_users(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x4xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.fake_quantize %x {rounding = #llm.rounding<tensor>} : tensor<2x8xf32>
    %1 = llm.exp %0 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %2 = llm.fake_quantize %x {rounding = #llm.rounding<group = 4>} : tensor<2x8xf32>
    %3 = llm.linear %2, %w : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    %4 = llm.linear %2, %v : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    return %1, %3, %4 : tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x4xf32>
  }
  // Behind a reshape that something else reads, and in the body of a branch.
  // CHECK-LABEL: @reshape_used_twice
  // CHECK: llm.fake_quantize
  func.func @reshape_used_twice(%x: tensor<2x4x2xf32>) -> (tensor<2x8xf32>, tensor<2x4xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.fake_quantize %x {rounding = #llm.rounding<tensor>} : tensor<2x4x2xf32>
    %1 = llm.reshape %0 : (tensor<2x4x2xf32>) -> tensor<2x8xf32>
    %2 = llm.linear %1, %w : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    return %1, %2 : tensor<2x8xf32>, tensor<2x4xf32>
  }
  // CHECK-LABEL: @other_block
  // CHECK: llm.fake_quantize
  // CHECK: llm.if
  func.func @other_block(%c: tensor<i1>, %x: tensor<2x8xf32>, %y: tensor<2x4xf32>) -> tensor<2x4xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.fake_quantize %x {rounding = #llm.rounding<tensor>} : tensor<2x8xf32>
    %1 = llm.if %c {binds = affine_map<() -> ()>} : (tensor<i1>) -> tensor<2x4xf32> {
      %2 = llm.linear %0, %w : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
      llm.yield %2 : tensor<2x4xf32>
    } else {
      llm.yield %y : tensor<2x4xf32>
    }
    return %1 : tensor<2x4xf32>
  }
}
