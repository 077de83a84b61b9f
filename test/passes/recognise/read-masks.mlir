// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-attention | FileCheck %s
// What the biases of attention ops say. 6 queries, 6 keys.
#zero = affine_map<() -> (0)>
module {
  // 1 - mask, its non-zero elements replaced by the smallest float.
  // CHECK-LABEL: @padding
  // CHECK: %[[ONE:.*]] = llm.equal %arg1
  // CHECK: llm.attention %arg0, %{{.*}}, %{{.*}} key_mask %[[ONE]] {offset = #{{.*}}, scale = {{.*}}, uniform_when_masked}
  func.func @padding(%x: tensor<2x6x2x8xf32>, %m: tensor<2x6xi64>, %k: tensor<2x2x6x8xf32>) -> tensor<2x6x2x8xf32> {
    %one = llm.constant dense<1.0> : tensor<f32>
    %low = llm.constant dense<-3.40282347E+38> : tensor<f32>
    %0 = llm.reshape %m : (tensor<2x6xi64>) -> tensor<2x1x1x6xi64>
    %1 = llm.expand %0 : (tensor<2x1x1x6xi64>) -> tensor<2x1x6x6xi64>
    %2 = llm.cast %1 : (tensor<2x1x6x6xi64>) -> tensor<2x1x6x6xf32>
    %3 = llm.sub %one, %2 : (tensor<f32>, tensor<2x1x6x6xf32>) -> tensor<2x1x6x6xf32>
    %4 = llm.cast %3 : (tensor<2x1x6x6xf32>) -> tensor<2x1x6x6xi1>
    %5 = llm.where %4, %low, %3 : (tensor<2x1x6x6xi1>, tensor<f32>, tensor<2x1x6x6xf32>) -> tensor<2x1x6x6xf32>
    %6 = llm.attention %x, %k, %k bias %5 {offset = #zero, scale = 0.5 : f64} : (tensor<2x6x2x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x6x8xf32>, tensor<2x1x6x6xf32>) -> tensor<2x6x2x8xf32>
    return %6 : tensor<2x6x2x8xf32>
  }
  // j <= i and j > i - 3
  // CHECK-LABEL: @window
  // CHECK: llm.attention %arg0, %arg1, %arg1 {causal, offset = #{{.*}}, scale = {{.*}}, window = 3 : i64}
  func.func @window(%x: tensor<2x6x2x8xf32>, %k: tensor<2x2x6x8xf32>) -> tensor<2x6x2x8xf32> {
    %none = llm.constant dense<0.0> : tensor<f32>
    %low = llm.constant dense<0xFF800000> : tensor<f32>
    %i = llm.constant dense<[[0], [1], [2], [3], [4], [5]]> : tensor<6x1xi64>
    %j = llm.constant dense<[[0, 1, 2, 3, 4, 5]]> : tensor<1x6xi64>
    %w = llm.constant dense<3> : tensor<i64>
    %0 = llm.less_equal %j, %i : (tensor<1x6xi64>, tensor<6x1xi64>) -> tensor<6x6xi1>
    %1 = llm.sub %i, %w : (tensor<6x1xi64>, tensor<i64>) -> tensor<6x1xi64>
    %2 = llm.greater %j, %1 : (tensor<1x6xi64>, tensor<6x1xi64>) -> tensor<6x6xi1>
    %3 = llm.and %0, %2 : (tensor<6x6xi1>, tensor<6x6xi1>) -> tensor<6x6xi1>
    %4 = llm.where %3, %none, %low : (tensor<6x6xi1>, tensor<f32>, tensor<f32>) -> tensor<6x6xf32>
    %5 = llm.reshape %4 : (tensor<6x6xf32>) -> tensor<1x1x6x6xf32>
    %6 = llm.attention %x, %k, %k bias %5 {offset = #zero, scale = 0.5 : f64} : (tensor<2x6x2x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x6x8xf32>, tensor<1x1x6x6xf32>) -> tensor<2x6x2x8xf32>
    return %6 : tensor<2x6x2x8xf32>
  }
  // Masking by a number that scores can outweigh.
  // CHECK-LABEL: @small_number
  // CHECK: bias
  func.func @small_number(%x: tensor<2x6x2x8xf32>, %m: tensor<2x6xi1>, %k: tensor<2x2x6x8xf32>) -> tensor<2x6x2x8xf32> {
    %none = llm.constant dense<0.0> : tensor<f32>
    %low = llm.constant dense<-100.0> : tensor<f32>
    %0 = llm.reshape %m : (tensor<2x6xi1>) -> tensor<2x1x1x6xi1>
    %1 = llm.where %0, %none, %low : (tensor<2x1x1x6xi1>, tensor<f32>, tensor<f32>) -> tensor<2x1x1x6xf32>
    %2 = llm.attention %x, %k, %k bias %1 {offset = #zero, scale = 0.5 : f64} : (tensor<2x6x2x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x6x8xf32>, tensor<2x1x1x6xf32>) -> tensor<2x6x2x8xf32>
    return %2 : tensor<2x6x2x8xf32>
  }
  // A condition on queries is none on keys.
  // CHECK-LABEL: @rows
  // CHECK: bias
  func.func @rows(%x: tensor<2x6x2x8xf32>, %m: tensor<2x6xi1>, %k: tensor<2x2x6x8xf32>) -> tensor<2x6x2x8xf32> {
    %none = llm.constant dense<0.0> : tensor<f32>
    %low = llm.constant dense<0xFF800000> : tensor<f32>
    %0 = llm.reshape %m : (tensor<2x6xi1>) -> tensor<2x1x6x1xi1>
    %1 = llm.where %0, %none, %low : (tensor<2x1x6x1xi1>, tensor<f32>, tensor<f32>) -> tensor<2x1x6x1xf32>
    %2 = llm.attention %x, %k, %k bias %1 {offset = #zero, scale = 0.5 : f64} : (tensor<2x6x2x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x6x8xf32>, tensor<2x1x6x1xf32>) -> tensor<2x6x2x8xf32>
    return %2 : tensor<2x6x2x8xf32>
  }
}
