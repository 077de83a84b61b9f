// SPDX-License-Identifier: Apache-2.0
// From TensorProto's many encodings to dense little-endian bytes of the element
// type. Raw and external data stay where they are in the file (at any
// alignment); typed fields are decoded. Used by the importer and for test
// vectors.
#ifndef LLMC_FRONTEND_ONNX_READER_TENSOR_H
#define LLMC_FRONTEND_ONNX_READER_TENSOR_H

#include "frontend/onnx/reader/ElementType.h"
#include "frontend/onnx/reader/ExternalData.h"

namespace llmc::onnx {

/// Where a checked tensor's data is and how much there is of it.
struct TensorLayout {
  enum class Storage : uint8_t { Nothing, Raw, External, Typed, Strings };
  const ElementTypeInfo *type = nullptr;
  uint64_t elements = 0;
  uint64_t bytes =
      0; // dense; sub-byte elements packed, the last byte padded; 0 for strings
  Storage storage = Storage::Nothing;
};

/// Checks type, shape and the amount of data without reading external files or
/// allocating. where names the tensor (describeTensor). Throws InputError.
TensorLayout checkTensor(const TensorProto &tensor, const std::string &where);

/// `tensor 'w'`, or `unnamed tensor`.
std::string describeTensor(const TensorProto &tensor);

/// The number of elements of a shape and the bytes they take; throws `shape
/// overflows` and the like.
uint64_t countElements(std::span<const int64_t> dims, const std::string &where);
uint64_t denseBytes(uint64_t elements, const ElementTypeInfo &type);

/// Dense bytes: a view into the file, or an own buffer. Movable; the view holds
/// as long as this object and the files.
class TensorData {
public:
  TensorData() = default;
  explicit TensorData(Bytes view) : view(view) {}
  explicit TensorData(std::vector<std::byte> decoded)
      : owned(std::move(decoded)), view(owned) {}
  TensorData(TensorData &&) noexcept = default;
  TensorData &operator=(TensorData &&) noexcept = default;

  Bytes bytes() const { return view; }
  /// False: the bytes lie in the model's or in an external file.
  bool isDecoded() const { return !owned.empty(); }

private:
  std::vector<std::byte> owned;
  Bytes view;
};

/// Checks and decodes. external may be null where external data is not allowed.
/// Sub-byte elements stay packed, first element in the low bits; booleans are 0
/// or 1. Strings have no bytes: they are tensor.strings.
TensorData decodeTensor(const TensorProto &tensor, ExternalFiles *external,
                        const std::string &where);
inline TensorData decodeTensor(const TensorProto &tensor,
                               ExternalFiles *external) {
  return decodeTensor(tensor, external, describeTensor(tensor));
}

/// A sparse tensor as a dense one. Throws InputError on indices out of order,
/// range or shape.
TensorData decodeSparse(const SparseTensorProto &tensor,
                        ExternalFiles *external, const std::string &where);
/// Checks types and shapes without reading the indices or allocating.
TensorLayout checkSparse(const SparseTensorProto &tensor,
                         const std::string &where);
/// Checks everything, without making the dense tensor.
void checkSparseIndices(const SparseTensorProto &tensor,
                        ExternalFiles *external, const std::string &where);

} // namespace llmc::onnx

#endif // LLMC_FRONTEND_ONNX_READER_TENSOR_H
