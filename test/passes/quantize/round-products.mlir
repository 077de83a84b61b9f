// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-quantize-round-products | FileCheck %s
module {
  // CHECK-LABEL: @product
  // CHECK: %[[W:.*]] = llm.weight <"cast", [#llm.recipe<"source", [], {id = 0 : i64}, tensor<8x6xf32>>], {}, tensor<8x6xbf16>>
  // CHECK: %[[X:.*]] = llm.cast %arg0 : (tensor<2x8xf32>) -> tensor<2x8xbf16>
  // CHECK: llm.linear %[[X]], %[[W]] residual %arg1 : (tensor<2x8xbf16>, tensor<8x6xbf16>, tensor<2x6xf32>) -> tensor<2x6xf32>
  func.func @product(%x: tensor<2x8xf32>, %r: tensor<2x6xf32>) -> tensor<2x6xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x6xf32>> : tensor<8x6xf32>
    %0 = llm.linear %x, %w residual %r : (tensor<2x8xf32>, tensor<8x6xf32>, tensor<2x6xf32>) -> tensor<2x6xf32>
    return %0 : tensor<2x6xf32>
  }
  // A table that is a weight as well is rounded with it, another one is not.
  // CHECK-LABEL: @tied
  // CHECK: %[[ROW:.*]] = llm.embedding %{{.*}}, %arg0 : (tensor<9x8xbf16>, tensor<2xi64>) -> tensor<2x8xbf16>
  // CHECK: %[[WIDE:.*]] = llm.cast %[[ROW]]
  // CHECK: %[[OTHER:.*]] = llm.embedding %{{.*}}, %arg0 : (tensor<9x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
  // CHECK: llm.add %[[WIDE]], %[[OTHER]]
  func.func @tied(%i: tensor<2xi64>) -> tensor<2x9xf32> {
    %t = llm.weight <"source", [], {id = 1 : i64}, tensor<9x8xf32>> : tensor<9x8xf32>
    %w = llm.weight <"transpose", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<9x8xf32>>], {perm = array<i64: 1, 0>}, tensor<8x9xf32>> : tensor<8x9xf32>
    %o = llm.weight <"source", [], {id = 2 : i64}, tensor<9x8xf32>> : tensor<9x8xf32>
    %0 = llm.embedding %t, %i : (tensor<9x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
    %1 = llm.embedding %o, %i : (tensor<9x8xf32>, tensor<2xi64>) -> tensor<2x8xf32>
    %2 = llm.add %0, %1 : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %3 = llm.linear %2, %w : (tensor<2x8xf32>, tensor<8x9xf32>) -> tensor<2x9xf32>
    return %3 : tensor<2x9xf32>
  }
  // CHECK-LABEL: @halves_already
  // CHECK-NOT: llm.cast
  func.func @halves_already(%x: tensor<2x8xf16>) -> tensor<2x6xf16> {
    %w = llm.weight <"source", [], {id = 3 : i64}, tensor<8x6xf16>> : tensor<8x6xf16>
    %0 = llm.linear %x, %w : (tensor<2x8xf16>, tensor<8x6xf16>) -> tensor<2x6xf16>
    return %0 : tensor<2x6xf16>
  }
}
