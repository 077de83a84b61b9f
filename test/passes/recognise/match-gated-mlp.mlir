// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-gated-mlp | FileCheck %s
module {
  // CHECK-LABEL: @silu
  // CHECK: llm.gated_mlp %arg0, %{{.*}}, %{{.*}}, %{{.*}} {activation = 4 : i32}
  func.func @silu(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %g = llm.weight <"source", [], {id = 0 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %u = llm.weight <"source", [], {id = 1 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %d = llm.weight <"source", [], {id = 2 : i64}, tensor<16x8xf32>> : tensor<16x8xf32>
    %0 = llm.linear %x, %g : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %1 = llm.silu %0 : (tensor<2x16xf32>) -> tensor<2x16xf32>
    %2 = llm.linear %x, %u : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %3 = llm.mul %1, %2 : (tensor<2x16xf32>, tensor<2x16xf32>) -> tensor<2x16xf32>
    %4 = llm.linear %3, %d : (tensor<2x16xf32>, tensor<16x8xf32>) -> tensor<2x8xf32>
    return %4 : tensor<2x8xf32>
  }
  // One product has both halves; the gate is the second.
  // CHECK-LABEL: @packed
  // CHECK-DAG: llm.weight <"slice", {{.*}}{starts = array<i64: 0, 0>
  // CHECK-DAG: llm.weight <"slice", {{.*}}{starts = array<i64: 0, 16>
  // CHECK: llm.gated_mlp
  func.func @packed(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x32xf32>> : tensor<8x32xf32>
    %d = llm.weight <"source", [], {id = 2 : i64}, tensor<16x8xf32>> : tensor<16x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x32xf32>) -> tensor<2x32xf32>
    %u = llm.slice %0 {starts = affine_map<() -> (0, 0)>, steps = array<i64: 1, 1>} : (tensor<2x32xf32>) -> tensor<2x16xf32>
    %g = llm.slice %0 {starts = affine_map<() -> (0, 16)>, steps = array<i64: 1, 1>} : (tensor<2x32xf32>) -> tensor<2x16xf32>
    %1 = llm.gelu_tanh %g : (tensor<2x16xf32>) -> tensor<2x16xf32>
    %3 = llm.mul %u, %1 : (tensor<2x16xf32>, tensor<2x16xf32>) -> tensor<2x16xf32>
    %4 = llm.linear %3, %d : (tensor<2x16xf32>, tensor<16x8xf32>) -> tensor<2x8xf32>
    return %4 : tensor<2x8xf32>
  }
  // Gate and up of different inputs.
  // CHECK-LABEL: @two_inputs
  // CHECK-NOT: gated_mlp
  func.func @two_inputs(%x: tensor<2x8xf32>, %y: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %g = llm.weight <"source", [], {id = 0 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %u = llm.weight <"source", [], {id = 1 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %d = llm.weight <"source", [], {id = 2 : i64}, tensor<16x8xf32>> : tensor<16x8xf32>
    %0 = llm.linear %x, %g : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %1 = llm.silu %0 : (tensor<2x16xf32>) -> tensor<2x16xf32>
    %2 = llm.linear %y, %u : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %3 = llm.mul %1, %2 : (tensor<2x16xf32>, tensor<2x16xf32>) -> tensor<2x16xf32>
    %4 = llm.linear %3, %d : (tensor<2x16xf32>, tensor<16x8xf32>) -> tensor<2x8xf32>
    return %4 : tensor<2x8xf32>
  }
  // What is rounded before the last product: the first half alone.
  // CHECK-LABEL: @rounded
  // CHECK: %[[H:.*]] = llm.gated_linear %arg0
  // CHECK: llm.fake_quantize %[[H]]
  // CHECK: llm.linear
  func.func @rounded(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %g = llm.weight <"source", [], {id = 0 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %u = llm.weight <"source", [], {id = 1 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %d = llm.weight <"source", [], {id = 2 : i64}, tensor<16x8xf32>> : tensor<16x8xf32>
    %0 = llm.linear %x, %g : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %1 = llm.silu %0 : (tensor<2x16xf32>) -> tensor<2x16xf32>
    %2 = llm.linear %x, %u : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %3 = llm.mul %1, %2 : (tensor<2x16xf32>, tensor<2x16xf32>) -> tensor<2x16xf32>
    %4 = llm.fake_quantize %3 {rounding = #llm.rounding<group = 16>} : tensor<2x16xf32>
    %5 = llm.linear %4, %d : (tensor<2x16xf32>, tensor<16x8xf32>) -> tensor<2x8xf32>
    return %5 : tensor<2x8xf32>
  }
  // A computed weight, an activation that something else reads, and weights of two shapes.
  // CHECK-LABEL: @others
  // CHECK-NOT: llm.gated
  // CHECK: return
  func.func @others(%x: tensor<2x8xf32>, %c: tensor<8x16xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x16xf32>, tensor<2x8xf32>) {
    %g = llm.weight <"source", [], {id = 0 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %u = llm.weight <"source", [], {id = 1 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %d = llm.weight <"source", [], {id = 2 : i64}, tensor<16x8xf32>> : tensor<16x8xf32>
    %n = llm.weight <"source", [], {id = 3 : i64}, tensor<8x1xf32>> : tensor<8x1xf32>
    %0 = llm.linear %x, %c : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %1 = llm.silu %0 : (tensor<2x16xf32>) -> tensor<2x16xf32>
    %2 = llm.linear %x, %u : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %3 = llm.mul %1, %2 : (tensor<2x16xf32>, tensor<2x16xf32>) -> tensor<2x16xf32>
    %4 = llm.linear %3, %d : (tensor<2x16xf32>, tensor<16x8xf32>) -> tensor<2x8xf32>
    %5 = llm.linear %x, %g : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %6 = llm.silu %5 : (tensor<2x16xf32>) -> tensor<2x16xf32>
    %7 = llm.linear %x, %u : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %8 = llm.mul %6, %7 : (tensor<2x16xf32>, tensor<2x16xf32>) -> tensor<2x16xf32>
    %9 = llm.linear %8, %d : (tensor<2x16xf32>, tensor<16x8xf32>) -> tensor<2x8xf32>
    %10 = llm.linear %x, %g : (tensor<2x8xf32>, tensor<8x16xf32>) -> tensor<2x16xf32>
    %11 = llm.silu %10 : (tensor<2x16xf32>) -> tensor<2x16xf32>
    %12 = llm.linear %x, %n : (tensor<2x8xf32>, tensor<8x1xf32>) -> tensor<2x1xf32>
    %13 = llm.mul %11, %12 : (tensor<2x16xf32>, tensor<2x1xf32>) -> tensor<2x16xf32>
    %14 = llm.linear %13, %d : (tensor<2x16xf32>, tensor<16x8xf32>) -> tensor<2x8xf32>
    return %4, %9, %6, %14 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x16xf32>, tensor<2x8xf32>
  }
}
