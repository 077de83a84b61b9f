// SPDX-License-Identifier: Apache-2.0
// RUN: %opt %s --verify-diagnostics
module {
  func.func @pack_rows_c1(%x: tensor<2x64xf32>) -> tensor<2x36xui8> {
    // expected-error @+2 {{packs rows of 32 numbers}}
    // expected-error @+1 {{failed to infer returned types}}
    %0 = llm.pack_rows %x {rows = #llm.packed_rows<bits = 8, block = 32, size = 32>} : (tensor<2x64xf32>) -> tensor<2x36xui8>
    return %0 : tensor<2x36xui8>
  }
}

// -----

module {
  func.func @unpack_rows_c1(%x: tensor<2x36xui8>) -> tensor<2x64xf32> {
    // expected-error @+1 {{unpacks rows of 68 bytes to 64 numbers}}
    %0 = llm.unpack_rows %x {rows = #llm.packed_rows<bits = 8, block = 32, size = 64>} : (tensor<2x36xui8>) -> tensor<2x64xf32>
    return %0 : tensor<2x64xf32>
  }
}

// -----

module {
  func.func @packed_rows_c1(%x: tensor<2x32xf32>) {
    // expected-error @+1 {{packs numbers to 8 or 4 bits, not 3}}
    %0 = llm.pack_rows %x {rows = #llm.packed_rows<bits = 3, block = 32, size = 32>} : (tensor<2x32xf32>) -> tensor<2x16xui8>
    return
  }
}

// -----

module {
  func.func @packed_rows_c2(%x: tensor<2x32xf32>) {
    // expected-error @+1 {{needs rows of some numbers, in blocks of whole 32}}
    %0 = llm.pack_rows %x {rows = #llm.packed_rows<bits = 8, block = 48, size = 32>} : (tensor<2x32xf32>) -> tensor<2x36xui8>
    return
  }
}

// -----

module {
  func.func @attention_c4(%q: tensor<1x1x1x32xf32>, %k: tensor<1x1x4x20xui8>) -> tensor<1x1x1x32xf32> {
    // expected-error @+1 {{needs keys and values of floats, or packed rows}}
    %0 = llm.attention %q, %k, %k {offset = affine_map<() -> (0)>, scale = 1.0 : f64}
      : (tensor<1x1x1x32xf32>, tensor<1x1x4x20xui8>, tensor<1x1x4x20xui8>) -> tensor<1x1x1x32xf32>
    return %0 : tensor<1x1x1x32xf32>
  }
}
