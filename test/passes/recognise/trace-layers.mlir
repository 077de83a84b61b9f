// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-trace-layers | FileCheck %s
// CHECK: @main({{.*}}"hidden"
// CHECK: @layers(%[[X:.*]]: tensor<1x4x16xf32> {llm.name = "x"}) -> (tensor<1x4x16xf32> {llm.name = "layer.0"}, tensor<1x4x16xf32> {llm.name = "layer.1"}) attributes {llm.entry = "layers"}
// CHECK: %[[A:.*]] = llm.add %[[X]]
// CHECK: %[[B:.*]] = llm.add %[[A]]
// CHECK: return %[[A]], %[[B]]
module {
  func.func @main(%x: tensor<1x4x16xf32> {llm.name = "x"}) -> (tensor<1x4x32xf32> {llm.name = "hidden"}) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<16x16xf32>> : tensor<16x16xf32>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<16x32xf32>> : tensor<16x32xf32>
    %n0 = llm.rms_norm %x {epsilon = 1.0e-5 : f64} : (tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
    %q0 = llm.linear %n0, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
    %h0 = llm.reshape %q0 : (tensor<1x4x16xf32>) -> tensor<1x4x2x8xf32>
    %k0 = llm.transpose %h0 {perm = array<i64: 0, 2, 1, 3>} : (tensor<1x4x2x8xf32>) -> tensor<1x2x4x8xf32>
    %a0 = llm.attention %h0, %k0, %k0 {offset = affine_map<() -> (0)>, scale = 0.5 : f64} : (tensor<1x4x2x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x4x2x8xf32>
    %o0 = llm.reshape %a0 : (tensor<1x4x2x8xf32>) -> tensor<1x4x16xf32>
    %y0 = llm.add %x, %o0 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
    %n1 = llm.rms_norm %y0 {epsilon = 1.0e-5 : f64} : (tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
    %q1 = llm.linear %n1, %w : (tensor<1x4x16xf32>, tensor<16x16xf32>) -> tensor<1x4x16xf32>
    %h1 = llm.reshape %q1 : (tensor<1x4x16xf32>) -> tensor<1x4x2x8xf32>
    %k1 = llm.transpose %h1 {perm = array<i64: 0, 2, 1, 3>} : (tensor<1x4x2x8xf32>) -> tensor<1x2x4x8xf32>
    %a1 = llm.attention %h1, %k1, %k1 {offset = affine_map<() -> (0)>, scale = 0.5 : f64} : (tensor<1x4x2x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x4x2x8xf32>
    %o1 = llm.reshape %a1 : (tensor<1x4x2x8xf32>) -> tensor<1x4x16xf32>
    %y1 = llm.add %y0, %o1 : (tensor<1x4x16xf32>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
    %n2 = llm.rms_norm %y1 {epsilon = 1.0e-5 : f64} : (tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
    %r = llm.linear %n2, %v : (tensor<1x4x16xf32>, tensor<16x32xf32>) -> tensor<1x4x32xf32>
    return %r : tensor<1x4x32xf32>
  }
}
