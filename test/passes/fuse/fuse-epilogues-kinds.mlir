// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-epilogues | FileCheck %s
// Every activation that a product takes.
module {
  // CHECK-LABEL: @each
  // CHECK: llm.linear %arg0, %{{.*}} {activation = 1 : i32}
  // CHECK: llm.linear %arg0, %{{.*}} {activation = 2 : i32}
  // CHECK: llm.linear %arg0, %{{.*}} {activation = 3 : i32}
  // CHECK: llm.linear %arg0, %{{.*}} {activation = 4 : i32}
  // CHECK: llm.linear %arg0, %{{.*}} {activation = 5 : i32}
  // CHECK: llm.linear %arg0, %{{.*}} bias %{{.*}} {activation = 6 : i32, rounding = #llm.rounding<group = 4>}
  // CHECK-NEXT: return
  func.func @each(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %b = llm.weight <"source", [], {id = 1 : i64}, tensor<8xf32>> : tensor<8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %relu = llm.relu %0 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %gelu = llm.gelu_erf %1 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %2 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %gelu_tanh = llm.gelu_tanh %2 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %3 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %silu = llm.silu %3 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %4 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %tanh = llm.tanh %4 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %5 = llm.linear %x, %w bias %b {rounding = #llm.rounding<group = 4>} : (tensor<2x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    %sigmoid = llm.sigmoid %5 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    return %relu, %gelu, %gelu_tanh, %silu, %tanh, %sigmoid : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  }
  // x * sigmoid(1.702 x)
  // CHECK-LABEL: @quick_gelu
  // CHECK: llm.linear %arg0, %{{.*}} {activation = 7 : i32}
  // CHECK-NEXT: return
  func.func @quick_gelu(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %c = llm.constant dense<1.702> : tensor<f32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.mul %0, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %2 = llm.sigmoid %1 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %3 = llm.mul %2, %0 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %3 : tensor<2x8xf32>
  }
  // Another factor, and a sigmoid or a product that something else reads.
  // CHECK-LABEL: @other_factor
  // CHECK-NOT: activation = 7
  // CHECK: return
  func.func @other_factor(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %c = llm.constant dense<1.702> : tensor<f32>
    %d = llm.constant dense<1.5> : tensor<f32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.mul %0, %d : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %2 = llm.sigmoid %1 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %3 = llm.mul %2, %0 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %4 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %5 = llm.mul %4, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %6 = llm.sigmoid %5 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %7 = llm.mul %6, %4 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %8 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %9 = llm.mul %8, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %10 = llm.sigmoid %9 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %11 = llm.mul %10, %8 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %3, %7, %6, %11, %8 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  }
  // Of two products the later one takes the earlier one's result.
  // CHECK-LABEL: @two_products
  // CHECK: %[[A:.*]] = llm.linear %arg0, %{{[^ ]*}} :
  // CHECK: llm.linear %arg1, %{{.*}} residual %[[A]]
  // CHECK-NEXT: return
  func.func @two_products(%x: tensor<2x8xf32>, %y: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.linear %y, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %2 = llm.add %0, %1 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %2 : tensor<2x8xf32>
  }
}
