// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-norms | FileCheck %s
module {
  // CHECK-LABEL: @rms
  // CHECK: %[[W:.*]] = llm.weight <"dense"
  // CHECK: llm.rms_norm %arg0, %[[W]] {epsilon = 9.99{{.*}}E-6 : f64}
  // CHECK-NOT: llm.mul
  func.func @rms(%x: tensor<2x3x8xf32>) -> tensor<2x3x8xf32> {
    %two = llm.constant dense<2.0> : tensor<f32>
    %one = llm.constant dense<1.0> : tensor<f32>
    %eps = llm.constant dense<1.0e-05> : tensor<1xf32>
    %w = llm.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>
    %0 = llm.pow %x, %two : (tensor<2x3x8xf32>, tensor<f32>) -> tensor<2x3x8xf32>
    %1 = llm.reduce mean %0 {axes = array<i64: 2>, keepdims = true} : (tensor<2x3x8xf32>) -> tensor<2x3x1xf32>
    %2 = llm.add %1, %eps : (tensor<2x3x1xf32>, tensor<1xf32>) -> tensor<2x3x1xf32>
    %3 = llm.sqrt %2 : (tensor<2x3x1xf32>) -> tensor<2x3x1xf32>
    %4 = llm.div %one, %3 : (tensor<f32>, tensor<2x3x1xf32>) -> tensor<2x3x1xf32>
    %5 = llm.mul %x, %4 : (tensor<2x3x8xf32>, tensor<2x3x1xf32>) -> tensor<2x3x8xf32>
    %6 = llm.mul %w, %5 : (tensor<8xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
    return %6 : tensor<2x3x8xf32>
  }
  // CHECK-LABEL: @layer
  // CHECK: llm.layer_norm %arg0 weight %{{.*}} bias %{{.*}} {epsilon
  func.func @layer(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %two = llm.constant dense<2.0> : tensor<f32>
    %eps = llm.constant dense<1.0e-12> : tensor<f32>
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8xf32>> : tensor<8xf32>
    %b = llm.weight <"source", [], {id = 1 : i64}, tensor<8xf32>> : tensor<8xf32>
    %m = llm.reduce mean %x {axes = array<i64: 1>, keepdims = true} : (tensor<2x8xf32>) -> tensor<2x1xf32>
    %d = llm.sub %x, %m : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
    %0 = llm.pow %d, %two : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %1 = llm.reduce mean %0 {axes = array<i64: 1>, keepdims = true} : (tensor<2x8xf32>) -> tensor<2x1xf32>
    %2 = llm.add %1, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
    %3 = llm.sqrt %2 : (tensor<2x1xf32>) -> tensor<2x1xf32>
    %4 = llm.div %d, %3 : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
    %5 = llm.mul %4, %w : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    %6 = llm.add %5, %b : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    return %6 : tensor<2x8xf32>
  }
  // The mean is over another dim than the last.
  // CHECK-LABEL: @other_axis
  // CHECK-NOT: rms_norm
  func.func @other_axis(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %eps = llm.constant dense<1.0e-12> : tensor<f32>
    %0 = llm.mul %x, %x : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.reduce mean %0 {axes = array<i64: 0>, keepdims = true} : (tensor<2x8xf32>) -> tensor<1x8xf32>
    %2 = llm.add %1, %eps : (tensor<1x8xf32>, tensor<f32>) -> tensor<1x8xf32>
    %3 = llm.sqrt %2 : (tensor<1x8xf32>) -> tensor<1x8xf32>
    %4 = llm.div %x, %3 : (tensor<2x8xf32>, tensor<1x8xf32>) -> tensor<2x8xf32>
    return %4 : tensor<2x8xf32>
  }
  // Another tensor is divided by the root than it is made of.
  // CHECK-LABEL: @other_input
  // CHECK-NOT: rms_norm
  func.func @other_input(%x: tensor<2x8xf32>, %y: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %eps = llm.constant dense<1.0e-12> : tensor<f32>
    %0 = llm.mul %x, %x : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.reduce mean %0 {axes = array<i64: 1>, keepdims = true} : (tensor<2x8xf32>) -> tensor<2x1xf32>
    %2 = llm.add %1, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
    %3 = llm.sqrt %2 : (tensor<2x1xf32>) -> tensor<2x1xf32>
    %4 = llm.div %y, %3 : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
    return %4 : tensor<2x8xf32>
  }
  // CHECK-LABEL: @half
  // CHECK: llm.rms_norm %arg0, %{{.*}} {epsilon = {{.*}}} : (tensor<2x8xf16>, tensor<8xf16>) -> tensor<2x8xf16>
  func.func @half(%x: tensor<2x8xf16>) -> tensor<2x8xf16> {
    %eps = llm.constant dense<1.0e-05> : tensor<f32>
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8xf16>> : tensor<8xf16>
    %f = llm.cast %x : (tensor<2x8xf16>) -> tensor<2x8xf32>
    %0 = llm.mul %f, %f : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.reduce mean %0 {axes = array<i64: 1>, keepdims = true} : (tensor<2x8xf32>) -> tensor<2x1xf32>
    %2 = llm.add %1, %eps : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
    %3 = llm.rsqrt %2 : (tensor<2x1xf32>) -> tensor<2x1xf32>
    %4 = llm.mul %f, %3 : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
    %5 = llm.cast %4 : (tensor<2x8xf32>) -> tensor<2x8xf16>
    %6 = llm.mul %w, %5 : (tensor<8xf16>, tensor<2x8xf16>) -> tensor<2x8xf16>
    return %6 : tensor<2x8xf16>
  }
  // The weight acts before the result is rounded to f16.
  // CHECK-LABEL: @narrowed
  // CHECK: %[[W:.*]] = llm.weight <"cast", {{.*}} : tensor<8xf32>
  // CHECK: %[[N:.*]] = llm.rms_norm %arg0, %[[W]] {{.*}} -> tensor<2x8xf32>
  // CHECK: llm.cast %[[N]]
  // CHECK-NEXT: return
  func.func @narrowed(%x: tensor<2x8xf32>) -> tensor<2x8xf16> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8xf16>> : tensor<8xf16>
    %0 = llm.rms_norm %x {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.cast %0 : (tensor<2x8xf32>) -> tensor<2x8xf16>
    %2 = llm.mul %w, %1 : (tensor<8xf16>, tensor<2x8xf16>) -> tensor<2x8xf16>
    return %2 : tensor<2x8xf16>
  }
}
