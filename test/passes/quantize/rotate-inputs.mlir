// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-quantize-rotate-inputs="spec=int4,method=rtn+rotate" | FileCheck %s
// RUN: %opt %s --llmc-quantize-rotate-inputs="spec=int4,act=int8,method=rtn+rotate" | FileCheck %s --check-prefix=ROUNDED
// RUN: %opt %s --llmc-quantize-rotate-inputs="spec=int4" | FileCheck %s --check-prefix=NONE
// NONE-NOT: "rotat
module attributes {llm.symbols = ["s"]} {
  // The table, and what adds to the stream, have rotated results; readers of the norm its factors and rotated inputs.
  // CHECK-LABEL: @stream
  // CHECK: %[[T:.*]] = llm.weight <"rotate", [#llm.recipe<"source", [], {id = 0 : i64}, tensor<9x64xf32>>], {axis = 1 : i64, block = 64 : i64}
  // CHECK: %[[X:.*]] = llm.embedding %[[T]]
  // CHECK: %[[N:.*]] = llm.rms_norm %[[X]] {epsilon
  // CHECK: %[[U:.*]] = llm.weight <"rotate", [#llm.recipe<"mul", [#llm.recipe<"source", [], {id = 2 : i64}, tensor<64x96xf32>>, #llm.recipe<"reshape", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<64xf32>>], {}, tensor<64x1xf32>>], {}, tensor<64x96xf32>>], {axis = 0 : i64, block = 64 : i64}
  // CHECK: %[[H:.*]] = llm.linear %[[N]], %[[U]]
  // CHECK: %[[D:.*]] = llm.weight <"rotate", [#llm.recipe<"source", [], {id = 3 : i64}, tensor<96x64xf32>>], {axis = 1 : i64, block = 64 : i64}
  // CHECK: %[[B:.*]] = llm.weight <"rotate", [#llm.recipe<"source", [], {id = 4 : i64}, tensor<64xf32>>], {axis = 0 : i64, block = 64 : i64}
  // CHECK: %[[Y:.*]] = llm.linear %[[H]], %[[D]] bias %[[B]]
  // CHECK: llm.add %[[X]], %[[Y]]
  // CHECK: llm.linear {{.*}} -> tensor<?x9xf32
  // Where it is rounded, another input is rotated in each step.
  // ROUNDED-LABEL: @stream
  // ROUNDED: %[[H:.*]] = llm.linear {{.*}} -> tensor<?x96xf32
  // ROUNDED: %[[R:.*]] = llm.weight <"rotation", [], {}, tensor<32x32xf32>>
  // ROUNDED: %[[IN:.*]] = llm.reshape %[[H]] : {{.*}} -> tensor<?x3x32xf32
  // ROUNDED: %[[OUT:.*]] = llm.linear %[[IN]], %[[R]]
  // ROUNDED: %[[BACK:.*]] = llm.reshape %[[OUT]] : {{.*}} -> tensor<?x96xf32
  // ROUNDED: llm.weight <"rotate", [#llm.recipe<"rotate", [#llm.recipe<"source", [], {id = 3 : i64}, tensor<96x64xf32>>], {axis = 1 : i64, block = 64 : i64}, tensor<96x64xf32>>], {axis = 0 : i64, block = 32 : i64}
  // ROUNDED: llm.linear %[[BACK]]
  func.func @stream(%i: tensor<?xi64, affine_map<()[s] -> (s)>>) -> tensor<?x9xf32, affine_map<()[s] -> (s, 9)>> {
    %t = llm.weight <"source", [], {id = 0 : i64}, tensor<9x64xf32>> : tensor<9x64xf32>
    %x = llm.embedding %t, %i : (tensor<9x64xf32>, tensor<?xi64, affine_map<()[s] -> (s)>>) -> tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>
    %g = llm.weight <"source", [], {id = 1 : i64}, tensor<64xf32>> : tensor<64xf32>
    %n = llm.rms_norm %x, %g {epsilon = 1.0e-6 : f64} : (tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>, tensor<64xf32>) -> tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>
    %u = llm.weight <"source", [], {id = 2 : i64}, tensor<64x96xf32>> : tensor<64x96xf32>
    %h = llm.linear %n, %u : (tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>, tensor<64x96xf32>) -> tensor<?x96xf32, affine_map<()[s] -> (s, 96)>>
    %d = llm.weight <"source", [], {id = 3 : i64}, tensor<96x64xf32>> : tensor<96x64xf32>
    %b = llm.weight <"source", [], {id = 4 : i64}, tensor<64xf32>> : tensor<64xf32>
    %y = llm.linear %h, %d bias %b : (tensor<?x96xf32, affine_map<()[s] -> (s, 96)>>, tensor<96x64xf32>, tensor<64xf32>) -> tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>
    %z = llm.add %x, %y : (tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>, tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>) -> tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>
    %m = llm.rms_norm %z, %g {epsilon = 1.0e-6 : f64} : (tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>, tensor<64xf32>) -> tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>
    %e = llm.weight <"source", [], {id = 5 : i64}, tensor<64x9xf32>> : tensor<64x9xf32>
    %l = llm.linear %m, %e : (tensor<?x64xf32, affine_map<()[s] -> (s, 64)>>, tensor<64x9xf32>) -> tensor<?x9xf32, affine_map<()[s] -> (s, 9)>>
    return %l : tensor<?x9xf32, affine_map<()[s] -> (s, 9)>>
  }
  // Few norms for what would be rotated in each step: an input, and a norm that is a result.
  // CHECK-LABEL: @apart
  // CHECK-NOT: "rotat
  func.func @apart(%x: tensor<2x64xf32>) -> (tensor<2x96xf32>, tensor<2x64xf32>, tensor<2x48xf32>) {
    %g = llm.weight <"source", [], {id = 1 : i64}, tensor<64xf32>> : tensor<64xf32>
    %n = llm.rms_norm %x, %g {epsilon = 1.0e-6 : f64} : (tensor<2x64xf32>, tensor<64xf32>) -> tensor<2x64xf32>
    %u = llm.weight <"source", [], {id = 2 : i64}, tensor<64x96xf32>> : tensor<64x96xf32>
    %h = llm.linear %n, %u : (tensor<2x64xf32>, tensor<64x96xf32>) -> tensor<2x96xf32>
    %o = llm.weight <"source", [], {id = 6 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %p = llm.linear %x, %o : (tensor<2x64xf32>, tensor<64x64xf32>) -> tensor<2x64xf32>
    %r = llm.rms_norm %p, %g {epsilon = 1.0e-6 : f64} : (tensor<2x64xf32>, tensor<64xf32>) -> tensor<2x64xf32>
    %w = llm.weight <"source", [], {id = 7 : i64}, tensor<64x48xf32>> : tensor<64x48xf32>
    %q = llm.linear %x, %w {activation = 1 : i32} : (tensor<2x64xf32>, tensor<64x48xf32>) -> tensor<2x48xf32>
    return %h, %r, %q : tensor<2x96xf32>, tensor<2x64xf32>, tensor<2x48xf32>
  }
}
