// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-quantize-store-caches=type=int4 | FileCheck %s
// RUN: %opt %s --llmc-quantize-store-caches=type=int8 | FileCheck %s --check-prefix=INT8
// Twice changes nothing: packed caches stay.
// RUN: %opt %s --llmc-quantize-store-caches=type=int4 --llmc-quantize-store-caches=type=int8 | FileCheck %s
#keys = affine_map<()[s0] -> (1, 2, s0, 40)>
#values = affine_map<()[s0] -> (1, 2, s0, 64)>
#allkeys = affine_map<()[s0] -> (1, 2, s0 + 1, 40)>
#allvalues = affine_map<()[s0] -> (1, 2, s0 + 1, 64)>
module attributes {llm.symbols = ["past"]} {
  // Keys of 40 numbers and values of 64; a sum reads the values unpacked.
  // CHECK-LABEL: func.func @decode
  // CHECK-SAME: %arg3: tensor<1x2x?x40xui8, {{.*}}> {llm.state = 0 : i64}
  // CHECK-SAME: %arg4: tensor<1x2x?x40xui8, {{.*}}> {llm.state = 1 : i64}
  // CHECK: %[[K:.*]] = llm.pack_rows %arg1 {rows = #llm.packed_rows<bits = 4, block = 32, size = 40>} : (tensor<1x1x2x40xf32>) -> tensor<1x1x2x40xui8>
  // CHECK: %[[KEYS:.*]] = llm.kv_append %arg3, %[[K]]
  // CHECK: %[[V:.*]] = llm.pack_rows %arg2 {rows = #llm.packed_rows<bits = 4, block = 32, size = 64>} : (tensor<1x1x2x64xf32>) -> tensor<1x1x2x40xui8>
  // CHECK: %[[VALUES:.*]] = llm.kv_append %arg4, %[[V]]
  // CHECK: %[[BACK:.*]] = llm.unpack_rows %[[VALUES]]
  // CHECK: llm.attention %arg0, %[[KEYS]], %[[VALUES]]
  // CHECK-SAME: key_rows = #llm.packed_rows<bits = 4, block = 32, size = 40>
  // CHECK-SAME: value_rows = #llm.packed_rows<bits = 4, block = 32, size = 64>
  // CHECK: llm.add %[[BACK]], %[[BACK]]
  // INT8: %arg3: tensor<1x2x?x52xui8, {{.*}}> {llm.state = 0 : i64}, %arg4: tensor<1x2x?x68xui8, {{.*}}>
  func.func @decode(%q: tensor<1x1x4x40xf32>, %k: tensor<1x1x2x40xf32>, %v: tensor<1x1x2x64xf32>,
      %past_k: tensor<1x2x?x40xf32, #keys> {llm.state = 0 : i64}, %past_v: tensor<1x2x?x64xf32, #values> {llm.state = 1 : i64})
      -> (tensor<1x1x4x64xf32>, tensor<1x2x?x64xf32, #allvalues>) attributes {llm.entry = "decode"} {
    %0 = llm.kv_append %past_k, %k : (tensor<1x2x?x40xf32, #keys>, tensor<1x1x2x40xf32>) -> tensor<1x2x?x40xf32, #allkeys>
    %1 = llm.kv_append %past_v, %v : (tensor<1x2x?x64xf32, #values>, tensor<1x1x2x64xf32>) -> tensor<1x2x?x64xf32, #allvalues>
    %2 = llm.attention %q, %0, %1 {offset = affine_map<()[s0] -> (s0)>, scale = 1.0 : f64}
      : (tensor<1x1x4x40xf32>, tensor<1x2x?x40xf32, #allkeys>, tensor<1x2x?x64xf32, #allvalues>) -> tensor<1x1x4x64xf32>
    %3 = llm.add %1, %1 : (tensor<1x2x?x64xf32, #allvalues>, tensor<1x2x?x64xf32, #allvalues>) -> tensor<1x2x?x64xf32, #allvalues>
    return %2, %3 : tensor<1x1x4x64xf32>, tensor<1x2x?x64xf32, #allvalues>
  }
  // CHECK-LABEL: func.func @raw
  // CHECK-NOT: ui8
  func.func @raw(%x: tensor<1x1x2x64xf32>, %past: tensor<1x2x?x64xf32, #values>)
      -> tensor<1x2x?x64xf32, #allvalues> attributes {llm.entry = "raw"} {
    %0 = llm.kv_append %past, %x : (tensor<1x2x?x64xf32, #values>, tensor<1x1x2x64xf32>) -> tensor<1x2x?x64xf32, #allvalues>
    return %0 : tensor<1x2x?x64xf32, #allvalues>
  }
}
