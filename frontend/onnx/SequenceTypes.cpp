// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/SequenceTypes.h"

#include "frontend/onnx/ElementTypes.h"

using namespace mlir;

namespace llmc::onnx {

const TypeProto *itemType(const TypeProto &type) {
  const TypeProto *inner = &type;
  if (inner->kind == TypeProto::Kind::Optional && inner->element)
    inner = inner->element.get();
  if (inner->kind == TypeProto::Kind::Sequence && inner->element)
    inner = inner->element.get();
  return inner->kind == TypeProto::Kind::Tensor ? inner : nullptr;
}

llm::SequenceType sequenceType(MLIRContext *ctx, const TypeProto &type) {
  const TypeProto *item = itemType(type);
  if (!item || item == &type)
    return {};
  Type element = mlirType(ctx, item->elemType);
  if (!element)
    return {};
  auto kind =
      type.kind != TypeProto::Kind::Optional ? llm::SequenceKind::Sequence
      : type.element.get() == item           ? llm::SequenceKind::Optional
                                   : llm::SequenceKind::OptionalSequence;
  int64_t rank = item->shape ? static_cast<int64_t>(item->shape->size())
                             : llm::SequenceType::kAnyRank;
  return llm::SequenceType::get(ctx, element, rank, kind);
}

bool isPacked(Type element) {
  return !element.isInteger(1) && element.getIntOrFloatBitWidth() < 8;
}

ValueKind valueKindOf(llm::SequenceKind kind) {
  switch (kind) {
  case llm::SequenceKind::Sequence:
    return ValueKind::Sequence;
  case llm::SequenceKind::Optional:
    return ValueKind::Optional;
  case llm::SequenceKind::OptionalSequence:
    return ValueKind::OptionalSequence;
  }
  llvm_unreachable("all kinds are listed");
}

bool isOptional(Type type) {
  auto sequence = dyn_cast<llm::SequenceType>(type);
  return sequence && sequence.isOptional();
}

llm::SequenceType optionalType(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return llm::SequenceType::get(type.getContext(), tensor.getElementType(),
                                  tensor.getRank(),
                                  llm::SequenceKind::Optional);
  auto sequence = cast<llm::SequenceType>(type);
  return sequence.isOptional()
             ? sequence
             : sequence.withKind(llm::SequenceKind::OptionalSequence);
}

Value asOptional(OpBuilder &builder, Location loc, Value value) {
  if (isOptional(value.getType()))
    return value;
  return llm::OptionalOp::create(builder, loc, optionalType(value.getType()),
                                 value);
}

} // namespace llmc::onnx
