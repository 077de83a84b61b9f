// SPDX-License-Identifier: Apache-2.0
// Builds ONNX files for the tests, sound and broken ones: protobuf's wire
// format and a few shapes of models. Field numbers are ONNX's.
#ifndef LLMC_TEST_UNIT_FRONTEND_WIRE_H
#define LLMC_TEST_UNIT_FRONTEND_WIRE_H

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace llmc::test {

/// One message under construction; converts to its bytes.
class Msg {
public:
  Msg &varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      bytes += static_cast<char>(value | 0x80);
    bytes += static_cast<char>(value);
    return *this;
  }
  Msg &number(uint32_t field, int64_t value) {
    return varint(field << 3).varint(static_cast<uint64_t>(value));
  }
  Msg &text(uint32_t field, std::string_view value) {
    varint(field << 3 | 2).varint(value.size());
    bytes += value;
    return *this;
  }
  Msg &message(uint32_t field, const Msg &inner) {
    return text(field, inner.bytes);
  }
  Msg &raw(std::string_view value) {
    bytes += value;
    return *this;
  }
  std::string bytes;
};

inline Msg tensor(std::string_view name, int dataType,
                  std::initializer_list<int64_t> dims,
                  std::string_view rawData) {
  Msg out;
  for (int64_t dim : dims)
    out.number(1, dim);
  out.number(2, dataType).text(8, name);
  if (rawData.data())
    out.text(9, rawData);
  return out;
}

inline Msg shape(std::initializer_list<int64_t> dims) {
  Msg out;
  for (int64_t dim : dims)
    out.message(1, Msg().number(1, dim));
  return out;
}

/// A ValueInfo of a tensor type.
inline Msg value(std::string_view name, int elemType = 1,
                 std::initializer_list<int64_t> dims = {2, 3}) {
  Msg type = Msg().number(1, elemType).message(2, shape(dims));
  return Msg().text(1, name).message(2, Msg().message(1, type));
}

inline Msg intAttribute(std::string_view name, int64_t value) {
  return Msg().text(1, name).number(3, value).number(20, 2);
}

inline Msg graphAttribute(std::string_view name, const Msg &graph) {
  return Msg().text(1, name).message(6, graph).number(20, 5);
}

inline Msg node(std::string_view op,
                std::initializer_list<std::string_view> inputs,
                std::initializer_list<std::string_view> outputs,
                std::initializer_list<Msg> attributes = {},
                std::string_view name = "n", std::string_view domain = "") {
  Msg out;
  for (std::string_view input : inputs)
    out.text(1, input);
  for (std::string_view output : outputs)
    out.text(2, output);
  out.text(3, name).text(4, op);
  for (const Msg &attribute : attributes)
    out.message(5, attribute);
  if (!domain.empty())
    out.text(7, domain);
  return out;
}

inline Msg graph(std::initializer_list<Msg> nodes,
                 std::initializer_list<Msg> inputs,
                 std::initializer_list<Msg> outputs,
                 std::initializer_list<Msg> initializers = {}) {
  Msg out;
  for (const Msg &item : nodes)
    out.message(1, item);
  for (const Msg &item : initializers)
    out.message(5, item);
  for (const Msg &item : inputs)
    out.message(11, item);
  for (const Msg &item : outputs)
    out.message(12, item);
  return out;
}

inline Msg opset(std::string_view domain, int64_t version) {
  return Msg().text(1, domain).number(2, version);
}

inline Msg model(const Msg &graph, int64_t version = 21, int64_t ir = 10) {
  return Msg().number(1, ir).message(7, graph).message(8, opset("", version));
}

/// x [2,3] -> the nodes -> y.
inline Msg chain(std::initializer_list<Msg> nodes,
                 std::initializer_list<Msg> initializers = {}) {
  return graph(nodes, {value("x")}, {value("y")}, initializers);
}

} // namespace llmc::test

#endif // LLMC_TEST_UNIT_FRONTEND_WIRE_H
