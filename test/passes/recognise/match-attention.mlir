// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --llmc-recognise-match-attention | FileCheck %s
#q = affine_map<()[s0, s1] -> (s0, 4, s1, 16)>
#k = affine_map<()[s0, s1, s2] -> (s0, 2, s1 + s2, 16)>
#k1 = affine_map<()[s0, s1, s2] -> (s0, 2, 1, s1 + s2, 16)>
#k2 = affine_map<()[s0, s1, s2] -> (s0, 2, 2, s1 + s2, 16)>
#k4 = affine_map<()[s0, s1, s2] -> (s0, 4, s1 + s2, 16)>
#kt = affine_map<()[s0, s1, s2] -> (s0, 4, 16, s1 + s2)>
#s = affine_map<()[s0, s1, s2] -> (s0, 4, s1, s1 + s2)>
#seq = affine_map<()[s0, s1] -> (s1)>
#past = affine_map<()[s0, s1, s2] -> (s2)>
#total = affine_map<()[s0, s1, s2] -> (s1 + s2)>
#row = affine_map<()[s0, s1] -> (1, 1, s1, 1)>
#column = affine_map<()[s0, s1, s2] -> (1, 1, 1, s1 + s2)>
#band = affine_map<()[s0, s1, s2] -> (1, 1, s1, s1 + s2)>
#keys = affine_map<()[s0, s1, s2] -> (s0, s1 + s2)>
#keys4 = affine_map<()[s0, s1, s2] -> (s0, 1, 1, s1 + s2)>
#positions = affine_map<()[s0, s1, s2] -> (1, 4, s1, s1 + s2)>
#mask = affine_map<()[s0, s1, s2] -> (s0, 1, s1, s1 + s2)>
// CHECK-DAG: #[[PAST:.*]] = affine_map<()[s0, s1, s2] -> (s2)>
module attributes {llm.symbols = ["batch", "seq", "past"]} {
  // CHECK-LABEL: @causal
  // CHECK-SAME: %[[Q:[^:]*]]: {{[^%]*}}%[[K:[^:]*]]: {{[^%]*}}%[[V:[^:]*]]: {{[^%]*}}%[[M:[^:]*]]:
  // CHECK: %[[T:.*]] = llm.transpose %[[Q]] {perm = array<i64: 0, 2, 1, 3>}
  // CHECK: llm.attention %[[T]], %[[K]], %[[V]] key_mask %[[M]] {causal, offset = #[[PAST]], scale = 2.500000e-01 : f64}
  func.func @causal(%q: tensor<?x4x?x16xf32, #q>, %k: tensor<?x2x?x16xf32, #k>, %v: tensor<?x2x?x16xf32, #k>,
                    %keys: tensor<?x?xi64, #keys>) -> tensor<?x4x?x16xf32, #q> {
    %zero = llm.constant dense<0.0> : tensor<f32>
    %never = llm.constant dense<0xFF800000> : tensor<f32>
    %half = llm.constant dense<0.5> : tensor<f32>
    %i0 = llm.constant dense<0> : tensor<i64>
    %i1 = llm.constant dense<1> : tensor<i64>
    %start = llm.dims #past : tensor<i64>
    %i = llm.range %start, %i1 : (tensor<i64>, tensor<i64>) -> tensor<?xi64, #seq>
    %ir = llm.reshape %i : (tensor<?xi64, #seq>) -> tensor<1x1x?x1xi64, #row>
    %j = llm.range %i0, %i1 : (tensor<i64>, tensor<i64>) -> tensor<?xi64, #total>
    %jr = llm.reshape %j : (tensor<?xi64, #total>) -> tensor<1x1x1x?xi64, #column>
    %le = llm.less_equal %jr, %ir : (tensor<1x1x1x?xi64, #column>, tensor<1x1x?x1xi64, #row>) -> tensor<1x1x?x?xi1, #band>
    %b = llm.cast %keys : (tensor<?x?xi64, #keys>) -> tensor<?x?xi1, #keys>
    %b4 = llm.reshape %b : (tensor<?x?xi1, #keys>) -> tensor<?x1x1x?xi1, #keys4>
    %and = llm.and %le, %b4 : (tensor<1x1x?x?xi1, #band>, tensor<?x1x1x?xi1, #keys4>) -> tensor<?x1x?x?xi1, #mask>
    %bias = llm.where %and, %zero, %never : (tensor<?x1x?x?xi1, #mask>, tensor<f32>, tensor<f32>) -> tensor<?x1x?x?xf32, #mask>
    %k1 = llm.reshape %k : (tensor<?x2x?x16xf32, #k>) -> tensor<?x2x1x?x16xf32, #k1>
    %k2 = llm.expand %k1 : (tensor<?x2x1x?x16xf32, #k1>) -> tensor<?x2x2x?x16xf32, #k2>
    %k4 = llm.reshape %k2 : (tensor<?x2x2x?x16xf32, #k2>) -> tensor<?x4x?x16xf32, #k4>
    %v1 = llm.reshape %v : (tensor<?x2x?x16xf32, #k>) -> tensor<?x2x1x?x16xf32, #k1>
    %v2 = llm.expand %v1 : (tensor<?x2x1x?x16xf32, #k1>) -> tensor<?x2x2x?x16xf32, #k2>
    %v4 = llm.reshape %v2 : (tensor<?x2x2x?x16xf32, #k2>) -> tensor<?x4x?x16xf32, #k4>
    %kt = llm.transpose %k4 {perm = array<i64: 0, 1, 3, 2>} : (tensor<?x4x?x16xf32, #k4>) -> tensor<?x4x16x?xf32, #kt>
    %qs = llm.mul %q, %half : (tensor<?x4x?x16xf32, #q>, tensor<f32>) -> tensor<?x4x?x16xf32, #q>
    %ks = llm.mul %kt, %half : (tensor<?x4x16x?xf32, #kt>, tensor<f32>) -> tensor<?x4x16x?xf32, #kt>
    %s = llm.matmul %qs, %ks : (tensor<?x4x?x16xf32, #q>, tensor<?x4x16x?xf32, #kt>) -> tensor<?x4x?x?xf32, #s>
    %m = llm.add %s, %bias : (tensor<?x4x?x?xf32, #s>, tensor<?x1x?x?xf32, #mask>) -> tensor<?x4x?x?xf32, #s>
    %p = llm.softmax %m {axis = 3 : i64} : (tensor<?x4x?x?xf32, #s>) -> tensor<?x4x?x?xf32, #s>
    %nan = llm.is_nan %p : (tensor<?x4x?x?xf32, #s>) -> tensor<?x4x?x?xi1, #s>
    %w = llm.where %nan, %zero, %p : (tensor<?x4x?x?xi1, #s>, tensor<f32>, tensor<?x4x?x?xf32, #s>) -> tensor<?x4x?x?xf32, #s>
    %o = llm.matmul %w, %v4 : (tensor<?x4x?x?xf32, #s>, tensor<?x4x?x16xf32, #k4>) -> tensor<?x4x?x16xf32, #q>
    return %o : tensor<?x4x?x16xf32, #q>
  }
  // A bias that is no mask stays one.
  // CHECK-LABEL: @bias
  // CHECK: llm.attention %{{.*}}, %{{.*}}, %{{.*}} bias %arg3 {offset
  func.func @bias(%q: tensor<?x4x?x16xf32, #q>, %kt: tensor<?x4x16x?xf32, #kt>, %v: tensor<?x4x?x16xf32, #k4>,
                  %bias: tensor<?x1x?x?xf32, #mask>) -> tensor<?x4x?x16xf32, #q> {
    %s = llm.matmul %q, %kt : (tensor<?x4x?x16xf32, #q>, tensor<?x4x16x?xf32, #kt>) -> tensor<?x4x?x?xf32, #s>
    %m = llm.add %s, %bias : (tensor<?x4x?x?xf32, #s>, tensor<?x1x?x?xf32, #mask>) -> tensor<?x4x?x?xf32, #s>
    %p = llm.softmax %m {axis = 3 : i64} : (tensor<?x4x?x?xf32, #s>) -> tensor<?x4x?x?xf32, #s>
    %o = llm.matmul %p, %v : (tensor<?x4x?x?xf32, #s>, tensor<?x4x?x16xf32, #k4>) -> tensor<?x4x?x16xf32, #q>
    return %o : tensor<?x4x?x16xf32, #q>
  }
  // Softmax over the queries.
  // CHECK-LABEL: @other_axis
  // CHECK-NOT: llm.attention
  func.func @other_axis(%q: tensor<?x4x?x16xf32, #q>, %kt: tensor<?x4x16x?xf32, #kt>, %v: tensor<?x4x?x16xf32, #k4>) -> tensor<?x4x?x16xf32, #q> {
    %s = llm.matmul %q, %kt : (tensor<?x4x?x16xf32, #q>, tensor<?x4x16x?xf32, #kt>) -> tensor<?x4x?x?xf32, #s>
    %p = llm.softmax %s {axis = 2 : i64} : (tensor<?x4x?x?xf32, #s>) -> tensor<?x4x?x?xf32, #s>
    %o = llm.matmul %p, %v : (tensor<?x4x?x?xf32, #s>, tensor<?x4x?x16xf32, #k4>) -> tensor<?x4x?x16xf32, #q>
    return %o : tensor<?x4x?x16xf32, #q>
  }

  // A position bias and then a mask: the mask is the op's, the bias stays.
  // CHECK-LABEL: @bias_and_mask
  // CHECK-SAME: %[[Q:[^:]*]]: {{[^%]*}}%[[K:[^:]*]]: {{[^%]*}}%[[V:[^:]*]]: {{[^%]*}}%[[BIAS:[^:]*]]: {{[^%]*}}%[[M:[^:]*]]:
  // CHECK: llm.attention {{.*}} key_mask %{{.*}} bias %[[BIAS]]
  // CHECK-NOT: llm.softmax
  func.func @bias_and_mask(%q: tensor<?x4x?x16xf32, #q>, %kt: tensor<?x4x16x?xf32, #kt>, %v: tensor<?x4x?x16xf32, #k4>,
                           %bias: tensor<1x4x?x?xf32, #positions>, %keys: tensor<?x?xi64, #keys>) -> tensor<?x4x?x16xf32, #q> {
    %zero = llm.constant dense<0.0> : tensor<f32>
    %never = llm.constant dense<-3.40282347E+38> : tensor<f32>
    %b = llm.cast %keys : (tensor<?x?xi64, #keys>) -> tensor<?x?xi1, #keys>
    %b4 = llm.reshape %b : (tensor<?x?xi1, #keys>) -> tensor<?x1x1x?xi1, #keys4>
    %mask = llm.where %b4, %zero, %never : (tensor<?x1x1x?xi1, #keys4>, tensor<f32>, tensor<f32>) -> tensor<?x1x1x?xf32, #keys4>
    %s = llm.matmul %q, %kt : (tensor<?x4x?x16xf32, #q>, tensor<?x4x16x?xf32, #kt>) -> tensor<?x4x?x?xf32, #s>
    %s1 = llm.add %s, %bias : (tensor<?x4x?x?xf32, #s>, tensor<1x4x?x?xf32, #positions>) -> tensor<?x4x?x?xf32, #s>
    %s2 = llm.add %s1, %mask : (tensor<?x4x?x?xf32, #s>, tensor<?x1x1x?xf32, #keys4>) -> tensor<?x4x?x?xf32, #s>
    %p = llm.softmax %s2 {axis = 3 : i64} : (tensor<?x4x?x?xf32, #s>) -> tensor<?x4x?x?xf32, #s>
    %o = llm.matmul %p, %v : (tensor<?x4x?x?xf32, #s>, tensor<?x4x?x16xf32, #k4>) -> tensor<?x4x?x16xf32, #q>
    return %o : tensor<?x4x?x16xf32, #q>
  }
  // Scores of f16 that are widened before the softmax: queries widen, caches stay narrow.
  // CHECK-LABEL: @widened
  // CHECK: %[[Q:.*]] = llm.cast {{.*}} -> tensor<1x3x2x4xf32>
  // CHECK: llm.attention %[[Q]], %arg1, %arg2 {{.*}} (tensor<1x3x2x4xf32>, tensor<1x2x5x4xf16>, tensor<1x2x5x4xf16>) -> tensor<1x3x2x4xf32>
  func.func @widened(%q: tensor<1x2x3x4xf16>, %k: tensor<1x2x5x4xf16>, %v: tensor<1x2x5x4xf16>) -> tensor<1x2x3x4xf32> {
    %t = llm.transpose %k {perm = array<i64: 0, 1, 3, 2>} : (tensor<1x2x5x4xf16>) -> tensor<1x2x4x5xf16>
    %0 = llm.matmul %q, %t : (tensor<1x2x3x4xf16>, tensor<1x2x4x5xf16>) -> tensor<1x2x3x5xf16>
    %1 = llm.cast %0 : (tensor<1x2x3x5xf16>) -> tensor<1x2x3x5xf32>
    %2 = llm.softmax %1 {axis = 3 : i64} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
    %3 = llm.cast %v : (tensor<1x2x5x4xf16>) -> tensor<1x2x5x4xf32>
    %4 = llm.matmul %2, %3 : (tensor<1x2x3x5xf32>, tensor<1x2x5x4xf32>) -> tensor<1x2x3x4xf32>
    return %4 : tensor<1x2x3x4xf32>
  }
}
