// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/Elements.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {

bool hasLanes(Type element) {
  return element.isF32() || element.isF16() || element.isBF16();
}

std::string laneKey(ArrayRef<Type> elements) {
  std::string key;
  llvm::raw_string_ostream out(key);
  for (Type element : elements)
    if (element)
      out << " " << element;
    else
      out << " f32";
  return key;
}

Value loadLanes(CodeBuilder &k, Type element, int64_t count, Value mask,
                Value base, Value index, int64_t offset) {
  Type stored = k.vec(count, memoryType(element));
  return fromMemory(k, k.maskedLoad(stored, mask, base, index, offset),
                    element);
}

void storeLanes(CodeBuilder &k, Value value, Type element, Value mask,
                Value base, Value index, int64_t offset) {
  k.maskedStore(toMemory(k, value, element), mask, base, index, offset);
}

Value laneAddress(CodeBuilder &k, Type element, Value base, Value index,
                  int64_t offset) {
  return k.address(base, memoryType(element), index, offset);
}

} // namespace llmc
