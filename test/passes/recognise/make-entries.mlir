// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-make-entries | FileCheck %s
// RUN: %opt %s --llmc-recognise-make-entries --remarks-filter-missed=llmc -o %t 2>&1 | FileCheck %s --check-prefix=WHY
#ids = affine_map<()[s0, s1] -> (s0, s1)>
#x = affine_map<()[s0, s1] -> (s0, s1, 16)>
#y = affine_map<()[s0, s1] -> (s0, s1, 32)>
#h = affine_map<()[s0, s1] -> (s0, s1, 2, 8)>
#past = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 8)>
#all = affine_map<()[s0, s1, s2] -> (s0, 2, s1 + s2, 8)>
// CHECK-DAG: #[[ONE:.*]] = affine_map<()[s0] -> (s0, 1)>
// CHECK-DAG: #[[LAST:.*]] = affine_map<()[s0, s1] -> (0, s1 - 1, 0, 0)>
module attributes {llm.symbols = ["batch", "seq", "past"]} {
  // CHECK: @main({{.*}}llm.role = "tokens"{{.*}}) -> ({{.*}}"present.0.key"{{.*}}) attributes {llm.entry = "raw"}
  // CHECK: @prefill({{.*}}llm.name = "past_key_values.0.key", llm.state = 0 : i64, llm.state_output = "present.0.key"{{.*}}) -> (tensor<?x1x32xf32, #{{.*}}> {llm.name = "logits"}) attributes {llm.entry = "prefill"}
  // CHECK: %[[A:.*]] = llm.kv_append
  // CHECK: %[[O:.*]] = llm.attention
  // CHECK: llm.slice %[[O]] {starts = #[[LAST]]
  // CHECK-NEXT: llm.reshape
  // CHECK-NEXT: llm.linear {{.*}} -> tensor<?x1x32xf32
  // CHECK-NEXT: return %{{[^,]*}} :
  // CHECK: @decode(%{{.*}}: tensor<?x1xi64, #[[ONE]]>{{.*}}) -> (tensor<?x1x32xf32{{.*}}attributes {llm.entry = "decode"}
  // CHECK-NOT: llm.slice
  func.func @main(%ids: tensor<?x?xi64, #ids> {llm.name = "input_ids"}, %p: tensor<?x2x?x8xf32, #past> {llm.name = "past_key_values.0.key"})
      -> (tensor<?x?x32xf32, #y> {llm.name = "logits"}, tensor<?x2x?x8xf32, #all> {llm.name = "present.0.key"}) {
    %t = llm.weight <"source", [], {id = 0 : i64}, tensor<32x16xf32>> : tensor<32x16xf32>
    %w = llm.weight <"source", [], {id = 1 : i64}, tensor<16x32xf32>> : tensor<16x32xf32>
    %0 = llm.embedding %t, %ids : (tensor<32x16xf32>, tensor<?x?xi64, #ids>) -> tensor<?x?x16xf32, #x>
    %1 = llm.reshape %0 : (tensor<?x?x16xf32, #x>) -> tensor<?x?x2x8xf32, #h>
    %2 = llm.kv_append %p, %1 : (tensor<?x2x?x8xf32, #past>, tensor<?x?x2x8xf32, #h>) -> tensor<?x2x?x8xf32, #all>
    %3 = llm.attention %1, %2, %2 {causal, offset = affine_map<()[s0, s1, s2] -> (s2)>, scale = 0.5 : f64} : (tensor<?x?x2x8xf32, #h>, tensor<?x2x?x8xf32, #all>, tensor<?x2x?x8xf32, #all>) -> tensor<?x?x2x8xf32, #h>
    %4 = llm.reshape %3 : (tensor<?x?x2x8xf32, #h>) -> tensor<?x?x16xf32, #x>
    %5 = llm.linear %4, %w : (tensor<?x?x16xf32, #x>, tensor<16x32xf32>) -> tensor<?x?x32xf32, #y>
    return %5, %2 : tensor<?x?x32xf32, #y>, tensor<?x2x?x8xf32, #all>
  }
}

// -----

// One of the inputs is not known, so the runtime could not give it.
#ids = affine_map<()[s0, s1] -> (s0, s1)>
#h = affine_map<()[s0, s1] -> (s0, s1, 2, 8)>
#past = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 8)>
#all = affine_map<()[s0, s1, s2] -> (s0, 2, s1 + s2, 8)>
// CHECK: @main({{.*}} attributes {llm.entry = "raw"}
// CHECK-NOT: @prefill
// WHY: only the raw entry: the input 'pixels' is neither a cache that comes back longer nor of a known role
module attributes {llm.symbols = ["batch", "seq", "past"]} {
  func.func @main(%ids: tensor<?x?xi64, #ids> {llm.name = "input_ids"}, %p: tensor<?x2x?x8xf32, #past> {llm.name = "past_key_values.0.key"},
                  %x: tensor<?x?x2x8xf32, #h> {llm.name = "pixels"}) -> (tensor<?x2x?x8xf32, #all> {llm.name = "present.0.key"}) {
    %2 = llm.kv_append %p, %x : (tensor<?x2x?x8xf32, #past>, tensor<?x?x2x8xf32, #h>) -> tensor<?x2x?x8xf32, #all>
    return %2 : tensor<?x2x?x8xf32, #all>
  }
}
