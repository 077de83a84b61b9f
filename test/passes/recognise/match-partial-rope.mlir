// SPDX-License-Identifier: Apache-2.0
// Only the first elements of each head turn; the halves are slices of the whole head.
// RUN: %opt %s --llmc-recognise-match-rope | FileCheck %s
#pos = affine_map<()[s0] -> (s0, 3)>
#table = affine_map<()[s0] -> (s0, 3, 1, 4)>
#rows = affine_map<()[s0] -> (s0, 3, 4)>
#x = affine_map<()[s0] -> (s0, 3, 2, 12)>
#r = affine_map<()[s0] -> (s0, 3, 2, 8)>
#h = affine_map<()[s0] -> (s0, 3, 2, 4)>
#both = affine_map<()[s0] -> (s0, 3, 1, 8)>
#zero = affine_map<() -> (0, 0, 0, 0)>
#half = affine_map<() -> (0, 0, 0, 4)>
#rest = affine_map<() -> (0, 0, 0, 8)>
module attributes {llm.symbols = ["batch"]} {
  // CHECK-LABEL: @partial
  // CHECK-SAME: %[[X:.*]]: tensor<?x3x2x12xf32, #{{.*}}>, %[[P:.*]]: tensor<?x3xi64
  // CHECK: %[[R:.*]] = llm.rope %[[X]], %[[P]] cos %{{.*}} sin %{{.*}} {rotary = 8 : i64}
  // CHECK: return %[[R]]
  func.func @partial(%x: tensor<?x3x2x12xf32, #x>, %p: tensor<?x3xi64, #pos>) -> tensor<?x3x2x12xf32, #x> {
    %ct = llm.weight <"source", [], {id = 1 : i64}, tensor<32x4xf32>> : tensor<32x4xf32>
    %st = llm.weight <"source", [], {id = 2 : i64}, tensor<32x4xf32>> : tensor<32x4xf32>
    %c0 = llm.gather %ct, %p {axis = 0 : i64} : (tensor<32x4xf32>, tensor<?x3xi64, #pos>) -> tensor<?x3x4xf32, #rows>
    %s0 = llm.gather %st, %p {axis = 0 : i64} : (tensor<32x4xf32>, tensor<?x3xi64, #pos>) -> tensor<?x3x4xf32, #rows>
    %c1 = llm.reshape %c0 : (tensor<?x3x4xf32, #rows>) -> tensor<?x3x1x4xf32, #table>
    %s1 = llm.reshape %s0 : (tensor<?x3x4xf32, #rows>) -> tensor<?x3x1x4xf32, #table>
    %c = llm.concat %c1, %c1 {axis = 3 : i64} : (tensor<?x3x1x4xf32, #table>, tensor<?x3x1x4xf32, #table>) -> tensor<?x3x1x8xf32, #both>
    %s = llm.concat %s1, %s1 {axis = 3 : i64} : (tensor<?x3x1x4xf32, #table>, tensor<?x3x1x4xf32, #table>) -> tensor<?x3x1x8xf32, #both>
    %part = llm.slice %x {starts = #zero, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x3x2x12xf32, #x>) -> tensor<?x3x2x8xf32, #r>
    %low = llm.slice %x {starts = #zero, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x3x2x12xf32, #x>) -> tensor<?x3x2x4xf32, #h>
    %high = llm.slice %x {starts = #half, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x3x2x12xf32, #x>) -> tensor<?x3x2x4xf32, #h>
    %others = llm.slice %x {starts = #rest, steps = array<i64: 1, 1, 1, 1>} : (tensor<?x3x2x12xf32, #x>) -> tensor<?x3x2x4xf32, #h>
    %n = llm.neg %high : (tensor<?x3x2x4xf32, #h>) -> tensor<?x3x2x4xf32, #h>
    %t = llm.concat %n, %low {axis = 3 : i64} : (tensor<?x3x2x4xf32, #h>, tensor<?x3x2x4xf32, #h>) -> tensor<?x3x2x8xf32, #r>
    %a = llm.mul %part, %c : (tensor<?x3x2x8xf32, #r>, tensor<?x3x1x8xf32, #both>) -> tensor<?x3x2x8xf32, #r>
    %b = llm.mul %t, %s : (tensor<?x3x2x8xf32, #r>, tensor<?x3x1x8xf32, #both>) -> tensor<?x3x2x8xf32, #r>
    %sum = llm.add %a, %b : (tensor<?x3x2x8xf32, #r>, tensor<?x3x2x8xf32, #r>) -> tensor<?x3x2x8xf32, #r>
    %y = llm.concat %sum, %others {axis = 3 : i64} : (tensor<?x3x2x8xf32, #r>, tensor<?x3x2x4xf32, #h>) -> tensor<?x3x2x12xf32, #x>
    return %y : tensor<?x3x2x12xf32, #x>
  }

  // What stands behind the turned elements is not what followed them.
  // CHECK-LABEL: @other_rest
  // CHECK-NOT: rotary = 8 : i64{{.*}}12xf32
  func.func @other_rest(%x: tensor<?x3x2x8xf32, #r>, %o: tensor<?x3x2x4xf32, #h>, %p: tensor<?x3xi64, #pos>) -> tensor<?x3x2x12xf32, #x> {
    %ct = llm.weight <"source", [], {id = 1 : i64}, tensor<32x4xf32>> : tensor<32x4xf32>
    %y0 = llm.rope %x, %p cos %ct sin %ct {rotary = 8 : i64} : (tensor<?x3x2x8xf32, #r>, tensor<?x3xi64, #pos>, tensor<32x4xf32>, tensor<32x4xf32>) -> tensor<?x3x2x8xf32, #r>
    %y = llm.concat %y0, %o {axis = 3 : i64} : (tensor<?x3x2x8xf32, #r>, tensor<?x3x2x4xf32, #h>) -> tensor<?x3x2x12xf32, #x>
    return %y : tensor<?x3x2x12xf32, #x>
  }
}
