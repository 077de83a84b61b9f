// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-simplify-unify-sizes | FileCheck %s
#ids = affine_map<()[s0, s1] -> (s0, s1)>
#mask = affine_map<()[s0, s1, s2, s3] -> (s0, s3)>
#past = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 16)>
// CHECK-DAG: #[[SUM:.*]] = affine_map<()[s0, s1, s2] -> (s0, s1 + s2)>
module attributes {llm.symbols = ["batch", "seq", "past", "total"]} {
  // CHECK: @main(%{{.*}}: tensor<?x?xi64, #{{.*}}> {llm.name = "input_ids"}, %{{.*}}: tensor<?x?xi64, #[[SUM]]>
  func.func @main(%ids: tensor<?x?xi64, #ids> {llm.name = "input_ids"}, %m: tensor<?x?xi64, #mask> {llm.name = "attention_mask"},
                  %p: tensor<?x2x?x16xf32, #past> {llm.name = "past_key_values.0.key"}) -> tensor<?x?xi64, #mask> {
    return %m : tensor<?x?xi64, #mask>
  }
}

// -----

// A length that another input has as well is its own.
#ids = affine_map<()[s0, s1] -> (s0, s1)>
#mask = affine_map<()[s0, s1, s2, s3] -> (s0, s3)>
#past = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 16)>
// CHECK: #[[OWN:.*]] = affine_map<()[s0, s1, s2, s3] -> (s0, s3)>
module attributes {llm.symbols = ["batch", "seq", "past", "total"]} {
  // CHECK: tensor<?x?xi64, #[[OWN]]> {llm.name = "attention_mask"}
  func.func @main(%ids: tensor<?x?xi64, #ids> {llm.name = "input_ids"}, %m: tensor<?x?xi64, #mask> {llm.name = "attention_mask"},
                  %o: tensor<?x?xi64, #mask> {llm.name = "other"}, %p: tensor<?x2x?x16xf32, #past> {llm.name = "past_key_values.0.key"}) {
    return
  }
}

// -----

// The slice of stored positions ends where they do; the sum with seq tokens says that it never does.
#seq = affine_map<()[s0] -> (s0, 64)>
#clamped = affine_map<()[s0, s1] -> (s1, 64)>
#both = affine_map<()[s0, s1, s2] -> (s2, 64)>
#of = affine_map<()[s0] -> (s0, 128)>
#ofboth = affine_map<()[s0, s1] -> (s0, s1)>
module attributes {llm.symbols = ["seq", {kind = "min", of = #of}, {kind = "broadcast", of = #ofboth}]} {
  // CHECK-LABEL: @clamped
  // CHECK-SAME: tensor<?x64xf32, #[[SEQ:.*]]>, %{{.*}}: tensor<?x64xf32, #[[SEQ]]>
  func.func @clamped(%x: tensor<?x64xf32, #seq>, %y: tensor<?x64xf32, #clamped>) -> tensor<?x64xf32, #both> {
    // CHECK: llm.add {{.*}} -> tensor<?x64xf32, #[[SEQ]]>
    %0 = llm.add %x, %y : (tensor<?x64xf32, #seq>, tensor<?x64xf32, #clamped>) -> tensor<?x64xf32, #both>
    return %0 : tensor<?x64xf32, #both>
  }
}
