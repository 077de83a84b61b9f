// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-make-entries | FileCheck %s
// RUN: %opt %s --llmc-recognise-make-entries --remarks-filter-missed=llmc -o %t 2>&1 | FileCheck %s --check-prefix=WHY
#ids = affine_map<()[s0, s1, s2] -> (s0, s1)>
#mask = affine_map<()[s0, s1, s2] -> (s0, s1 + s2)>
#x = affine_map<()[s0, s1, s2] -> (s0, s1, 2, 8)>
#cache = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 8)>
#present = affine_map<()[s0, s1, s2] -> (s0, 2, s1 + s2, 8)>
#logits = affine_map<()[s0, s1, s2] -> (s0, s1, 16)>
#row = affine_map<()[s0, s1, s2] -> (s1)>
#rows = affine_map<()[s0, s1, s2] -> (1, s1)>
#past = affine_map<()[s0, s1, s2] -> (s2)>
module attributes {llm.symbols = ["batch", "seq", "past"]} {
  // The mask goes, counted positions become an input, and only chosen tokens' logits are computed.
  // CHECK-LABEL: func.func @step
  // CHECK-SAME: %[[IDS:[a-z0-9]*]]: tensor<1x?xi64, #{{[a-z0-9]*}}> {llm.name = "input_ids", llm.role = "tokens"}
  // CHECK-SAME: %[[KEYS:[a-z0-9]*]]: tensor<1x2x?x8xf32, #{{[a-z0-9]*}}> {llm.name = "past_key_values.0.key", llm.state = 0 : i64
  // CHECK-SAME: %[[POSITIONS:[a-z0-9]*]]: tensor<1x?xi64, #{{[a-z0-9]*}}> {llm.name = "position_ids", llm.role = "position_ids"}
  // CHECK-SAME: %{{[a-z0-9]*}}: tensor<?xi64, #{{[a-z0-9]*}}> {llm.name = "segments", llm.role = "segments"}
  // CHECK-SAME: %[[ROWS:[a-z0-9]*]]: tensor<?xi64, #{{[a-z0-9]*}}> {llm.name = "rows", llm.role = "rows"}
  // CHECK-NOT: llm.range
  // CHECK: llm.reshape %[[POSITIONS]]
  // CHECK: %[[ALL:.*]] = llm.kv_append %[[KEYS]]
  // CHECK: %[[A:.*]] = llm.attention %{{.*}}, %[[ALL]], %[[ALL]] {causal
  // CHECK: %[[CHOSEN:.*]] = llm.gather %[[A]], %[[ROWS]] {axis = 1 : i64}
  // CHECK: %[[FLAT:.*]] = llm.reshape %[[CHOSEN]]
  // CHECK: llm.linear %[[FLAT]]
  func.func @main(%ids: tensor<?x?xi64, #ids> {llm.name = "input_ids"}, %mask: tensor<?x?xi64, #mask> {llm.name = "attention_mask"},
      %keys: tensor<?x2x?x8xf32, #cache> {llm.name = "past_key_values.0.key"})
      -> (tensor<?x?x16xf32, #logits> {llm.name = "logits"}, tensor<?x2x?x8xf32, #present> {llm.name = "present.0.key"}) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<32x16xf32>> : tensor<32x16xf32>
    %d = llm.weight <"source", [], {id = 1 : i64}, tensor<16x16xf32>> : tensor<16x16xf32>
    %f = llm.weight <"source", [], {id = 2 : i64}, tensor<4xf32>> : tensor<4xf32>
    %one = llm.constant dense<1> : tensor<i64>
    %from = llm.dims #past : tensor<i64>
    %count = llm.range %from, %one : (tensor<i64>, tensor<i64>) -> tensor<?xi64, #row>
    %at = llm.reshape %count : (tensor<?xi64, #row>) -> tensor<1x?xi64, #rows>
    %e = llm.embedding %w, %ids : (tensor<32x16xf32>, tensor<?x?xi64, #ids>) -> tensor<?x?x16xf32, #logits>
    %h = llm.reshape %e : (tensor<?x?x16xf32, #logits>) -> tensor<?x?x2x8xf32, #x>
    %q = llm.rope %h, %at inv_freq %f {rotary = 8 : i64} : (tensor<?x?x2x8xf32, #x>, tensor<1x?xi64, #rows>, tensor<4xf32>) -> tensor<?x?x2x8xf32, #x>
    %k = llm.kv_append %keys, %q : (tensor<?x2x?x8xf32, #cache>, tensor<?x?x2x8xf32, #x>) -> tensor<?x2x?x8xf32, #present>
    %a = llm.attention %q, %k, %k key_mask %mask {causal, offset = #past, scale = 1.0 : f64}
      : (tensor<?x?x2x8xf32, #x>, tensor<?x2x?x8xf32, #present>, tensor<?x2x?x8xf32, #present>, tensor<?x?xi64, #mask>) -> tensor<?x?x2x8xf32, #x>
    %r = llm.reshape %a : (tensor<?x?x2x8xf32, #x>) -> tensor<?x?x16xf32, #logits>
    %l = llm.linear %r, %d : (tensor<?x?x16xf32, #logits>, tensor<16x16xf32>) -> tensor<?x?x16xf32, #logits>
    return %l, %k : tensor<?x?x16xf32, #logits>, tensor<?x2x?x8xf32, #present>
  }
}

// -----
#ids = affine_map<()[s0, s1, s2] -> (s0, s1)>
#x = affine_map<()[s0, s1, s2] -> (s0, s1, 2, 8)>
#cache = affine_map<()[s0, s1, s2] -> (s0, 2, s2, 8)>
#present = affine_map<()[s0, s1, s2] -> (s0, 2, s1 + s2, 8)>
#wide = affine_map<()[s0, s1, s2] -> (s0, s1, 16)>
#past = affine_map<()[s0, s1, s2] -> (s2)>
module attributes {llm.symbols = ["batch", "seq", "past"]} {
  // One scale for all tokens: what a token gives depends on the others.
  // WHY: make-entries{{.*}}no entry 'step': '' (llm.fake_quantize) depends on more than a token and its past
  // CHECK-LABEL: func.func @decode
  // CHECK-NOT: @step
  func.func @main(%ids: tensor<?x?xi64, #ids> {llm.name = "input_ids"}, %keys: tensor<?x2x?x8xf32, #cache> {llm.name = "past_key_values.0.key"})
      -> (tensor<?x?x16xf32, #wide> {llm.name = "logits"}, tensor<?x2x?x8xf32, #present> {llm.name = "present.0.key"}) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<32x16xf32>> : tensor<32x16xf32>
    %e = llm.embedding %w, %ids : (tensor<32x16xf32>, tensor<?x?xi64, #ids>) -> tensor<?x?x16xf32, #wide>
    %z = llm.fake_quantize %e {rounding = #llm.rounding<tensor>} : tensor<?x?x16xf32, #wide>
    %h = llm.reshape %z : (tensor<?x?x16xf32, #wide>) -> tensor<?x?x2x8xf32, #x>
    %k = llm.kv_append %keys, %h : (tensor<?x2x?x8xf32, #cache>, tensor<?x?x2x8xf32, #x>) -> tensor<?x2x?x8xf32, #present>
    %a = llm.attention %h, %k, %k {causal, offset = #past, scale = 1.0 : f64}
      : (tensor<?x?x2x8xf32, #x>, tensor<?x2x?x8xf32, #present>, tensor<?x2x?x8xf32, #present>) -> tensor<?x?x2x8xf32, #x>
    %r = llm.reshape %a : (tensor<?x?x2x8xf32, #x>) -> tensor<?x?x16xf32, #wide>
    return %r, %k : tensor<?x?x16xf32, #wide>, tensor<?x2x?x8xf32, #present>
  }
}
