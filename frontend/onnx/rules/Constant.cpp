// SPDX-License-Identifier: Apache-2.0
// Constants, and ops that pass a value on.
#include "frontend/onnx/Rule.h"
#include "frontend/onnx/SmallTensor.h"

using namespace mlir;

namespace llmc::onnx {

/// One of the attributes value, value_int(s), value_float(s), sparse_value.
static void importConstant(Binder &b) {
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(b.attr("value")))
    return b.set(0, storedEntry(b.constant(dense)));
  if (auto recipe = dyn_cast_or_null<llm::RecipeAttr>(b.attr("value")))
    return b.set(0, llm::WeightOp::create(b.builder, b.loc, recipe));
  auto ints = [&](ArrayRef<int64_t> values, Shape shape) {
    auto type = RankedTensorType::get(shape, b.builder.getI64Type());
    b.set(0, storedEntry(b.constant(denseInts(type, values))));
  };
  auto floats = [&](ArrayRef<double> values, Shape shape) {
    auto type = RankedTensorType::get(shape, b.builder.getF32Type());
    b.set(0, storedEntry(b.constant(denseFloats(type, values))));
  };
  if (auto i = b.intAttr("value_int"))
    return ints(*i, {});
  if (auto i = b.intsAttr("value_ints"))
    return ints(*i, {static_cast<int64_t>(i->size())});
  if (auto f = b.floatAttr("value_float"))
    return floats(*f, {});
  if (auto f = dyn_cast_or_null<DenseF32ArrayAttr>(b.attr("value_floats"))) {
    SmallVector<double> values(f.asArrayRef());
    return floats(values, {f.size()});
  }
  b.unsupported("a constant of this kind is not supported");
}

static void importIdentity(Binder &b) { b.set(0, b.entry(0)); }

/// Inference: the input, and a mask that is true everywhere.
static void importDropout(Binder &b) {
  if (b.has(2)) {
    auto training = b.fixedInts(2);
    if (!training || training->size() != 1 || (*training)[0] != 0)
      b.unsupported("training mode is not supported");
  }
  b.set(0, b.entry(0));
  if (!b.isUsed(1))
    return;
  Type boolean = b.builder.getI1Type();
  Value yes = b.constant(denseInts(RankedTensorType::get({}, boolean), 1));
  b.set(1, b.expand(yes, b.dims(0)));
}

static void importConstantOfShape(Binder &b) {
  llm::Dims shape = b.sizesOf(0, "size", {.least = 0});
  auto value = dyn_cast_or_null<DenseElementsAttr>(b.attr("value"));
  if (value && value.getNumElements() != 1)
    b.fail("attribute value needs one element");
  Value scalar = value ? b.constant(value.reshape(
                             RankedTensorType::get({}, value.getElementType())))
                       : b.scalarFloat(b.builder.getF32Type(), 0.0);
  for (llm::Dim d : shape)
    if (b.sizes.isNegative(d))
      b.fail("a negative size");
  b.set(0, b.expand(scalar, shape));
}

void addConstantRules(RuleTable &rules) {
  rules.add({"Constant"}, importConstant);
  rules.add({"Identity"}, importIdentity);
  rules.add({"Dropout"}, importDropout);
  rules.add({"ConstantOfShape"}, importConstantOfShape);
  // Always known: evaluated on contents.
  rules.add({"Shape", "Size"}, [](Binder &b) { b.fail("needs a tensor"); });
}

} // namespace llmc::onnx
