// SPDX-License-Identifier: Apache-2.0
// Tensors' encodings: what is refused, and what the accepted ones decode to.
#include "frontend/onnx/reader/Tensor.h"
#include "test/unit/frontend/Harness.h"

#include <cstring>

using namespace llmc;
using namespace llmc::test;
using Catch::Contains;

namespace {

std::string zeros(size_t count) { return std::string(count, '\0'); }

std::string errorOfTensor(const Msg &proto) {
  Msg constant = Msg().text(1, "value").message(5, proto).number(20, 4);
  std::string inAttribute = errorIn(chain(
      {node("Relu", {"x"}, {"y"}), node("Constant", {}, {"c"}, {constant})}));
  std::string asInitializer =
      errorIn(chain({node("Relu", {"x"}, {"y"})}, {proto}));
  // The same message wherever the tensor is.
  CHECK(inAttribute.empty() == asInitializer.empty());
  if (!asInitializer.empty())
    CHECK_THAT(inAttribute, Catch::EndsWith(asInitializer.substr(
                                asInitializer.find(": ") + 2)));
  return asInitializer;
}

/// The decoded bytes of a tensor message.
std::string decoded(const Msg &proto) {
  onnx::Bytes bytes = onnx::asBytes(proto.bytes);
  onnx::TensorProto parsed = onnx::parseTensor(bytes, bytes);
  onnx::TensorData data = onnx::decodeTensor(parsed, nullptr);
  return std::string(onnx::asText(data.bytes()));
}

Msg typed(int dataType, std::initializer_list<int64_t> dims) {
  Msg out;
  for (int64_t dim : dims)
    out.number(1, dim);
  return out.number(2, dataType).text(8, "w");
}

/// int32_data, packed.
Msg int32s(int dataType, std::initializer_list<int64_t> dims,
           std::initializer_list<int64_t> numbers) {
  Msg block;
  for (int64_t number : numbers)
    block.varint(static_cast<uint64_t>(number));
  return typed(dataType, dims).message(5, block);
}

} // namespace

TEST_CASE("raw data of another size") {
  CHECK(errorOfTensor(tensor("w", 1, {2, 3}, zeros(20))) ==
        "tensor 'w': f32[2,3] needs 24 bytes, has 20");
  CHECK(errorOfTensor(tensor("w", 1, {2, 3}, zeros(28))) ==
        "tensor 'w': f32[2,3] needs 24 bytes, has 28");
  CHECK(errorOfTensor(typed(1, {2, 3})) ==
        "tensor 'w': f32[2,3] needs 24 bytes, has 0");
  CHECK(errorOfTensor(tensor("w", 1, {}, zeros(24))) ==
        "tensor 'w': f32[] needs 4 bytes, has 24");
  CHECK(errorOfTensor(tensor("w", 22, {3}, zeros(3))) ==
        "tensor 'w': i4[3] needs 2 bytes, has 3");
  CHECK(errorOfTensor(tensor("w", 22, {3}, zeros(2))) == "");
}

TEST_CASE("typed fields of another size, kind or number") {
  CHECK(errorOfTensor(int32s(6, {3}, {1, 2})) ==
        "tensor 'w': i32[3] needs 3 numbers in int32_data, has 2");
  CHECK(errorOfTensor(int32s(1, {3}, {1, 2, 3})) ==
        "tensor 'w': f32[3] has data in int32_data, expected float_data");
  CHECK(errorOfTensor(typed(1, {2}).text(4, zeros(7))) ==
        "tensor 'w': float_data has 7 bytes, no multiple of 4");
  CHECK(errorOfTensor(int32s(6, {1}, {1}).text(9, zeros(4))) ==
        "tensor 'w': has data in two fields, raw_data and int32_data");
  CHECK(errorOfTensor(int32s(21, {3}, {1})) ==
        "tensor 'w': u4[3] needs 2 numbers in int32_data, has 1");
  CHECK(errorOfTensor(typed(6, {1}).text(5, "\x80")) ==
        "tensor 'w': int32_data ends inside a number");
  CHECK(errorOfTensor(typed(1, {1}).text(6, "a")) ==
        "tensor 'w': f32[1] has data in string_data");
  CHECK(errorOfTensor(tensor("w", 8, {1}, "a")) ==
        "tensor 'w': string[1] has its data outside string_data");
  CHECK(errorOfTensor(typed(8, {2}).text(6, "a")) ==
        "tensor 'w': string[2] needs 2 strings, has 1");
  CHECK(errorOfTensor(typed(1, {1}).message(3, Msg())) ==
        "tensor 'w': segmented tensors are not supported");
}

TEST_CASE("numbers out of their type's range") {
  CHECK_THROWS_WITH(
      decoded(int32s(2, {1}, {256})),
      Contains("int32_data holds 256, out of the range of 8 bits"));
  CHECK_THROWS_WITH(decoded(int32s(3, {1}, {-129})),
                    Contains("int32_data holds -129"));
  CHECK_THROWS_WITH(decoded(int32s(9, {1}, {2})),
                    Contains("int32_data holds 2, out of the range of bool"));
}

TEST_CASE("shapes out of range") {
  int64_t large = int64_t{1} << 40;
  CHECK(errorOfTensor(tensor("w", 1, {-2, 3}, zeros(24))) ==
        "tensor 'w': shape has a negative dimension, -2");
  CHECK(errorOfTensor(tensor("w", 1, {large, large}, zeros(4))) ==
        "tensor 'w': shape overflows: [1099511627776,1099511627776]");
  CHECK_THAT(errorOfTensor(tensor("w", 1, {int64_t{1} << 62}, zeros(4))),
             Contains("shape overflows"));
  Msg deep;
  for (int i = 0; i < 1000; ++i)
    deep.number(1, 1);
  CHECK(errorOfTensor(deep.number(2, 1).text(8, "w").text(9, zeros(4))) ==
        "tensor 'w': rank 1000 exceeds 64");
}

TEST_CASE("a huge tensor with little data is refused before memory is taken") {
  CHECK(errorOfTensor(tensor("w", 1, {int64_t{1} << 40}, zeros(4))) ==
        "tensor 'w': f32[1099511627776] needs 4398046511104 bytes, has 4");
  CHECK_THAT(errorOfTensor(int32s(6, {int64_t{1} << 40}, {1})),
             Contains("needs 1099511627776 numbers"));
}

TEST_CASE("no elements") {
  CHECK(errorOfTensor(tensor("w", 1, {2, 0}, zeros(4))) ==
        "tensor 'w': f32[2,0] has no elements, but data");
  CHECK(errorOfTensor(typed(1, {0, 3})) == "");
  int64_t large = int64_t{1} << 40;
  CHECK(errorOfTensor(typed(1, {large, large, 0})) == "");
}

TEST_CASE("unknown element types") {
  CHECK(errorOfTensor(tensor("w", 0, {1}, zeros(4))) ==
        "tensor 'w': element type 0 unknown");
  CHECK(errorOfTensor(tensor("w", 99, {1}, zeros(4))) ==
        "tensor 'w': element type 99 unknown");
  CHECK_THAT(errorOfTensor(tensor("w", -1, {1}, zeros(4))),
             Contains("element type -1 unknown"));
}

TEST_CASE("typed fields decode to dense bytes") {
  CHECK(decoded(int32s(10, {2}, {0x3c00, 0xc000})) ==
        std::string("\x00\x3c\x00\xc0", 4));
  CHECK(decoded(int32s(16, {1}, {0x3f80})) == std::string("\x80\x3f", 2));
  CHECK(decoded(int32s(17, {2}, {0x38, 0xb8})) == "\x38\xb8");
  CHECK(decoded(int32s(3, {3}, {-1, 127, 0xff})) ==
        std::string("\xff\x7f\xff", 3));
  CHECK(decoded(int32s(5, {1}, {-2})) == std::string("\xfe\xff", 2));
  CHECK(decoded(int32s(6, {1}, {-2})) == std::string("\xfe\xff\xff\xff", 4));
  CHECK(decoded(int32s(9, {2}, {1, 0})) == std::string("\x01\x00", 2));
  CHECK(decoded(int32s(22, {3}, {0x21, 0x03})) == "\x21\x03");
  CHECK(decoded(typed(7, {1}).message(7, Msg().varint(uint64_t(-1)))) ==
        std::string(8, '\xff'));
  CHECK(decoded(typed(12, {1}).message(11, Msg().varint(7))) ==
        std::string("\x07\0\0\0", 4));
  CHECK(decoded(typed(1, {1}).text(4, std::string("\0\0\x80\x3f", 4))) ==
        std::string("\0\0\x80\x3f", 4));
}

TEST_CASE("elements that are not packed decode as well") {
  CHECK(decoded(typed(6, {2}).number(5, 1).number(5, -1)) ==
        std::string("\x01\0\0\0\xff\xff\xff\xff", 8));
  std::string one("\0\0\x80\x3f", 4);
  CHECK(decoded(typed(1, {2}).raw("\x25" + one).raw("\x25" + one)) ==
        one + one);
}

TEST_CASE("raw data is a view, and booleans are 0 or 1") {
  Msg proto = tensor("w", 1, {1}, "abcd");
  onnx::Bytes bytes = onnx::asBytes(proto.bytes);
  onnx::TensorProto parsed = onnx::parseTensor(bytes, bytes);
  onnx::TensorData data = onnx::decodeTensor(parsed, nullptr);
  CHECK_FALSE(data.isDecoded());
  CHECK(data.bytes().data() == parsed.raw->data());
  CHECK(decoded(tensor("w", 9, {3}, std::string("\x00\x01\x07", 3))) ==
        std::string("\x00\x01\x01", 3));
}

namespace {
/// A sparse [2,3] of floats with indices and values.
Msg sparse(std::initializer_list<int64_t> indices,
           std::initializer_list<int64_t> shape,
           std::initializer_list<int64_t> dims = {2, 3}) {
  std::string places, values;
  for (int64_t index : indices)
    places.append(reinterpret_cast<const char *>(&index), sizeof index);
  auto count = *shape.begin();
  for (int64_t i = 0; i < count; ++i)
    values += std::string("\0\0\x80\x3f", 4);
  Msg out = Msg()
                .message(1, tensor("s", 1, {count}, values))
                .message(2, tensor("", 7, shape, places));
  for (int64_t dim : dims)
    out.number(3, dim);
  return out;
}

std::string errorOfSparse(const Msg &tensor) {
  return errorIn(chain({node("Add", {"x", "s"}, {"y"})}).message(15, tensor));
}
} // namespace

TEST_CASE("sparse tensors") {
  CHECK(errorOfSparse(sparse({0, 5}, {2})) == "");
  CHECK(errorOfSparse(sparse({0, 0, 1, 2}, {2, 2})) == "");
  CHECK(errorOfSparse(sparse({0, 6}, {2})) ==
        "tensor 's': sparse index 6 is out of range [0, 6)");
  CHECK(errorOfSparse(sparse({0, -1}, {2})) ==
        "tensor 's': sparse index -1 is out of range [0, 6)");
  CHECK(errorOfSparse(sparse({3, 2}, {2})) ==
        "tensor 's': sparse indices are not in ascending order at value 1");
  CHECK_THAT(errorOfSparse(sparse({0, 0, 0}, {1, 3})),
             Contains("sparse indices are i64[1,3], expected [1] or [1,2]"));
  CHECK_THAT(errorOfSparse(sparse({0}, {1}, {-2, 3})),
             Contains("negative dimension"));
  CHECK_THAT(errorOfSparse(sparse({0, 1, 2}, {3}, {2})),
             Contains("3 sparse values for 2 places"));
  CHECK_THAT(errorOfSparse(sparse({0}, {1}, {int64_t{1} << 38})),
             Contains("when dense"));
  Msg message = sparse({1, 4}, {2});
  Msg holder = chain({node("Add", {"x", "s"}, {"y"})}).message(15, message);
  std::string bytes = model(holder).bytes;
  onnx::ModelProto parsed = onnx::parseModel(onnx::asBytes(bytes));
  onnx::TensorData dense =
      onnx::decodeSparse(parsed.graph->sparseInitializers[0], nullptr, "s");
  float values[6];
  REQUIRE(dense.bytes().size() == sizeof values);
  std::memcpy(values, dense.bytes().data(), sizeof values);
  CHECK(values[0] == 0);
  CHECK(values[1] == 1);
  CHECK(values[4] == 1);
}
