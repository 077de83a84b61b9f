// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-make-entries | FileCheck %s
// The first step of a decoder that looks at an encoder: what is made of the encoder's states alone is an entry.
#ids = affine_map<()[s0, s1] -> (s0, s1)>
#hidden = affine_map<()[s0, s1, s2] -> (s0, s2, 16)>
#mask = affine_map<()[s0, s1, s2] -> (s0, s2)>
#x = affine_map<()[s0, s1] -> (s0, s1, 16)>
#cross = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 8)>
#split = affine_map<()[s0, s1, s2] -> (s0, s2, 2, 8)>
module attributes {llm.symbols = ["batch", "seq", "source"]} {
  // CHECK: @main({{.*}}llm.role = "tokens"{{.*}}llm.role = "encoder_hidden"{{.*}}llm.role = "encoder_mask"{{.*}} attributes {llm.entry = "raw"}
  // CHECK: @cross(%[[H:.*]]: tensor<?x?x16xf32{{.*}}llm.role = "encoder_hidden"}) -> (tensor<?x2x?x8xf32{{.*}} {llm.name = "present.0.encoder.key", llm.role = "cross_cache"}) attributes {llm.entry = "cross"}
  // CHECK-NOT: llm.embedding
  // CHECK: %[[S:.*]] = llm.reshape %[[H]]
  // CHECK: %[[T:.*]] = llm.transpose %[[S]]
  // CHECK: return %[[T]] :
  // CHECK-NOT: @decode
  func.func @main(%ids: tensor<?x?xi64, #ids> {llm.name = "input_ids"}, %hidden: tensor<?x?x16xf32, #hidden> {llm.name = "encoder_hidden_states"},
                  %mask: tensor<?x?xi64, #mask> {llm.name = "encoder_attention_mask"})
      -> (tensor<?x?x16xf32, #x> {llm.name = "logits"}, tensor<?x2x?x8xf32, #cross> {llm.name = "present.0.encoder.key"}) {
    %t = llm.weight <"source", [], {id = 0 : i64}, tensor<32x16xf32>> : tensor<32x16xf32>
    %0 = llm.embedding %t, %ids : (tensor<32x16xf32>, tensor<?x?xi64, #ids>) -> tensor<?x?x16xf32, #x>
    %1 = llm.reshape %hidden : (tensor<?x?x16xf32, #hidden>) -> tensor<?x?x2x8xf32, #split>
    %2 = llm.transpose %1 {perm = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x8xf32, #split>) -> tensor<?x2x?x8xf32, #cross>
    return %0, %2 : tensor<?x?x16xf32, #x>, tensor<?x2x?x8xf32, #cross>
  }
}

// -----

// The later steps take them: one token at a time, with the decoder's own caches as states.
#ids = affine_map<()[s0, s1] -> (s0, s1)>
#h = affine_map<()[s0, s1] -> (s0, s1, 2, 8)>
#past = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 8)>
#all = affine_map<()[s0, s1, s2] -> (s0, 2, s1 + s2, 8)>
#cross = affine_map<()[s0, s1, s2, s3] -> (s0, 2, s3, 8)>
#x = affine_map<()[s0, s1] -> (s0, s1, 16)>
module attributes {llm.symbols = ["batch", "seq", "past", "source"]} {
  // CHECK: @main({{.*}}llm.role = "cross_cache"{{.*}} attributes {llm.entry = "raw"}
  // CHECK-NOT: @prefill
  // CHECK: @decode(%{{.*}}: tensor<?x1xi64{{.*}}llm.state = 0 : i64{{.*}}llm.role = "cross_cache"{{.*}} attributes {llm.entry = "decode"}
  // CHECK-NOT: @prefill
  func.func @main(%ids: tensor<?x?xi64, #ids> {llm.name = "input_ids"}, %p: tensor<?x2x?x8xf32, #past> {llm.name = "past_key_values.0.decoder.key"},
                  %c: tensor<?x2x?x8xf32, #cross> {llm.name = "past_key_values.0.encoder.key"})
      -> (tensor<?x?x16xf32, #x> {llm.name = "logits"}, tensor<?x2x?x8xf32, #all> {llm.name = "present.0.decoder.key"}) {
    %t = llm.weight <"source", [], {id = 0 : i64}, tensor<32x16xf32>> : tensor<32x16xf32>
    %0 = llm.embedding %t, %ids : (tensor<32x16xf32>, tensor<?x?xi64, #ids>) -> tensor<?x?x16xf32, #x>
    %1 = llm.reshape %0 : (tensor<?x?x16xf32, #x>) -> tensor<?x?x2x8xf32, #h>
    %2 = llm.kv_append %p, %1 : (tensor<?x2x?x8xf32, #past>, tensor<?x?x2x8xf32, #h>) -> tensor<?x2x?x8xf32, #all>
    %3 = llm.attention %1, %c, %c {offset = affine_map<() -> (0)>, scale = 0.5 : f64} : (tensor<?x?x2x8xf32, #h>, tensor<?x2x?x8xf32, #cross>, tensor<?x2x?x8xf32, #cross>) -> tensor<?x?x2x8xf32, #h>
    %4 = llm.reshape %3 : (tensor<?x?x2x8xf32, #h>) -> tensor<?x?x16xf32, #x>
    return %4, %2 : tensor<?x?x16xf32, #x>, tensor<?x2x?x8xf32, #all>
  }
}
