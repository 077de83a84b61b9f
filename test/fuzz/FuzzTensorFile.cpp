// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes are, a tensor file is read or refused with an InputError:
// .npy, .npz and .pb of
// every kind.
#include "frontend/InputError.h"
#include "frontend/tensorfile/Npy.h"
#include "frontend/tensorfile/Value.h"
#include "test/fuzz/MemoryFile.h"

#include <cstdint>

using namespace llmc;
using namespace llmc::test;

template <typename Read> static void attempt(Read read) {
  try {
    read();
  } catch (const InputError &) {
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::span bytes(reinterpret_cast<const std::byte *>(data), size);
  MemoryFile file(bytes);
  attempt([&] { parseNpy(bytes, ""); });
  attempt([&] { loadNpz(file.path()); });
  for (ValueKind kind : {ValueKind::Tensor, ValueKind::Sequence,
                         ValueKind::Optional, ValueKind::OptionalSequence})
    attempt([&] { loadValuePb(file.path(), {.name = "", .kind = kind}); });
  return 0;
}
