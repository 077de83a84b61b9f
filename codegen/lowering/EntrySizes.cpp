// SPDX-License-Identifier: Apache-2.0
// Sizes of one entry: symbols become values of the host program, once each.
#include "codegen/lowering/EntryLowering.h"

using namespace mlir;

namespace llmc {

void EntryLowering::bindSymbol(unsigned symbol, Value value) {
  if (symbolValues.size() <= symbol)
    symbolValues.resize(symbol + 1);
  symbolValues[symbol] = value;
}

bool EntryLowering::isKnownAtStart(llm::Dim dim) {
  bool known = true;
  dim.walk([&](AffineExpr e) {
    if (auto s = dyn_cast<AffineSymbolExpr>(e))
      known &= s.getPosition() < knownAtStart.size() &&
               knownAtStart[s.getPosition()];
  });
  return known;
}

EntryLowering::SizeScope::SizeScope(EntryLowering &e)
    : lowering(e), sizeValues(e.sizeValues), symbolValues(e.symbolValues),
      checked(e.checked) {}

EntryLowering::SizeScope::~SizeScope() {
  lowering.sizeValues = std::move(sizeValues);
  lowering.symbolValues = std::move(symbolValues);
  lowering.checked = std::move(checked);
}

/// What inputs or data have bound, or a derived symbol, computed here.
Value EntryLowering::symbolValue(unsigned symbol) {
  if (symbol < symbolValues.size() && symbolValues[symbol])
    return symbolValues[symbol];
  llm::Dims of = symbols.operands(symbol);
  if (of.empty()) {
    current->emitError("uses the size ")
        << symbols.name(symbol) << " before it is known";
    broken = true;
    return code->ci(0);
  }
  SmallVector<Value> x;
  for (llm::Dim d : of)
    x.push_back(size(d));
  StringRef kind = symbols.kind(symbol);
  Value v;
  if (kind == "min") {
    v = code->min(x[0], x[1]);
  } else if (kind == "max") {
    v = code->max(x[0], x[1]);
  } else if (kind == "less") {
    v = code->select(code->lt(x[0], x[1]), code->ci(1), code->ci(0));
  } else if (kind == "equal") {
    v = code->select(code->eq(x[0], x[1]), code->ci(1), code->ci(0));
  } else if (kind == "select") {
    v = code->select(code->eq(x[0], code->ci(0)), x[2], x[1]);
  } else {
    assert(kind == "broadcast" && "a kind of symbol that has no lowering");
    Value one = code->ci(1);
    Value differ = code->cmp(CmpI::ne, x[0], x[1]),
          both = code->bitAnd(code->cmp(CmpI::ne, x[0], one),
                              code->cmp(CmpI::ne, x[1], one));
    failIf(code->bitAnd(differ, both), LLMC_FAIL_SHAPE, x[0], x[1]);
    v = code->select(code->eq(x[0], one), x[1], x[0]);
  }
  bindSymbol(symbol, v);
  return v;
}

Value EntryLowering::size(llm::Dim dim) {
  if (auto known = sizeValues.find(dim); known != sizeValues.end())
    return known->second;
  Value v;
  if (auto c = llm::fixedDim(dim))
    return code->ci(*c);
  if (auto s = dyn_cast<AffineSymbolExpr>(dim))
    return symbolValue(s.getPosition());
  auto binary = cast<AffineBinaryOpExpr>(dim);
  Value a = size(binary.getLHS()), b = size(binary.getRHS());
  bool divides = dim.getKind() != AffineExprKind::Add &&
                 dim.getKind() != AffineExprKind::Mul;
  if (divides && !llm::fixedDim(binary.getRHS()))
    b = code->max(b, code->ci(1)); // a size of 0 divides 0 only
  switch (dim.getKind()) {
  case AffineExprKind::Add:
    v = code->add(a, b);
    break;
  case AffineExprKind::Mul:
    v = code->mul(a, b);
    break;
  case AffineExprKind::CeilDiv:
    v = code->divSize(code->sub(code->add(a, b), 1), b);
    break;
  case AffineExprKind::FloorDiv:
    v = code->divSize(a, b);
    break;
  default:
    v = code->remSize(a, b);
  }
  sizeValues[dim] = v;
  return v;
}

Value EntryLowering::product(ArrayRef<Value> values) {
  Value p = code->ci(1);
  for (Value v : values)
    p = code->mul(p, v);
  return p;
}

bool EntryLowering::isBound(llm::Dim dim) {
  bool bound = true;
  dim.walk([&](AffineExpr e) {
    if (auto s = dyn_cast<AffineSymbolExpr>(e))
      bound &= s.getPosition() < symbolValues.size() &&
               symbolValues[s.getPosition()];
  });
  return bound;
}

/// Computes the min, max and broadcast symbols whose operands inputs give:
/// here, so that they dominate everything.
void EntryLowering::bindDerived() {
  for (unsigned i = 0; i < symbols.size(); ++i) {
    llm::Dims of = symbols.operands(i);
    // A body that does not run must not fail the call.
    if (symbols.kind(i) == "broadcast" && !sharedSymbols.contains(i))
      continue;
    if (!of.empty() &&
        llvm::all_of(of, [&](AffineExpr e) { return isBound(e); }))
      size(getAffineSymbolExpr(i, entry.getContext()));
  }
  for (Value v : symbolValues)
    knownAtStart.push_back(bool(v));
}

Value EntryLowering::sizeAsDouble(llm::Dim dim) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(dim);
  if (!binary || (dim.getKind() != AffineExprKind::Add &&
                  dim.getKind() != AffineExprKind::Mul))
    return code->convert(size(dim), code->f64());
  Value a = sizeAsDouble(binary.getLHS()), b = sizeAsDouble(binary.getRHS());
  return dim.getKind() == AffineExprKind::Add ? code->add(a, b)
                                              : code->mul(a, b);
}

void EntryLowering::failIfTooLarge(llm::Dim bytes) {
  failIf(code->lt(code->constant(code->f64(), 0x1p60), sizeAsDouble(bytes)),
         LLMC_FAIL_OVERFLOW);
}

void EntryLowering::checkSizes(Type type) {
  llm::Dims dims = llm::dimsOf(type);
  if (llvm::all_of(dims, [&](llm::Dim d) { return isKnownAtStart(d); }) ||
      !checked.insert(type.getAsOpaquePointer()).second)
    return;
  for (llm::Dim d : dims) {
    if (isKnownAtStart(d) || !checked.insert(d.getAsOpaquePointer()).second)
      continue;
    auto s = dyn_cast<AffineSymbolExpr>(d);
    if (s && symbols.kind(s.getPosition()) == "data" &&
        symbols.range(s.getPosition()).least.value_or(-1) >= 0)
      continue;
    Value v = size(d);
    failIf(code->lt(v, code->ci(0)), LLMC_FAIL_VALUE, v, code->ci(0),
           code->ci(INT64_MAX));
  }
  failIfTooLarge(bytesOf(type));
}

} // namespace llmc
