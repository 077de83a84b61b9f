// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-epilogues | FileCheck %s
// Factors in front of a product's activation and behind it.
module {
  // Logits as Gemma 2 caps them: 30 tanh(y / 30).
  // CHECK-LABEL: @softcap
  // CHECK: llm.linear %arg0, %{{.*}} residual %arg1 {activation = 5 : i32, gain = 3.000000e+01 : f64, scale = 0.03{{[0-9]*}} : f64}
  // CHECK-NEXT: return
  func.func @softcap(%x: tensor<2x8xf32>, %r: tensor<2x8xf32>) -> tensor<2x8xf32> {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %c = llm.constant dense<30.0> : tensor<f32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.div %0, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %2 = llm.tanh %1 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %3 = llm.mul %c, %2 : (tensor<f32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %4 = llm.add %3, %r : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    return %4 : tensor<2x8xf32>
  }
  // Alone; two of them without an activation, which then has no place.
  // CHECK-LABEL: @alone
  // CHECK: llm.linear %arg0, %{{.*}} {scale = 5.000000e-01 : f64}
  // CHECK: llm.linear %arg0, %{{.*}} {gain = 2.500000e-01 : f64, scale = 5.000000e-01 : f64}
  // CHECK: llm.relu
  // CHECK: return
  func.func @alone(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %c = llm.constant dense<0.5> : tensor<f32>
    %d = llm.constant dense<0.25> : tensor<f32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.mul %0, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %2 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %3 = llm.mul %2, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %4 = llm.mul %3, %d : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %5 = llm.relu %4 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1, %5 : tensor<2x8xf32>, tensor<2x8xf32>
  }
  // A third factor, a number by the product, a divisor whose reciprocal overflows, a factor for each column, and of a sum.
  // CHECK-LABEL: @others
  // CHECK: llm.mul
  // CHECK: llm.div
  // CHECK: llm.div
  // CHECK: llm.mul
  // CHECK: llm.mul
  // CHECK: return
  func.func @others(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %c = llm.constant dense<0.5> : tensor<f32>
    %z = llm.constant dense<1.0e-40> : tensor<f32>
    %v = llm.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>
    %0 = llm.linear %x, %w {activation = 1 : i32, gain = 2.0 : f64, scale = 3.0 : f64} : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.mul %0, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %2 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %3 = llm.div %c, %2 : (tensor<f32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %4 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %5 = llm.div %4, %z : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %6 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %7 = llm.mul %6, %v : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    %8 = llm.linear %x, %w residual %x : (tensor<2x8xf32>, tensor<8x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %9 = llm.mul %8, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    return %1, %3, %5, %7, %9 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  }
  // The product is read elsewhere, by the other factor here, or stands in front of the branch.
  // CHECK-LABEL: @used_twice
  // CHECK: llm.linear {{.*}}, %{{[^ ]*}} :
  // CHECK-COUNT-3: llm.mul
  func.func @used_twice(%b: tensor<i1>, %x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %w = llm.weight <"source", [], {id = 0 : i64}, tensor<8x8xf32>> : tensor<8x8xf32>
    %c = llm.constant dense<0.5> : tensor<f32>
    %d = llm.constant dense<0.25> : tensor<f32>
    %0 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %1 = llm.mul %0, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %2 = llm.mul %0, %d : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %3 = llm.linear %x, %w : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
    %4 = llm.if %b {binds = affine_map<() -> ()>} : (tensor<i1>) -> tensor<2x8xf32> {
      %5 = llm.mul %3, %c : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
      llm.yield %5 : tensor<2x8xf32>
    } else {
      llm.yield %x : tensor<2x8xf32>
    }
    return %1, %2, %4 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  }
}
