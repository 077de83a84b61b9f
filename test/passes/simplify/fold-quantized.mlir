// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-simplify --llmc-recognise-match-linear --llmc-recognise-merge-linears | FileCheck %s
module {
  // A stored quantized weight stays as it is, also transposed.
  // CHECK-LABEL: @transposed
  // CHECK: llm.weight <"dequantize", [{{.*}}"transpose"{{.*}}], {blocks = array<i64: 4, 1>}, tensor<8x6xf32>>
  // CHECK-NOT: llm.dequantize
  // CHECK: llm.linear
  func.func @transposed(%x: tensor<2x8xf32>) -> tensor<2x6xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<6x8xi4>> : tensor<6x8xi4>
    %s = llm.weight <"source", [], {id = 1 : i64}, tensor<6x2xf32>> : tensor<6x2xf32>
    %f = llm.dequantize %w scale %s {axis = 1 : i64, block_size = 4 : i64} : (tensor<6x8xi4>, tensor<6x2xf32>) -> tensor<6x8xf32>
    %t = llm.transpose %f {perm = array<i64: 1, 0>} : (tensor<6x8xf32>) -> tensor<8x6xf32>
    %0 = llm.matmul %x, %t : (tensor<2x8xf32>, tensor<8x6xf32>) -> tensor<2x6xf32>
    return %0 : tensor<2x6xf32>
  }
  // Weights stored alike become one product, others stay apart.
  // CHECK-LABEL: @merged
  // CHECK-COUNT-2: llm.linear
  // CHECK-NOT: llm.linear
  func.func @merged(%x: tensor<2x8xf32>) -> (tensor<2x6xf32>, tensor<2x6xf32>, tensor<2x6xf32>) {
    %s = llm.constant dense<0.5> : tensor<f32>
    %a = llm.weight <"source", [], {id = 0 : i64}, tensor<8x6xi8>> : tensor<8x6xi8>
    %b = llm.weight <"source", [], {id = 1 : i64}, tensor<8x6xi8>> : tensor<8x6xi8>
    %c = llm.weight <"source", [], {id = 2 : i64}, tensor<8x6xi4>> : tensor<8x6xi4>
    %fa = llm.dequantize %a scale %s {axis = 0 : i64} : (tensor<8x6xi8>, tensor<f32>) -> tensor<8x6xf32>
    %fb = llm.dequantize %b scale %s {axis = 0 : i64} : (tensor<8x6xi8>, tensor<f32>) -> tensor<8x6xf32>
    %fc = llm.dequantize %c scale %s {axis = 0 : i64} : (tensor<8x6xi4>, tensor<f32>) -> tensor<8x6xf32>
    %0 = llm.matmul %x, %fa : (tensor<2x8xf32>, tensor<8x6xf32>) -> tensor<2x6xf32>
    %1 = llm.matmul %x, %fb : (tensor<2x8xf32>, tensor<8x6xf32>) -> tensor<2x6xf32>
    %2 = llm.matmul %x, %fc : (tensor<2x8xf32>, tensor<8x6xf32>) -> tensor<2x6xf32>
    return %0, %1, %2 : tensor<2x6xf32>, tensor<2x6xf32>, tensor<2x6xf32>
  }
}
