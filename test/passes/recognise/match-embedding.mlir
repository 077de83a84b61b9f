// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-embedding | FileCheck %s
module {
  // CHECK-LABEL: @rows
  // CHECK: llm.embedding
  func.func @rows(%ids: tensor<2x3xi64>) -> tensor<2x3x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<32x8xf32>> : tensor<32x8xf32>
    %0 = llm.gather %w, %ids {axis = 0 : i64} : (tensor<32x8xf32>, tensor<2x3xi64>) -> tensor<2x3x8xf32>
    return %0 : tensor<2x3x8xf32>
  }
  // CHECK-LABEL: @columns
  // CHECK: llm.gather
  func.func @columns(%ids: tensor<3xi64>) -> tensor<32x3xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<32x8xf32>> : tensor<32x8xf32>
    %0 = llm.gather %w, %ids {axis = 1 : i64} : (tensor<32x8xf32>, tensor<3xi64>) -> tensor<32x3xf32>
    return %0 : tensor<32x3xf32>
  }
  // CHECK-LABEL: @not_stored
  // CHECK: llm.gather
  func.func @not_stored(%x: tensor<32x8xf32>, %ids: tensor<3xi64>) -> tensor<3x8xf32> {
    %0 = llm.gather %x, %ids {axis = 0 : i64} : (tensor<32x8xf32>, tensor<3xi64>) -> tensor<3x8xf32>
    return %0 : tensor<3x8xf32>
  }
  // Integers with one scale: rows of the dequantized table.
  // CHECK-LABEL: @integers
  // CHECK: llm.weight <"dequantize"
  // CHECK: llm.embedding
  // CHECK-NOT: llm.dequantize
  func.func @integers(%ids: tensor<3xi64>) -> tensor<3x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<32x8xui8>> : tensor<32x8xui8>
    %s = llm.constant dense<0.25> : tensor<f32>
    %z = llm.constant dense<128> : tensor<ui8>
    %0 = llm.gather %w, %ids {axis = 0 : i64} : (tensor<32x8xui8>, tensor<3xi64>) -> tensor<3x8xui8>
    %1 = llm.dequantize %0 scale %s zero_point %z {axis = 0 : i64} : (tensor<3x8xui8>, tensor<f32>, tensor<ui8>) -> tensor<3x8xf32>
    return %1 : tensor<3x8xf32>
  }
  // Scales of columns stay apart.
  // CHECK-LABEL: @scales
  // CHECK: llm.gather
  // CHECK: llm.dequantize
  func.func @scales(%ids: tensor<3xi64>) -> tensor<3x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<32x8xi8>> : tensor<32x8xi8>
    %s = llm.weight <"source", [], {id = 1 : i64}, tensor<8xf32>> : tensor<8xf32>
    %0 = llm.gather %w, %ids {axis = 0 : i64} : (tensor<32x8xi8>, tensor<3xi64>) -> tensor<3x8xi8>
    %1 = llm.dequantize %0 scale %s {axis = 1 : i64} : (tensor<3x8xi8>, tensor<8xf32>) -> tensor<3x8xf32>
    return %1 : tensor<3x8xf32>
  }
}
