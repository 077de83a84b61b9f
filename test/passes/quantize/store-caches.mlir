// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-quantize-store-caches=type=bf16 | FileCheck %s
// RUN: not llmc-opt %s --llmc-quantize-store-caches=type=f8 2>&1 | FileCheck %s --check-prefix=BAD
// BAD: caches are of f32, f16, bf16, int8 or int4, not f8
#past = affine_map<()[s0] -> (1, 1, s0, 8)>
#present = affine_map<()[s0] -> (1, 1, s0 + 1, 8)>
module attributes {llm.symbols = ["past"]} {
  // Keys and values are read as they are stored, a sum reads them cast back.
  // CHECK-LABEL: func.func @decode
  // CHECK-SAME: %arg1: tensor<1x1x?x8xbf16, {{.*}}> {llm.state = 0 : i64}
  // CHECK: %[[NEW:.*]] = llm.cast %arg0 : (tensor<1x1x1x8xf32>) -> tensor<1x1x1x8xbf16>
  // CHECK: %[[ALL:.*]] = llm.kv_append %arg1, %[[NEW]]
  // CHECK: %[[BACK:.*]] = llm.cast %[[ALL]]
  // CHECK: llm.attention %arg0, %[[ALL]], %[[ALL]]
  // CHECK: llm.add %[[BACK]], %[[BACK]]
  func.func @decode(%x: tensor<1x1x1x8xf32>, %past: tensor<1x1x?x8xf32, #past> {llm.state = 0 : i64})
      -> (tensor<1x1x1x8xf32>, tensor<1x1x?x8xf32, #present>) attributes {llm.entry = "decode"} {
    %0 = llm.kv_append %past, %x : (tensor<1x1x?x8xf32, #past>, tensor<1x1x1x8xf32>) -> tensor<1x1x?x8xf32, #present>
    %1 = llm.attention %x, %0, %0 {offset = affine_map<()[s0] -> (s0)>, scale = 1.0 : f64}
      : (tensor<1x1x1x8xf32>, tensor<1x1x?x8xf32, #present>, tensor<1x1x?x8xf32, #present>) -> tensor<1x1x1x8xf32>
    %2 = llm.add %0, %0 : (tensor<1x1x?x8xf32, #present>, tensor<1x1x?x8xf32, #present>) -> tensor<1x1x?x8xf32, #present>
    return %1, %2 : tensor<1x1x1x8xf32>, tensor<1x1x?x8xf32, #present>
  }
  // CHECK-LABEL: func.func @raw
  // CHECK-NOT: bf16
  func.func @raw(%x: tensor<1x1x1x8xf32>, %past: tensor<1x1x?x8xf32, #past>)
      -> tensor<1x1x?x8xf32, #present> attributes {llm.entry = "raw"} {
    %0 = llm.kv_append %past, %x : (tensor<1x1x?x8xf32, #past>, tensor<1x1x1x8xf32>) -> tensor<1x1x?x8xf32, #present>
    return %0 : tensor<1x1x?x8xf32, #present>
  }
}
