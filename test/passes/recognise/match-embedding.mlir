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
}
