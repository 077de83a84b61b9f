// SPDX-License-Identifier: Apache-2.0
// Sparse tensors (values and their places in coordinate form) as dense ones.
#include "frontend/InputError.h"
#include "frontend/onnx/reader/Tensor.h"

#include <cstring>
#include <fmt/format.h>

namespace llmc::onnx {

namespace {
/// A dense copy is made in memory, so a small file must not ask for much.
constexpr uint64_t maxDenseBytes = uint64_t{4} << 30;

uint64_t countValues(const SparseTensorProto &tensor,
                     const std::string &where) {
  if (tensor.values.dims.size() != 1)
    throw InputError(where,
                     fmt::format("sparse values have rank {}, expected 1",
                                 tensor.values.dims.size()));
  return static_cast<uint64_t>(tensor.values.dims[0]);
}

/// Place of value i in the dense tensor.
class Places {
public:
  Places(const SparseTensorProto &tensor, Bytes indices,
         const std::string &where)
      : dims(tensor.dims), indices(indices), where(where),
        isLinear(tensor.indices.dims.size() == 1) {}

  uint64_t place(uint64_t value, uint64_t elements) const {
    if (isLinear)
      return checked(number(value), elements);
    uint64_t place = 0;
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      auto dim = static_cast<uint64_t>(dims[axis]);
      place = place * dim + checked(number(value * dims.size() + axis), dim);
    }
    return place;
  }

private:
  int64_t number(uint64_t i) const {
    int64_t out = 0;
    std::memcpy(&out, indices.data() + i * sizeof out, sizeof out);
    return out;
  }
  uint64_t checked(int64_t index, uint64_t limit) const {
    if (index < 0 || static_cast<uint64_t>(index) >= limit)
      throw InputError(
          where,
          fmt::format("sparse index {} is out of range [0, {})", index, limit));
    return static_cast<uint64_t>(index);
  }

  std::span<const int64_t> dims;
  Bytes indices;
  const std::string &where;
  bool isLinear;
};
} // namespace

TensorLayout checkSparse(const SparseTensorProto &tensor,
                         const std::string &where) {
  TensorLayout values = checkTensor(tensor.values, where + " values");
  uint64_t count = countValues(tensor, where);
  checkTensor(tensor.indices, where + " indices");
  if (tensor.indices.dataType != static_cast<int32_t>(ElementType::Int64))
    throw InputError(where,
                     fmt::format("sparse indices are {}, expected i64",
                                 elementTypeName(tensor.indices.dataType)));
  if (tensor.dims.empty())
    throw InputError(where, "a sparse tensor has no dims");
  TensorLayout dense;
  dense.type = values.type;
  dense.elements = countElements(tensor.dims, where);
  dense.bytes = denseBytes(dense.elements, *dense.type);
  const std::vector<int64_t> &shape = tensor.indices.dims;
  auto rank = static_cast<int64_t>(tensor.dims.size());
  bool fits = !shape.empty() && static_cast<uint64_t>(shape[0]) == count &&
              (shape.size() == 1 || (shape.size() == 2 && shape[1] == rank));
  if (!fits)
    throw InputError(
        where, fmt::format("sparse indices are {}, expected [{}] or [{},{}]",
                           describeType(tensor.indices.dataType, shape), count,
                           count, rank));
  if (count > dense.elements)
    throw InputError(where, fmt::format("{} sparse values for {} places", count,
                                        dense.elements));
  if (dense.type->bits < 8)
    throw InputError(
        where,
        fmt::format("sparse tensors of {} are not supported", dense.type->name),
        "", ExitCode::Unsupported);
  if (dense.bytes > maxDenseBytes)
    throw InputError(
        where,
        fmt::format("the sparse tensor takes {} bytes when dense, more than {}",
                    dense.bytes, maxDenseBytes),
        "", ExitCode::Unsupported);
  return dense;
}

namespace {

/// Calls visit(value, place) for all values, in order.
template <typename Visit>
void forEachPlace(const SparseTensorProto &tensor, Bytes indices,
                  const TensorLayout &dense, const std::string &where,
                  Visit visit) {
  Places places(tensor, indices, where);
  uint64_t before = 0;
  for (uint64_t i = 0, count = countValues(tensor, where); i < count; ++i) {
    uint64_t place = places.place(i, dense.elements);
    if (i > 0 && place <= before)
      throw InputError(
          where,
          fmt::format("sparse indices are not in ascending order at value {}",
                      i));
    before = place;
    visit(i, place);
  }
}

} // namespace

void checkSparseIndices(const SparseTensorProto &tensor,
                        ExternalFiles *external, const std::string &where) {
  TensorLayout dense = checkSparse(tensor, where);
  TensorData indices =
      decodeTensor(tensor.indices, external, where + " indices");
  forEachPlace(tensor, indices.bytes(), dense, where,
               [](uint64_t, uint64_t) {});
}

TensorData decodeSparse(const SparseTensorProto &tensor,
                        ExternalFiles *external, const std::string &where) {
  TensorLayout dense = checkSparse(tensor, where);
  TensorData values = decodeTensor(tensor.values, external, where + " values");
  TensorData indices =
      decodeTensor(tensor.indices, external, where + " indices");
  std::vector<std::byte> out(dense.bytes);
  size_t width = dense.type->bits / 8;
  forEachPlace(tensor, indices.bytes(), dense, where,
               [&](uint64_t value, uint64_t place) {
                 std::memcpy(out.data() + place * width,
                             values.bytes().data() + value * width, width);
               });
  return TensorData(std::move(out));
}

} // namespace llmc::onnx
