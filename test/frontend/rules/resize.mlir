// SPDX-License-Identifier: Apache-2.0
// Resize works axis by axis; an axis that keeps its size is left alone, and sizes follow from scales.
// RUN: %opt %s --llmc-convert-onnx-to-llm | FileCheck %s
module attributes {llm.symbols = ["height"]} {
  // CHECK-LABEL: @main
  // CHECK-NOT: axis = 1
  // CHECK: llm.resample linear {{.*}}axis = 2 : i64{{.*}} -> tensor<1x3x?x8xf32, #[[TWICE:.*]]>
  // CHECK: llm.resample linear {{.*}}axis = 3 : i64{{.*}} -> tensor<1x3x?x4xf32
  func.func @main(%x: tensor<1x3x?x8xf32, affine_map<()[s0] -> (1, 3, s0, 8)>> {llm.name = "x"}) -> (none {llm.name = "y"}) {
    %a = onnx.absent : none
    %s = llm.constant dense<[1.0, 1.0, 2.0, 0.5]> : tensor<4xf32>
    %0 = onnx.node "Resize"(%x, %a, %s) {op_domain = "", params = {mode = "linear"}, subgraphs = [], version = 13 : i64}
      : (tensor<1x3x?x8xf32, affine_map<()[s0] -> (1, 3, s0, 8)>>, none, tensor<4xf32>) -> none
    return %0 : none
  }
}
