// SPDX-License-Identifier: Apache-2.0
// Norms of images become maps and row norms: nothing behind the import knows them.
// RUN: %opt %s --llmc-convert-onnx-to-llm | FileCheck %s
module {
  // Statistics are small tensors; two maps over the image are left.
  // CHECK-LABEL: @main
  // CHECK: llm.sqrt {{.*}} : (tensor<3x1xf32>) -> tensor<3x1xf32>
  // CHECK: %[[S:.*]] = llm.div {{.*}} -> tensor<3x1xf32>
  // CHECK: %[[T:.*]] = llm.sub {{.*}} -> tensor<3x1xf32>
  // CHECK: llm.mul %arg0, %[[S]] : (tensor<2x3x5xf32>, tensor<3x1xf32>)
  // CHECK: llm.add %{{.*}}, %[[T]] : (tensor<2x3x5xf32>, tensor<3x1xf32>)
  func.func @main(%x: tensor<2x3x5xf32> {llm.name = "x"}, %s: tensor<3xf32> {llm.name = "s"}, %b: tensor<3xf32> {llm.name = "b"},
                  %m: tensor<3xf32> {llm.name = "m"}, %v: tensor<3xf32> {llm.name = "v"}) -> (none {llm.name = "y"}) {
    %0 = onnx.node "BatchNormalization"(%x, %s, %b, %m, %v) {op_domain = "", params = {}, subgraphs = [], version = 15 : i64}
      : (tensor<2x3x5xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> none
    return %0 : none
  }
}

// -----

module {
  // CHECK-LABEL: @main
  // CHECK: llm.reshape %arg0 : (tensor<2x4x5xf32>) -> tensor<2x2x10xf32>
  // CHECK: llm.layer_norm {{.*}} : (tensor<2x2x10xf32>) -> tensor<2x2x10xf32>
  func.func @main(%x: tensor<2x4x5xf32> {llm.name = "x"}, %s: tensor<4xf32> {llm.name = "s"}, %b: tensor<4xf32> {llm.name = "b"})
      -> (none {llm.name = "y"}) {
    %0 = onnx.node "GroupNormalization"(%x, %s, %b) {op_domain = "", params = {num_groups = 2 : i64}, subgraphs = [], version = 21 : i64}
      : (tensor<2x4x5xf32>, tensor<4xf32>, tensor<4xf32>) -> none
    return %0 : none
  }
}
