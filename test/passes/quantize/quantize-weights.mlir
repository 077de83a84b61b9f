// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-quantize-quantize-weights="spec=int4,act=int8" | FileCheck %s
// RUN: %opt %s --llmc-quantize-quantize-weights="spec=f16" | FileCheck %s --check-prefix=HALF
// RUN: %opt %s --llmc-quantize-quantize-weights="spec=int8@other*" | FileCheck %s --check-prefix=NONE
// RUN: not %opt %s --llmc-quantize-quantize-weights="spec=int4,method=gptq" 2>&1 | FileCheck %s --check-prefix=ALONE
// RUN: not %opt %s --llmc-quantize-quantize-weights="spec=int5" 2>&1 | FileCheck %s --check-prefix=WRONG
// NONE-NOT: <"quantize"
// ALONE: error: gptq, bias, act=static and mixed need samples to run the model on
// WRONG: error: 'int5' is no type of weights
module {
  // The logits' weight is of 8 bits, and the table that is its transpose with it; other products are of 4 bits.
  // CHECK-LABEL: @tied
  // CHECK: %[[T:.*]] = llm.weight <"dequantize", [#llm.recipe<"transpose", [#llm.recipe<"quantize", {{.*}}bits = 8 : i64{{.*}}part = "q"
  // CHECK: llm.embedding %[[T]], %arg0
  // CHECK: %[[W:.*]] = llm.weight <"dequantize", [#llm.recipe<"quantize", {{.*}}bits = 4 : i64, codes = 0 : i64, fit = 1 : i64, group = 32 : i64, part = "q", scale = f16, symmetric = true}, tensor<64x64xui4>>
  // CHECK: %[[Y:.*]] = llm.linear {{.*}}, %[[W]] {rounding = #llm.rounding<group = 64>}
  // CHECK: llm.add
  // CHECK: %[[H:.*]] = llm.weight <"dequantize", [#llm.recipe<"quantize", {{.*}}bits = 8 : i64, codes = 0 : i64, fit = 0 : i64, group = 0 : i64, part = "q", scale = f32, symmetric = true}, tensor<64x9xi8>>
  // CHECK: llm.linear {{.*}}, %[[H]] {rounding = #llm.rounding<group = 64>}
  // HALF-LABEL: @tied
  // HALF: %[[T:.*]] = llm.weight <"cast", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<9x64xf32>>], {}, tensor<9x64xf16>>
  // HALF: %[[ROW:.*]] = llm.embedding %[[T]], %arg0 : (tensor<9x64xf16>, tensor<2xi64>) -> tensor<2x64xf16>
  // HALF: llm.cast %[[ROW]] : (tensor<2x64xf16>) -> tensor<2x64xf32>
  // HALF: %[[H:.*]] = llm.weight <"transpose", [#llm.recipe<"cast"
  // HALF: llm.linear {{.*}}, %[[H]]
  func.func @tied(%i: tensor<2xi64>) -> tensor<2x9xf32> {
    %t = llm.weight <"source", [], {id = 1 : i64}, tensor<9x64xf32>> : tensor<9x64xf32>
    %0 = llm.embedding %t, %i : (tensor<9x64xf32>, tensor<2xi64>) -> tensor<2x64xf32>
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<64x64xf32>> : tensor<64x64xf32>
    %1 = llm.linear %0, %w : (tensor<2x64xf32>, tensor<64x64xf32>) -> tensor<2x64xf32>
    %2 = llm.add %0, %1 : (tensor<2x64xf32>, tensor<2x64xf32>) -> tensor<2x64xf32>
    %h = llm.weight <"transpose", [#llm.recipe<"source", [], {id = 1 : i64}, tensor<9x64xf32>>], {perm = array<i64: 1, 0>}, tensor<64x9xf32>> : tensor<64x9xf32>
    %3 = llm.linear %2, %h : (tensor<2x64xf32>, tensor<64x9xf32>) -> tensor<2x9xf32>
    return %3 : tensor<2x9xf32>
  }
  // What is quantized already stays, and keeps its activations.
  // CHECK-LABEL: @already
  // CHECK: llm.weight <"dequantize", [#llm.recipe<"source"
  // CHECK-NOT: rounding
  // CHECK-LABEL: @gated
  func.func @already(%x: tensor<2x32xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"dequantize", [#llm.recipe<"source", [], {id = 5 : i64}, tensor<32x8xi8>>, #llm.recipe<"source", [], {id = 6 : i64}, tensor<1x8xf32>>], {blocks = array<i64: 32, 1>}, tensor<32x8xf32>> : tensor<32x8xf32>
    %0 = llm.linear %x, %w : (tensor<2x32xf32>, tensor<32x8xf32>) -> tensor<2x8xf32>
    return %0 : tensor<2x8xf32>
  }
  // CHECK: llm.gated_linear {{.*}}rounding = #llm.rounding<group = 32>
  func.func @gated(%x: tensor<2x32xf32>) -> tensor<2x32xf32> {
    %g = llm.weight <"source", [], {id = 2 : i64}, tensor<32x48xf32>> : tensor<32x48xf32>
    %u = llm.weight <"source", [], {id = 3 : i64}, tensor<32x48xf32>> : tensor<32x48xf32>
    %d = llm.weight <"source", [], {id = 4 : i64}, tensor<48x32xf32>> : tensor<48x32xf32>
    %0 = llm.gated_linear %x, %g, %u {activation = 4 : i32} : (tensor<2x32xf32>, tensor<32x48xf32>, tensor<32x48xf32>) -> tensor<2x48xf32>
    %1 = llm.linear %0, %d : (tensor<2x48xf32>, tensor<48x32xf32>) -> tensor<2x32xf32>
    return %1 : tensor<2x32xf32>
  }
}
