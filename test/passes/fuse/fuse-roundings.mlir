// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-roundings | FileCheck %s

module {
  // CHECK-LABEL: @linear
  // CHECK: llm.linear %arg0, %{{.*}} {rounding = #llm.rounding<group = 4>}
  // CHECK-NOT: fake_quantize
  func.func @linear(%x: tensor<2x8xf32>) -> tensor<2x4xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.fake_quantize %x {rounding = #llm.rounding<group = 4>} : tensor<2x8xf32>
    %1 = llm.linear %0, %w : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    return %1 : tensor<2x4xf32>
  }
  // CHECK-LABEL: @gated
  // CHECK: llm.gated_linear %arg0, %{{.*}} {activation = 4 : i32, rounding = #llm.rounding<tensor>}
  func.func @gated(%x: tensor<2x8xf32>) -> tensor<2x4xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.fake_quantize %x {rounding = #llm.rounding<tensor>} : tensor<2x8xf32>
    %1 = llm.gated_linear %0, %w, %v {activation = 4 : i32} : (tensor<2x8xf32>, tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    return %1 : tensor<2x4xf32>
  }
  // A whole tensor is rounded alike in any shape, groups are not.
  // CHECK-LABEL: @reshaped
  // CHECK: %[[A:.*]] = llm.reshape %arg0
  // CHECK: llm.linear %[[A]], %{{.*}} {rounding = #llm.rounding<tensor>}
  // CHECK: llm.fake_quantize
  func.func @reshaped(%x: tensor<2x4x2xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.fake_quantize %x {rounding = #llm.rounding<tensor>} : tensor<2x4x2xf32>
    %1 = llm.reshape %0 : (tensor<2x4x2xf32>) -> tensor<2x8xf32>
    %2 = llm.linear %1, %w : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    %3 = llm.fake_quantize %x {rounding = #llm.rounding<group = 2>} : tensor<2x4x2xf32>
    %4 = llm.reshape %3 : (tensor<2x4x2xf32>) -> tensor<2x8xf32>
    %5 = llm.linear %4, %w : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    return %2, %5 : tensor<2x4xf32>, tensor<2x4xf32>
  }
  // By a known scale it is rounded again by each product, and once for the rest.
  // CHECK-LABEL: @shared
  // CHECK: llm.fake_quantize %arg0
  // CHECK: llm.linear %arg0, %{{.*}} {rounding = #llm.rounding<tensor scale = 5.000000e-01 : f32 zero = 9>}
  // CHECK: llm.linear %arg0, %{{.*}} {rounding = #llm.rounding<tensor scale = 5.000000e-01 : f32 zero = 9>}
  func.func @shared(%x: tensor<2x8xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x4xf32>> : tensor<8x4xf32>
    %0 = llm.fake_quantize %x {rounding = #llm.rounding<tensor scale = 0.5 : f32 zero = 9>} : tensor<2x8xf32>
    %1 = llm.linear %0, %w : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    %2 = llm.linear %0, %v : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
    %3 = llm.add %0, %x : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1, %2, %3 : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x8xf32>
  }
  // A rotation in front of products that round whole blocks of it.
  // CHECK-LABEL: @rotated
  // CHECK-NOT: "rotation"
  // CHECK: llm.linear %arg0, %{{.*}} {rounding = #llm.rounding<group = 64 rotation = 32>}
  // CHECK: llm.gated_linear %arg0, {{.*}} rounding = #llm.rounding<group = 64 scale = 5.000000e-01 : f32 rotation = 32>
  func.func @rotated(%x: tensor<2x64xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
    %w = llm.weight <"source", [], {id = 2 : i64}, tensor<64x4xf32>> : tensor<64x4xf32>
    %r = llm.weight <"rotation", [], {}, tensor<32x32xf32>> : tensor<32x32xf32>
    %0 = llm.reshape %x : (tensor<2x64xf32>) -> tensor<2x2x32xf32>
    %1 = llm.linear %0, %r : (tensor<2x2x32xf32>, tensor<32x32xf32>) -> tensor<2x2x32xf32>
    %2 = llm.reshape %1 : (tensor<2x2x32xf32>) -> tensor<2x64xf32>
    %3 = llm.linear %2, %w {rounding = #llm.rounding<group = 64>} : (tensor<2x64xf32>, tensor<64x4xf32>) -> tensor<2x4xf32>
    %4 = llm.gated_linear %2, %w, %w {activation = 4 : i32, rounding = #llm.rounding<group = 64 scale = 0.5 : f32>} : (tensor<2x64xf32>, tensor<64x4xf32>, tensor<64x4xf32>) -> tensor<2x4xf32>
    return %3, %4 : tensor<2x4xf32>, tensor<2x4xf32>
  }
  // What others read too, and what is a residual, is rounded apart.
  // CHECK-LABEL: @others
  // CHECK-COUNT-2: llm.fake_quantize
  func.func @others(%x: tensor<2x4xf32>, %r: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<4x4xf32>> : tensor<4x4xf32>
    %0 = llm.fake_quantize %x {rounding = #llm.rounding<tensor>} : tensor<2x4xf32>
    %1 = llm.linear %0, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    %2 = llm.fake_quantize %r {rounding = #llm.rounding<tensor>} : tensor<2x4xf32>
    %3 = llm.linear %x, %w residual %2 : (tensor<2x4xf32>, tensor<4x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
    return %0, %1, %3 : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>
  }
}
