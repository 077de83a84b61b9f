// SPDX-License-Identifier: Apache-2.0
// Elements below a byte at the border of an entry: ONNX packs them, low bits
// first, and inside a program each has a byte of its own.
#pragma once

#include "codegen/lowering/EntryLowering.h"

namespace llmc {

/// Launches the conversion between a dense tensor's packed bytes and its
/// elements, both given with the tensor's sizes.
void unpack(EntryLowering &, const MemTensor &packed, const MemTensor &to);
void pack(EntryLowering &, const MemTensor &from, const MemTensor &packed);

} // namespace llmc
