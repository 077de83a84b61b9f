// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-attention | FileCheck %s
// Rows that the bias leaves no key are zeros of attention's own; zeros in rows of another tensor are not.
module {
  // CHECK-LABEL: @of_the_bias
  // CHECK-NOT: llm.softmax
  // CHECK: llm.attention
  func.func @of_the_bias(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x16x7xf32>, %v: tensor<2x4x7x16xf32>,
                         %bias: tensor<2x1x5x7xf32>) -> tensor<2x4x5x16xf32> {
    %zero = llm.constant dense<0.0> : tensor<f32>
    %never = llm.constant dense<0xFF800000> : tensor<f32>
    %s = llm.matmul %q, %k : (tensor<2x4x5x16xf32>, tensor<2x4x16x7xf32>) -> tensor<2x4x5x7xf32>
    %b = llm.add %s, %bias : (tensor<2x4x5x7xf32>, tensor<2x1x5x7xf32>) -> tensor<2x4x5x7xf32>
    %w = llm.softmax %b {axis = 3 : i64} : (tensor<2x4x5x7xf32>) -> tensor<2x4x5x7xf32>
    %top = llm.reduce max %bias {axes = array<i64: 3>, keepdims = true} : (tensor<2x1x5x7xf32>) -> tensor<2x1x5x1xf32>
    %none = llm.equal %top, %never : (tensor<2x1x5x1xf32>, tensor<f32>) -> tensor<2x1x5x1xi1>
    %p = llm.where %none, %zero, %w : (tensor<2x1x5x1xi1>, tensor<f32>, tensor<2x4x5x7xf32>) -> tensor<2x4x5x7xf32>
    %y = llm.matmul %p, %v : (tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>) -> tensor<2x4x5x16xf32>
    return %y : tensor<2x4x5x16xf32>
  }

  // CHECK-LABEL: @of_another
  // CHECK-NOT: llm.attention
  // CHECK: llm.softmax
  func.func @of_another(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x16x7xf32>, %v: tensor<2x4x7x16xf32>,
                        %bias: tensor<2x1x5x7xf32>, %other: tensor<2x1x5x7xf32>) -> tensor<2x4x5x16xf32> {
    %zero = llm.constant dense<0.0> : tensor<f32>
    %never = llm.constant dense<0xFF800000> : tensor<f32>
    %s = llm.matmul %q, %k : (tensor<2x4x5x16xf32>, tensor<2x4x16x7xf32>) -> tensor<2x4x5x7xf32>
    %b = llm.add %s, %bias : (tensor<2x4x5x7xf32>, tensor<2x1x5x7xf32>) -> tensor<2x4x5x7xf32>
    %w = llm.softmax %b {axis = 3 : i64} : (tensor<2x4x5x7xf32>) -> tensor<2x4x5x7xf32>
    %top = llm.reduce max %other {axes = array<i64: 3>, keepdims = true} : (tensor<2x1x5x7xf32>) -> tensor<2x1x5x1xf32>
    %none = llm.equal %top, %never : (tensor<2x1x5x1xf32>, tensor<f32>) -> tensor<2x1x5x1xi1>
    %p = llm.where %none, %zero, %w : (tensor<2x1x5x1xi1>, tensor<f32>, tensor<2x4x5x7xf32>) -> tensor<2x4x5x7xf32>
    %y = llm.matmul %p, %v : (tensor<2x4x5x7xf32>, tensor<2x4x7x16xf32>) -> tensor<2x4x5x16xf32>
    return %y : tensor<2x4x5x16xf32>
  }
}
