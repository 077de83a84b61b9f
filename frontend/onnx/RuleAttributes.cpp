// SPDX-License-Identifier: Apache-2.0
// A node's attributes, as rules ask for them.
#include "frontend/onnx/Rule.h"

using namespace mlir;

namespace llmc::onnx {

Attribute Binder::attr(StringRef name) { return node.getParams().get(name); }

std::optional<int64_t> Binder::intAttr(StringRef name) {
  Attribute a = attr(name);
  if (!a)
    return std::nullopt;
  if (auto i = dyn_cast<IntegerAttr>(a))
    return i.getInt();
  fail("attribute " + name + " is not an integer");
}
int64_t Binder::intAttr(StringRef name, int64_t otherwise) {
  return intAttr(name).value_or(otherwise);
}
int64_t Binder::requiredInt(StringRef name) {
  if (auto i = intAttr(name))
    return *i;
  fail("attribute " + name + " is missing");
}
std::optional<double> Binder::floatAttr(StringRef name) {
  Attribute a = attr(name);
  if (!a)
    return std::nullopt;
  if (auto f = dyn_cast<FloatAttr>(a))
    return f.getValueAsDouble();
  fail("attribute " + name + " is not a float");
}
double Binder::floatAttr(StringRef name, double otherwise) {
  // ONNX's attributes are f32, and so are their defaults.
  return floatAttr(name).value_or(static_cast<float>(otherwise));
}
StringRef Binder::stringAttr(StringRef name, StringRef otherwise) {
  Attribute a = attr(name);
  if (!a)
    return otherwise;
  if (auto s = dyn_cast<StringAttr>(a))
    return s.getValue();
  fail("attribute " + name + " is not a string");
}
std::optional<llm::Dims> Binder::sizesAttr(StringRef name) {
  auto list = intsAttr(name);
  if (!list)
    return std::nullopt;
  llm::Dims sizes;
  for (int64_t v : *list)
    sizes.push_back(constantDim(v));
  return sizes;
}

std::optional<SmallVector<int64_t>> Binder::intsAttr(StringRef name) {
  Attribute a = attr(name);
  if (!a)
    return std::nullopt;
  if (auto i = dyn_cast<DenseI64ArrayAttr>(a))
    return SmallVector<int64_t>(i.asArrayRef());
  fail("attribute " + name + " is not a list of integers");
}

int64_t Binder::axis(int64_t value, int64_t rank) {
  int64_t out = value < 0 ? value + rank : value;
  if (out < 0 || out >= rank)
    fail("axis " + Twine(value) + " is outside rank " + Twine(rank));
  return out;
}
int64_t Binder::axisAttr(StringRef name, int64_t otherwise, int64_t rank) {
  return axis(intAttr(name, otherwise), rank);
}

} // namespace llmc::onnx
