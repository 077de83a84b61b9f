// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --verify-diagnostics
module {
  func.func @add_norm_c1(%x: tensor<2x8xf32>, %y: tensor<1x8xf32>) -> tensor<2x8xf32> {
    // expected-error @+1 {{needs operands and a sum of one type, and a result of their shape}}
    %0, %1 = llm.add_norm %x, %y {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>, tensor<1x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>)
    return %0 : tensor<2x8xf32>
  }
}

// -----

module {
  func.func @add_norm_c2(%x: tensor<2x8xf32>, %b: tensor<8xf32>) -> tensor<2x8xf32> {
    // expected-error @+1 {{has a bias, which only centered norms have}}
    %0, %1 = llm.add_norm %x, %x bias %b {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>, tensor<2x8xf32>, tensor<8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>)
    return %0 : tensor<2x8xf32>
  }
}

// -----

module {
  func.func @add_norm_c2_width(%x: tensor<2x8xf32>, %w: tensor<4xf32>) -> tensor<2x8xf32> {
    // expected-error @+1 {{needs parameters of the last dim's size}}
    %0, %1 = llm.add_norm %x, %x weight %w {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>, tensor<2x8xf32>, tensor<4xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>)
    return %0 : tensor<2x8xf32>
  }
}
