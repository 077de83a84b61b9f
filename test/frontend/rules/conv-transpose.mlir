// SPDX-License-Identifier: Apache-2.0
// A transposed convolution is a product and a sum of overlapping windows.
// RUN: %opt %s --llmc-convert-onnx-to-llm | FileCheck %s
module {
  // CHECK-LABEL: @main
  // CHECK: llm.matmul %{{.*}}, %{{.*}} : (tensor<1x20x2xf32>, tensor<2x27xf32>) -> tensor<1x20x27xf32>
  // CHECK: llm.col2im {{.*}} windows = #{{.*}} : (tensor<1x3x9x20xf32>) -> tensor<1x3x9x11xf32>
  func.func @main(%x: tensor<1x2x4x5xf32> {llm.name = "x"}, %w: tensor<2x3x3x3xf32> {llm.name = "w"}) -> (none {llm.name = "y"}) {
    %0 = onnx.node "ConvTranspose"(%x, %w) {op_domain = "", params = {strides = array<i64: 2, 2>}, subgraphs = [], version = 11 : i64}
      : (tensor<1x2x4x5xf32>, tensor<2x3x3x3xf32>) -> none
    return %0 : none
  }
}
