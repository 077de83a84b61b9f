// SPDX-License-Identifier: Apache-2.0
#include "passes/match/Match.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::match {

static std::optional<double> numberOf(Attribute a) {
  if (auto f = dyn_cast<FloatAttr>(a))
    return f.getValueAsDouble();
  auto i = dyn_cast<IntegerAttr>(a);
  if (!i)
    return std::nullopt;
  if (i.getType().isInteger(1) || i.getType().isUnsignedInteger())
    return static_cast<double>(i.getValue().getZExtValue());
  return static_cast<double>(i.getValue().getSExtValue());
}

std::optional<double> splatOf(Value v) {
  // What widens a constant or copies it keeps its one value.
  for (Operation *op = v.getDefiningOp(); op; op = v.getDefiningOp()) {
    if (!isa<ExpandOp, ReshapeOp, TransposeOp>(op))
      break;
    v = op->getOperand(0);
  }
  auto constant = v.getDefiningOp<ConstantOp>();
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue())
                        : DenseElementsAttr();
  if (!dense || dense.getNumElements() == 0)
    return std::nullopt;
  if (dense.isSplat())
    return numberOf(dense.getSplatValue<Attribute>());
  std::optional<double> first = numberOf(*dense.value_begin<Attribute>());
  for (Attribute a : dense.getValues<Attribute>())
    if (numberOf(a) != first)
      return std::nullopt;
  return first;
}

bool isSplat(Value v, double wanted, double tolerance) {
  std::optional<double> c = splatOf(v);
  return c && std::abs(*c - wanted) <= tolerance * std::abs(wanted);
}

Value withSplat(Operation *op, double &constant) {
  if (!op || op->getNumOperands() != 2 || op->getNumResults() != 1)
    return {};
  for (int side : {1, 0}) {
    std::optional<double> c = splatOf(op->getOperand(side));
    Value other = op->getOperand(1 - side);
    if (!c || !isa<RankedTensorType>(other.getType()) ||
        dimsOf(other) != dimsOf(op->getResult(0)))
      continue;
    constant = *c;
    return other;
  }
  return {};
}

Value peelScale(Value v, double &factor) {
  while (Operation *op = v.getDefiningOp()) {
    double c = 0;
    Value x;
    if (isa<MulOp>(op) && (x = withSplat(op, c)))
      factor *= c;
    else if (isa<DivOp>(op) && (x = withSplat(op, c)) &&
             x == op->getOperand(0) && c != 0)
      factor /= c;
    else if (isa<NegOp>(op) && (x = op->getOperand(0)))
      factor = -factor;
    else
      break;
    v = x;
  }
  return v;
}

Value peelFloatCasts(Value v) {
  auto isReal = [](Value x) { // below 16 bits a conversion is a quantization
    return isa<FloatType>(elementOf(x)) &&
           elementOf(x).getIntOrFloatBitWidth() >= 16;
  };
  while (auto cast = v.getDefiningOp<CastOp>()) {
    if (!isReal(cast.getX()) || !isReal(v))
      break;
    v = cast.getX();
  }
  return v;
}

static void flatten(Value v, Value stop, Product &out) {
  Operation *op = v == stop ? nullptr : v.getDefiningOp();
  double c = 0;
  if (op && isa<MulOp>(op)) {
    if (Value x = withSplat(op, c)) {
      out.constant *= c;
      return flatten(x, stop, out);
    }
    if (dimsOf(op->getOperand(0)) == dimsOf(v) &&
        dimsOf(op->getOperand(1)) == dimsOf(v)) {
      flatten(op->getOperand(0), stop, out);
      return flatten(op->getOperand(1), stop, out);
    }
  }
  if (op && isa<DivOp>(op))
    if (Value x = withSplat(op, c); x && x == op->getOperand(0) && c != 0) {
      out.constant /= c;
      return flatten(x, stop, out);
    }
  out.factors.push_back(v);
}

Product productOf(Value v, Value stop) {
  Product out;
  flatten(v, stop, out);
  return out;
}

bool sameDims(Value a, Value b) { return dimsOf(a) == dimsOf(b); }

bool broadcastsTo(Value x, ArrayRef<Dim> result) {
  Dims dims = dimsOf(x);
  if (dims.size() > result.size())
    return false;
  for (auto [d, r] : llvm::zip(dims, result.take_back(dims.size())))
    if (d != r && fixedDim(d) != 1)
      return false;
  return true;
}

bool isPerColumn(Value v) {
  Dims dims = dimsOf(v);
  return !dims.empty() && fixedDim(dims.back()) &&
         llvm::all_of(ArrayRef(dims).drop_back(),
                      [](Dim d) { return fixedDim(d) == 1; });
}

Value asWeight(OpBuilder &b, Value v, ArrayRef<int64_t> dims) {
  RecipeAttr recipe = recipeOf(v);
  if (!recipe)
    return {};
  recipe = reshapeRecipe(recipe, dims);
  if (auto w = v.getDefiningOp<WeightOp>(); w && w.getRecipe() == recipe)
    return v;
  return WeightOp::create(b, v.getLoc(), recipe);
}

Value reshapeTo(OpBuilder &b, Location loc, Value v, ArrayRef<Dim> dims) {
  if (ArrayRef<Dim>(dimsOf(v)) == dims)
    return v;
  return ReshapeOp::create(b, loc,
                           tensorType(b.getContext(), dims, elementOf(v)), v);
}

Value transposeBy(OpBuilder &b, Location loc, Value v, ArrayRef<int64_t> perm) {
  if (llvm::equal(perm, llvm::seq<int64_t>(perm.size())))
    return v;
  if (auto t = v.getDefiningOp<TransposeOp>()) {
    SmallVector<int64_t> whole;
    for (int64_t p : perm)
      whole.push_back(t.getPerm()[p]);
    return transposeBy(b, loc, t.getX(), whole);
  }
  return TransposeOp::create(b, loc, v, perm);
}

std::optional<Part> partOf(SliceOp slice, int64_t axis) {
  Dims from = dimsOf(slice.getX()), to = dimsOf(slice);
  auto starts = slice.getStarts().getResults();
  for (size_t i = 0; i < from.size(); ++i) {
    bool whole = from[i] == to[i] && fixedDim(starts[i]) == 0;
    if (slice.getSteps()[i] != 1 || (static_cast<int64_t>(i) != axis && !whole))
      return std::nullopt;
  }
  auto start = fixedDim(starts[axis]), size = fixedDim(to[axis]);
  if (!start || !size)
    return std::nullopt;
  return Part{*start, *size};
}

Value sliceOf(OpBuilder &b, Location loc, Value x, int64_t axis, Dim start,
              Dim size) {
  MLIRContext *ctx = b.getContext();
  Dims dims = dimsOf(x), starts(dims.size(), constantDim(ctx, 0));
  dims[axis] = size, starts[axis] = start;
  return SliceOp::create(b, loc, tensorType(ctx, dims, elementOf(x)), x,
                         dimsMap(ctx, starts),
                         SmallVector<int64_t>(dims.size(), 1));
}

void missed(Operation *op, StringRef pass, const Twine &why) {
  remark::missed(op->getLoc(), remark::RemarkOpts::name(pass).category("llmc"))
      << why.str();
}

} // namespace llmc::match
