// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes are, they become a module of the llm dialect or an
// InputError: the importer, the rules of all operators and the shape
// arithmetic.
#include "frontend/onnx/Importer.h"
#include "mlir/IR/MLIRContext.h"
#include "test/fuzz/MemoryFile.h"

#include <cstdint>

using namespace llmc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  test::MemoryFile file(
      std::span(reinterpret_cast<const std::byte *>(data), size));
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Remarks remarks;
  try {
    onnx::importToLLM(&context, file.path(), remarks);
  } catch (const InputError &) {
  }
  return 0;
}
