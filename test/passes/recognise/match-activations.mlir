// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-activations | FileCheck %s
module {
  // CHECK-LABEL: @silu
  // CHECK-NEXT: llm.silu %arg0
  func.func @silu(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = llm.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
    %1 = llm.mul %0, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    return %1 : tensor<4xf32>
  }
  // CHECK-LABEL: @sigmoid_of_another
  // CHECK-NOT: silu
  func.func @sigmoid_of_another(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
    %0 = llm.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
    %1 = llm.mul %0, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    return %1 : tensor<4xf32>
  }
  // CHECK-LABEL: @gelu_erf
  // CHECK: llm.gelu_erf %arg0
  // CHECK-NEXT: return
  func.func @gelu_erf(%x: tensor<4xf32>) -> tensor<4xf32> {
    %root = llm.constant dense<1.41421354> : tensor<f32>
    %one = llm.constant dense<1.0> : tensor<f32>
    %half = llm.constant dense<0.5> : tensor<f32>
    %0 = llm.div %x, %root : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %1 = llm.erf %0 : (tensor<4xf32>) -> tensor<4xf32>
    %2 = llm.add %1, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %3 = llm.mul %x, %2 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %4 = llm.mul %3, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    return %4 : tensor<4xf32>
  }
  // CHECK-LABEL: @gelu_tanh
  // CHECK: llm.gelu_tanh %arg0
  // CHECK-NEXT: return
  func.func @gelu_tanh(%x: tensor<4xf32>) -> tensor<4xf32> {
    %three = llm.constant dense<3.0> : tensor<f32>
    %cubic = llm.constant dense<0.044714998> : tensor<f32>
    %outer = llm.constant dense<0.797884583> : tensor<f32>
    %one = llm.constant dense<1.0> : tensor<f32>
    %half = llm.constant dense<0.5> : tensor<f32>
    %0 = llm.mul %x, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %1 = llm.pow %x, %three : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %2 = llm.mul %1, %cubic : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %3 = llm.add %x, %2 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %4 = llm.mul %3, %outer : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %5 = llm.tanh %4 : (tensor<4xf32>) -> tensor<4xf32>
    %6 = llm.add %5, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %7 = llm.mul %0, %6 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    return %7 : tensor<4xf32>
  }
  // CHECK-LABEL: @wrong_constant
  // CHECK-NOT: gelu
  func.func @wrong_constant(%x: tensor<4xf32>) -> tensor<4xf32> {
    %root = llm.constant dense<1.5> : tensor<f32>
    %one = llm.constant dense<1.0> : tensor<f32>
    %half = llm.constant dense<0.5> : tensor<f32>
    %0 = llm.div %x, %root : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %1 = llm.erf %0 : (tensor<4xf32>) -> tensor<4xf32>
    %2 = llm.add %1, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %3 = llm.mul %x, %2 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %4 = llm.mul %3, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    return %4 : tensor<4xf32>
  }
}
