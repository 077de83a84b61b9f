// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-fuse-fuse-add-norms | FileCheck %s
module {
  // CHECK-LABEL: @rms
  // CHECK: %[[N:.*]], %{{.*}} = llm.add_norm %arg0, %arg1 weight %arg2 {epsilon = 9.9999999999999995E-7 : f64}
  // CHECK-NEXT: return %[[N]]
  func.func @rms(%x: tensor<2x8xf32>, %y: tensor<2x8xf32>, %w: tensor<8xf32>) -> tensor<2x8xf32> {
    %0 = llm.add %x, %y : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.rms_norm %0, %w {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    return %1 : tensor<2x8xf32>
  }
  // The norm's result may be rounded.
  // CHECK-LABEL: @rounded
  // CHECK: llm.add_norm %arg0, %arg1 {{.*}} -> (tensor<2x8xf16>, tensor<2x8xf32>)
  func.func @rounded(%x: tensor<2x8xf32>, %y: tensor<2x8xf32>) -> tensor<2x8xf16> {
    %0 = llm.add %x, %y : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.rms_norm %0 {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf16>
    return %1 : tensor<2x8xf16>
  }
  // What else reads the sum reads the second result.
  // CHECK-LABEL: @layer
  // CHECK: %[[N:.*]], %[[S:.*]] = llm.add_norm %arg0, %arg1 weight %arg2 bias %arg2 {centered, epsilon = 9.9999999999999995E-7 : f64}
  // CHECK-NEXT: %[[O:.*]] = llm.layer_norm %[[S]]
  // CHECK-NEXT: return %[[N]], %[[S]], %[[O]]
  func.func @layer(%x: tensor<2x8xf16>, %y: tensor<2x8xf16>, %w: tensor<8xf16>) -> (tensor<2x8xf16>, tensor<2x8xf16>, tensor<2x8xf16>) {
    %0 = llm.add %x, %y : (tensor<2x8xf16>, tensor<2x8xf16>) -> tensor<2x8xf16>
    %1 = llm.layer_norm %0 weight %w bias %w {epsilon = 1.0e-6 : f64} : (tensor<2x8xf16>, tensor<8xf16>, tensor<8xf16>) -> tensor<2x8xf16>
    %2 = llm.layer_norm %0 {epsilon = 1.0e-6 : f64} : (tensor<2x8xf16>) -> tensor<2x8xf16>
    return %1, %0, %2 : tensor<2x8xf16>, tensor<2x8xf16>, tensor<2x8xf16>
  }
  // An operand that broadcasts, a norm with a residual, and a reader of the sum in front of the norm.
  // CHECK-LABEL: @others
  // CHECK-NOT: llm.add_norm
  // CHECK: return
  func.func @others(%x: tensor<2x8xf32>, %y: tensor<8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %0 = llm.add %x, %y : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    %1 = llm.rms_norm %0 {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %2 = llm.add %x, %x : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %3 = llm.rms_norm %2 residual %x {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %4 = llm.add %x, %x : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %5 = llm.exp %4 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %6 = llm.rms_norm %4 {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1, %3, %5, %6 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  }
  // A reader in the body of a branch in front of the norm, and a norm in such a body.
  // CHECK-LABEL: @bodies
  // CHECK-NOT: llm.add_norm
  // CHECK: return
  func.func @bodies(%c: tensor<i1>, %x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
    %0 = llm.add %x, %x : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
    %1 = llm.if %c {binds = affine_map<() -> ()>} : (tensor<i1>) -> tensor<2x8xf32> {
      %3 = llm.layer_norm %0 {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
      llm.yield %3 : tensor<2x8xf32>
    } else {
      llm.yield %x : tensor<2x8xf32>
    }
    %2 = llm.rms_norm %0 {epsilon = 1.0e-6 : f64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
    return %1, %2 : tensor<2x8xf32>, tensor<2x8xf32>
  }
}
