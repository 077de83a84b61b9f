// SPDX-License-Identifier: Apache-2.0
#include "frontend/onnx/reader/Tensor.h"

#include "frontend/InputError.h"
#include "frontend/onnx/reader/WireReader.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace llmc::onnx {

namespace {

constexpr size_t maxRank = 64;
constexpr uint64_t maxTensorBytes = uint64_t{1} << 62;

/// The typed field that carries an element type, and how many of its numbers a
/// tensor of elements has.
struct Carrier {
  TypedField field;
  uint64_t count;
};

Carrier carrierOf(const ElementTypeInfo &type, uint64_t elements) {
  switch (type.type) {
  case ElementType::Float:
    return {TypedField::Float, elements};
  case ElementType::Complex64:
    return {TypedField::Float, elements * 2};
  case ElementType::Double:
    return {TypedField::Double, elements};
  case ElementType::Complex128:
    return {TypedField::Double, elements * 2};
  case ElementType::Int64:
    return {TypedField::Int64, elements};
  case ElementType::Uint32:
  case ElementType::Uint64:
    return {TypedField::Uint64, elements};
  default:
    // Of 2 and 4 bits: each number carries one packed byte.
    bool isPacked = type.bits < 6;
    return {TypedField::Int32,
            isPacked ? denseBytes(elements, type) : elements};
  }
}

bool isFixedWidth(TypedField field) {
  return field == TypedField::Float || field == TypedField::Double;
}
size_t fixedWidth(TypedField field) {
  return field == TypedField::Float ? 4 : 8;
}

/// How many numbers a chunk holds: every byte without a continuation bit ends a
/// varint, tags included.
uint64_t countNumbers(const TypedChunk &chunk, const std::string &where) {
  if (chunk.tagged) {
    uint64_t count = 0;
    for (WireReader wire(chunk.bytes, chunk.bytes); wire.next(); wire.skip())
      ++count;
    if (isFixedWidth(chunk.field) &&
        chunk.bytes.size() != count * (fixedWidth(chunk.field) + 1))
      throw InputError(where, fmt::format("{} has a tag of more than one byte",
                                          typedFieldName(chunk.field)));
    return count;
  }
  if (isFixedWidth(chunk.field)) {
    size_t width = fixedWidth(chunk.field);
    if (chunk.bytes.size() % width)
      throw InputError(where, fmt::format("{} has {} bytes, no multiple of {}",
                                          typedFieldName(chunk.field),
                                          chunk.bytes.size(), width));
    return chunk.bytes.size() / width;
  }
  if (!chunk.bytes.empty() && (static_cast<uint8_t>(chunk.bytes.back()) & 0x80))
    throw InputError(where, fmt::format("{} ends inside a number",
                                        typedFieldName(chunk.field)));
  return static_cast<uint64_t>(
      std::ranges::count_if(chunk.bytes, [](std::byte octet) {
        return (static_cast<uint8_t>(octet) & 0x80) == 0;
      }));
}

void checkTyped(const TensorProto &tensor, const TensorLayout &layout,
                const std::string &where) {
  Carrier carrier = carrierOf(*layout.type, layout.elements);
  std::string type = describeType(tensor.dataType, tensor.dims);
  uint64_t count = 0;
  for (const TypedChunk &chunk : tensor.typed) {
    if (chunk.field != carrier.field)
      throw InputError(where, fmt::format("{} has data in {}, expected {}",
                                          type, typedFieldName(chunk.field),
                                          typedFieldName(carrier.field)));
    count += countNumbers(chunk, where);
  }
  if (count != carrier.count)
    throw InputError(where, fmt::format("{} needs {} numbers in {}, has {}",
                                        type, carrier.count,
                                        typedFieldName(carrier.field), count));
}

/// Names the fields that hold data; more than one is an error.
void requireOneField(const TensorProto &tensor, const std::string &where) {
  std::vector<const char *> fields;
  if (tensor.isExternal)
    fields.push_back("external data");
  if (tensor.raw && !tensor.raw->empty())
    fields.push_back("raw_data");
  if (!tensor.strings.empty())
    fields.push_back("string_data");
  for (const TypedChunk &chunk : tensor.typed) {
    const char *name = typedFieldName(chunk.field);
    if (!chunk.bytes.empty() &&
        std::find(fields.begin(), fields.end(), name) == fields.end())
      fields.push_back(name);
  }
  if (fields.size() > 1)
    throw InputError(where, fmt::format("has data in two fields, {} and {}",
                                        fields[0], fields[1]));
}

void checkStrings(const TensorProto &tensor, TensorLayout &layout,
                  const std::string &where) {
  std::string type = describeType(tensor.dataType, tensor.dims);
  if (tensor.isExternal || tensor.raw || !tensor.typed.empty())
    throw InputError(where,
                     fmt::format("{} has its data outside string_data", type));
  if (tensor.strings.size() != layout.elements)
    throw InputError(where,
                     fmt::format("{} needs {} strings, has {}", type,
                                 layout.elements, tensor.strings.size()));
  layout.storage = TensorLayout::Storage::Strings;
}

} // namespace

std::string describeTensor(const TensorProto &tensor) {
  return tensor.name.empty() ? "unnamed tensor"
                             : "tensor " + inQuotes(tensor.name);
}

uint64_t countElements(std::span<const int64_t> dims,
                       const std::string &where) {
  if (dims.size() > maxRank)
    throw InputError(where,
                     fmt::format("rank {} exceeds {}", dims.size(), maxRank));
  uint64_t elements = 1;
  bool overflows = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      throw InputError(where,
                       fmt::format("shape has a negative dimension, {}", dim));
    overflows |=
        __builtin_mul_overflow(elements, static_cast<uint64_t>(dim), &elements);
  }
  // A zero anywhere makes the product zero, whatever the order.
  if (std::find(dims.begin(), dims.end(), 0) != dims.end())
    return 0;
  if (overflows || elements > maxTensorBytes / 16)
    throw InputError(
        where, fmt::format("shape overflows: [{}]", fmt::join(dims, ",")));
  return elements;
}

uint64_t denseBytes(uint64_t elements, const ElementTypeInfo &type) {
  return (elements * type.bits + 7) / 8;
}

TensorLayout checkTensor(const TensorProto &tensor, const std::string &where) {
  TensorLayout layout;
  layout.type = findElementType(tensor.dataType);
  if (!layout.type)
    throw InputError(where,
                     fmt::format("element type {} unknown", tensor.dataType));
  layout.elements = countElements(tensor.dims, where);
  layout.bytes = denseBytes(layout.elements, *layout.type);
  if (tensor.hasSegment)
    throw InputError(where, "segmented tensors are not supported", "",
                     ExitCode::Unsupported);
  requireOneField(tensor, where);
  if (layout.type->type == ElementType::String) {
    checkStrings(tensor, layout, where);
    return layout;
  }
  std::string type = describeType(tensor.dataType, tensor.dims);
  if (!tensor.strings.empty())
    throw InputError(where, fmt::format("{} has data in string_data", type));
  bool hasTyped =
      std::any_of(tensor.typed.begin(), tensor.typed.end(),
                  [](const TypedChunk &chunk) { return !chunk.bytes.empty(); });
  if (tensor.isExternal) {
    layout.storage = TensorLayout::Storage::External;
    return layout;
  }
  if (layout.elements == 0) {
    if (hasTyped || (tensor.raw && !tensor.raw->empty()))
      throw InputError(where,
                       fmt::format("{} has no elements, but data", type));
    return layout;
  }
  if (hasTyped) {
    layout.storage = TensorLayout::Storage::Typed;
    checkTyped(tensor, layout, where);
    return layout;
  }
  size_t have = tensor.raw ? tensor.raw->size() : 0;
  if (have != layout.bytes)
    throw InputError(where, fmt::format("{} needs {} bytes, has {}", type,
                                        layout.bytes, have));
  layout.storage = TensorLayout::Storage::Raw;
  return layout;
}

namespace {

/// Numbers of 32 bits or less in int32_data: sign- or zero-extended, as
/// exporters do both.
class NarrowWriter {
public:
  NarrowWriter(std::vector<std::byte> &out, unsigned bits, bool isBool,
               const std::string &where)
      : out(out), where(where), bits(bits), isBool(isBool) {}
  void put(uint64_t raw) {
    // A negative int32 is a varint of ten bytes with the sign in all upper
    // bits.
    auto value = static_cast<int64_t>(raw);
    int64_t most = (int64_t{1} << bits) - 1,
            least = -(int64_t{1} << (bits - 1));
    if (isBool)
      most = 1, least = 0;
    if (value > most || value < least)
      throw InputError(
          where,
          fmt::format("int32_data holds {}, out of the range of {}", value,
                      isBool ? "bool" : fmt::format("{} bits", bits)));
    for (unsigned i = 0; i < bits; i += 8)
      out.push_back(static_cast<std::byte>(raw >> i));
  }

private:
  std::vector<std::byte> &out;
  const std::string &where;
  unsigned bits;
  bool isBool;
};

void decodeFixed(const TypedChunk &chunk, std::vector<std::byte> &out) {
  if (!chunk.tagged) {
    out.insert(out.end(), chunk.bytes.begin(), chunk.bytes.end());
    return;
  }
  size_t width = fixedWidth(chunk.field);
  for (size_t i = 1; i < chunk.bytes.size();
       i += width + 1) // tags of these fields are one byte
    out.insert(out.end(), chunk.bytes.begin() + i,
               chunk.bytes.begin() + i + width);
}

template <typename Put>
void forEachVarint(const TypedChunk &chunk, const std::string &where, Put put) {
  uint64_t value = 0;
  if (chunk.tagged) {
    for (WireReader wire(chunk.bytes, chunk.bytes); wire.next();)
      put(wire.varint(typedFieldName(chunk.field)));
    return;
  }
  PackedVarints numbers(chunk.bytes);
  while (numbers.next(value))
    put(value);
  if (!numbers.valid())
    throw InputError(where, fmt::format("{} holds a varint that is too long",
                                        typedFieldName(chunk.field)));
}

TensorData decodeTyped(const TensorProto &tensor, const TensorLayout &layout,
                       const std::string &where) {
  if (layout.type->bits == 6)
    throw InputError(
        where,
        fmt::format("{} in int32_data is not supported", layout.type->name), "",
        ExitCode::Unsupported);
  std::vector<std::byte> out;
  out.reserve(layout.bytes); // bounded: there is at least one byte in the file
                             // for each number, checked before
  unsigned bits = std::max(layout.type->bits, 8u);
  bool isBool = layout.type->type == ElementType::Bool;
  for (const TypedChunk &chunk : tensor.typed) {
    if (isFixedWidth(chunk.field)) {
      decodeFixed(chunk, out);
      continue;
    }
    NarrowWriter narrow(out, bits, isBool, where);
    forEachVarint(chunk, where, [&](uint64_t value) {
      if (bits < 64 && chunk.field == TypedField::Int32)
        return narrow.put(value);
      if (bits == 32 && value > UINT32_MAX)
        throw InputError(
            where, fmt::format("uint64_data holds {}, out of the range of u32",
                               value));
      for (unsigned i = 0; i < bits; i += 8)
        out.push_back(static_cast<std::byte>(value >> i));
    });
  }
  // countNumbers went by the ends of the varints; overlong ones can differ.
  if (out.size() != layout.bytes)
    throw InputError(where,
                     fmt::format("{} needs {} bytes, its numbers give {}",
                                 describeType(tensor.dataType, tensor.dims),
                                 layout.bytes, out.size()));
  return TensorData(std::move(out));
}

/// Booleans are one byte that is 0 or 1; a kernel may rely on that, whatever
/// the file holds.
TensorData normalizeBools(Bytes bytes) {
  auto isPlain = [](std::byte octet) {
    return static_cast<uint8_t>(octet) <= 1;
  };
  if (std::all_of(bytes.begin(), bytes.end(), isPlain))
    return TensorData(bytes);
  std::vector<std::byte> out(bytes.begin(), bytes.end());
  for (std::byte &octet : out)
    octet = static_cast<std::byte>(octet != std::byte{0});
  return TensorData(std::move(out));
}

} // namespace

TensorData decodeTensor(const TensorProto &tensor, ExternalFiles *external,
                        const std::string &where) {
  TensorLayout layout = checkTensor(tensor, where);
  Bytes view;
  switch (layout.storage) {
  case TensorLayout::Storage::Nothing:
  case TensorLayout::Storage::Strings:
    return {};
  case TensorLayout::Storage::Typed:
    return decodeTyped(tensor, layout, where);
  case TensorLayout::Storage::Raw:
    view = *tensor.raw;
    break;
  case TensorLayout::Storage::External:
    if (!external)
      throw InputError(where, "external data is not allowed here");
    view = external->locate(tensor, layout.bytes, where);
    break;
  }
  return layout.type->type == ElementType::Bool ? normalizeBools(view)
                                                : TensorData(view);
}

} // namespace llmc::onnx
