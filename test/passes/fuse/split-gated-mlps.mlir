// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-split-gated-mlps | FileCheck %s
module {
  // CHECK-LABEL: @split
  // CHECK: %[[H:.*]] = llm.gated_linear %arg0, %{{.*}}, %{{.*}} {activation = 4 : i32} : {{.*}} -> tensor<2x16xf32>
  // CHECK: llm.linear %[[H]], %{{.*}} -> tensor<2x8xf32>
  func.func @split(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %g = llm.weight <"source", [], {id = 0 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %u = llm.weight <"source", [], {id = 1 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %d = llm.weight <"source", [], {id = 2 : i64}, tensor<16x8xf32>> : tensor<16x8xf32>
    %0 = llm.gated_mlp %x, %g, %u, %d {activation = 4 : i32} : (tensor<2x8xf32>, tensor<8x16xf32>, tensor<8x16xf32>, tensor<16x8xf32>) -> tensor<2x8xf32>
    return %0 : tensor<2x8xf32>
  }
  // CHECK-LABEL: @biases
  // CHECK: %[[H:.*]] = llm.gated_linear %arg0, %{{.*}}, %{{.*}} bias %arg1, %arg2 {activation = 3 : i32}
  // CHECK: llm.linear %[[H]], %{{.*}} bias %arg3
  // CHECK-NOT: llm.gated_mlp
  func.func @biases(%x: tensor<2x8xf32>, %gb: tensor<16xf32>, %ub: tensor<16xf32>, %db: tensor<8xf32>) -> tensor<2x8xf32> {
    %g = llm.weight <"source", [], {id = 0 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %u = llm.weight <"source", [], {id = 1 : i64}, tensor<8x16xf32>> : tensor<8x16xf32>
    %d = llm.weight <"source", [], {id = 2 : i64}, tensor<16x8xf32>> : tensor<16x8xf32>
    %0 = llm.gated_mlp %x, %g, %u, %d {activation = 3 : i32} gate_bias %gb up_bias %ub down_bias %db
      : (tensor<2x8xf32>, tensor<8x16xf32>, tensor<8x16xf32>, tensor<16x8xf32>, tensor<16xf32>, tensor<16xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    return %0 : tensor<2x8xf32>
  }
}
