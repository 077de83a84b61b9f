// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-integer-products | FileCheck %s

module {
  // Two products of one quantized input share what it is rounded to; a scale
  // per column, zero points of 0, the scales in either order.
  // CHECK-LABEL: @products
  // CHECK: %[[R:.*]] = llm.fake_quantize %arg0 {rounding = #llm.rounding<tensor>}
  // CHECK-NOT: integer_matmul
  // CHECK: llm.weight <"dequantize"
  // CHECK: %[[A:.*]] = llm.matmul %[[R]], %{{.*}} : (tensor<2x8xf32>, tensor<8x4xf32>)
  // CHECK: %[[B:.*]] = llm.matmul %[[R]], %{{.*}} : (tensor<2x8xf32>, tensor<8x4xf32>)
  // CHECK: llm.mul %[[A]], %[[B]]
  func.func @products(%x: tensor<2x8xf32>) -> tensor<2x4xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xi8>> : tensor<8x4xi8>
    %v = llm.weight <"source", [], {id = 1 : i64}, tensor<8x4xui8>> : tensor<8x4xui8>
    %s = llm.weight <"source", [], {id = 2 : i64}, tensor<4xf32>> : tensor<4xf32>
    %t = llm.constant dense<0.5> : tensor<f32>
    %wz = llm.constant dense<0> : tensor<4xi8>
    %vz = llm.constant dense<128> : tensor<ui8>
    %q, %qs, %qz = llm.dynamic_quantize %x : (tensor<2x8xf32>) -> (tensor<2x8xui8>, tensor<f32>, tensor<ui8>)
    %0 = llm.integer_matmul %q, %w a_zero %qz b_zero %wz : (tensor<2x8xui8>, tensor<8x4xi8>, tensor<ui8>, tensor<4xi8>) -> tensor<2x4xi32>
    %1 = llm.cast %0 : (tensor<2x4xi32>) -> tensor<2x4xf32>
    %2 = llm.mul %qs, %s : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
    %3 = llm.mul %1, %2 : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
    %4 = llm.integer_matmul %q, %v a_zero %qz b_zero %vz : (tensor<2x8xui8>, tensor<8x4xui8>, tensor<ui8>, tensor<ui8>) -> tensor<2x4xi32>
    %5 = llm.cast %4 : (tensor<2x4xi32>) -> tensor<2x4xf32>
    %6 = llm.mul %t, %5 : (tensor<f32>, tensor<2x4xf32>) -> tensor<2x4xf32>
    %7 = llm.mul %6, %qs : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
    %8 = llm.mul %3, %7 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
    return %8 : tensor<2x4xf32>
  }
  // Scales and zero points that are known, signed and unsigned; ones that
  // differ stay.
  // CHECK-LABEL: @pairs
  // CHECK: llm.fake_quantize %arg0 {rounding = #llm.rounding<tensor scale = 5.000000e-01 : f32 zero = 3>}
  // CHECK: llm.quantize
  // CHECK: llm.fake_quantize %arg0 {rounding = #llm.rounding<tensor scale = 5.000000e-01 : f32 zero = 128>}
  // CHECK: llm.dequantize
  // CHECK-NOT: llm.dequantize
  func.func @pairs(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %s = llm.constant dense<0.5> : tensor<f32>
    %z = llm.constant dense<3> : tensor<ui8>
    %t = llm.constant dense<0.25> : tensor<f32>
    %0 = llm.quantize %x scale %s zero_point %z {axis = 0 : i64} : (tensor<2x8xf32>, tensor<f32>, tensor<ui8>) -> tensor<2x8xui8>
    %1 = llm.dequantize %0 scale %s zero_point %z {axis = 0 : i64} : (tensor<2x8xui8>, tensor<f32>, tensor<ui8>) -> tensor<2x8xf32>
    %2 = llm.quantize %x scale %s {axis = 0 : i64} : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xi8>
    %3 = llm.dequantize %2 scale %s {axis = 0 : i64} : (tensor<2x8xi8>, tensor<f32>) -> tensor<2x8xf32>
    %4 = llm.dequantize %2 scale %t {axis = 0 : i64} : (tensor<2x8xi8>, tensor<f32>) -> tensor<2x8xf32>
    return %1, %3, %4 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  }
  // What is reshaped to rows is rounded before.
  // CHECK-LABEL: @rows
  // CHECK: %[[R:.*]] = llm.fake_quantize %arg0
  // CHECK: %[[S:.*]] = llm.reshape %[[R]]
  // CHECK: llm.matmul %[[S]]
  func.func @rows(%x: tensor<2x3x8xf32>) -> tensor<6x4xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xi8>> : tensor<8x4xi8>
    %s = llm.constant dense<0.5> : tensor<f32>
    %r = llm.reshape %x : (tensor<2x3x8xf32>) -> tensor<6x8xf32>
    %q, %qs, %qz = llm.dynamic_quantize %r : (tensor<6x8xf32>) -> (tensor<6x8xui8>, tensor<f32>, tensor<ui8>)
    %0 = llm.integer_matmul %q, %w a_zero %qz : (tensor<6x8xui8>, tensor<8x4xi8>, tensor<ui8>) -> tensor<6x4xi32>
    %1 = llm.cast %0 : (tensor<6x4xi32>) -> tensor<6x4xf32>
    %2 = llm.mul %qs, %s : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %3 = llm.mul %1, %2 : (tensor<6x4xf32>, tensor<f32>) -> tensor<6x4xf32>
    return %3 : tensor<6x4xf32>
  }
  // Without the input's scale, or with a factor that data gives, the product of
  // integers stays.
  // CHECK-LABEL: @other_scales
  // CHECK-COUNT-2: llm.integer_matmul
  func.func @other_scales(%x: tensor<2x8xf32>, %f: tensor<4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x4xi8>> : tensor<8x4xi8>
    %s = llm.weight <"source", [], {id = 2 : i64}, tensor<4xf32>> : tensor<4xf32>
    %q, %qs, %qz = llm.dynamic_quantize %x : (tensor<2x8xf32>) -> (tensor<2x8xui8>, tensor<f32>, tensor<ui8>)
    %0 = llm.integer_matmul %q, %w a_zero %qz : (tensor<2x8xui8>, tensor<8x4xi8>, tensor<ui8>) -> tensor<2x4xi32>
    %1 = llm.cast %0 : (tensor<2x4xi32>) -> tensor<2x4xf32>
    %2 = llm.mul %1, %s : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
    %3 = llm.integer_matmul %q, %w a_zero %qz : (tensor<2x8xui8>, tensor<8x4xi8>, tensor<ui8>) -> tensor<2x4xi32>
    %4 = llm.cast %3 : (tensor<2x4xi32>) -> tensor<2x4xf32>
    %5 = llm.mul %qs, %f : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
    %6 = llm.mul %4, %5 : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
    return %2, %6 : tensor<2x4xf32>, tensor<2x4xf32>
  }
}
