// SPDX-License-Identifier: Apache-2.0
// The symbols of a module, and expressions of them as text.
#include "ir/llm/Shape.h"

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace llmc::llm {

static constexpr llvm::StringLiteral kSymbols = "llm.symbols";

static ArrayAttr rows(ModuleOp module) {
  if (auto a = module->getAttrOfType<ArrayAttr>(kSymbols))
    return a;
  return ArrayAttr::get(module.getContext(), {});
}

unsigned Symbols::size() const { return rows(module).size(); }
Attribute Symbols::row(unsigned i) const { return rows(module)[i]; }

unsigned Symbols::append(Attribute row) {
  SmallVector<Attribute> all(rows(module).getValue());
  all.push_back(row);
  module->setAttr(kSymbols, ArrayAttr::get(module.getContext(), all));
  return all.size() - 1;
}

Dim Symbols::named(StringRef name) {
  for (auto [i, row] : llvm::enumerate(rows(module)))
    if (auto s = dyn_cast<StringAttr>(row); s && s.getValue() == name)
      return getAffineSymbolExpr(i, module.getContext());
  return getAffineSymbolExpr(append(StringAttr::get(module.getContext(), name)),
                             module.getContext());
}

bool Symbols::isName(StringRef name) const {
  for (unsigned i = 0; i < size(); ++i)
    if (operands(i).empty() && this->name(i) == name)
      return true;
  return false;
}

std::string Symbols::unusedName(StringRef hint) const {
  std::string name = hint.str();
  for (unsigned i = 1; isName(name); ++i)
    name = hint.str() + "_" + std::to_string(i);
  return name;
}

Dim Symbols::fresh(StringRef hint) { return named(unusedName(hint)); }

Dim Symbols::data(StringRef hint, const DataRange &range) {
  Builder b(module.getContext());
  SmallVector<NamedAttribute> row = {
      b.getNamedAttr("kind", b.getStringAttr("data")),
      b.getNamedAttr("name", b.getStringAttr(unusedName(hint)))};
  if (range.least)
    row.push_back(b.getNamedAttr("least", b.getI64IntegerAttr(*range.least)));
  if (range.most)
    row.push_back(b.getNamedAttr("most", b.getI64IntegerAttr(*range.most)));
  if (range.nonZero)
    row.push_back(b.getNamedAttr("nonzero", b.getUnitAttr()));
  return getAffineSymbolExpr(append(b.getDictionaryAttr(row)),
                             module.getContext());
}

StringRef Symbols::kind(unsigned i) const {
  auto d = dyn_cast<DictionaryAttr>(row(i));
  return d ? d.getAs<StringAttr>("kind").getValue() : StringRef("input");
}

Dims Symbols::operands(unsigned i) const {
  auto d = dyn_cast<DictionaryAttr>(row(i));
  auto of = d ? d.getAs<AffineMapAttr>("of") : AffineMapAttr();
  return of ? Dims(of.getValue().getResults()) : Dims();
}

DataRange rangeOf(Attribute row) {
  auto d = cast<DictionaryAttr>(row);
  DataRange range;
  if (auto a = d.getAs<IntegerAttr>("least"))
    range.least = a.getInt();
  if (auto a = d.getAs<IntegerAttr>("most"))
    range.most = a.getInt();
  range.nonZero = bool(d.get("nonzero"));
  return range;
}

bool Symbols::followsFromInputs(Dim e) const {
  SmallVector<bool> follows;
  auto all = [&](Dim d) {
    bool known = true;
    d.walk([&](AffineExpr x) {
      if (auto s = dyn_cast<AffineSymbolExpr>(x))
        known &= follows[s.getPosition()];
    });
    return known;
  };
  for (unsigned i = 0; i < size(); ++i)
    follows.push_back(kind(i) != "data" && llvm::all_of(operands(i), all));
  return all(e);
}

/// What a derivation is where its operands say so; null where it stays open.
static Dim decided(StringRef kind, ArrayRef<Dim> of) {
  if (kind == "select") {
    if (of[1] == of[2])
      return of[1];
    if (auto c = fixedDim(of[0]))
      return *c ? of[1] : of[2];
    return {};
  }
  auto difference = fixedDim(simplified(of[0] - of[1]));
  MLIRContext *ctx = of[0].getContext();
  if (kind == "less" || kind == "equal") {
    if (!difference)
      return {};
    return constantDim(ctx,
                       kind == "less" ? *difference < 0 : *difference == 0);
  }
  if (of[0] == of[1])
    return of[0];
  if (kind == "broadcast" && fixedDim(of[0]) == 1)
    return of[1];
  if (kind == "broadcast" && fixedDim(of[1]) == 1)
    return of[0];
  if (difference && kind == "min")
    return *difference < 0 ? of[0] : of[1];
  if (difference && kind == "max")
    return *difference < 0 ? of[1] : of[0];
  return {};
}

Dim Symbols::derived(StringRef kind, ArrayRef<Dim> operands) {
  Dims of;
  for (Dim d : operands)
    of.push_back(simplified(d));
  if (Dim known = decided(kind, of))
    return known;
  MLIRContext *ctx = module.getContext();
  Builder builder(ctx);
  Attribute row = builder.getDictionaryAttr(
      {builder.getNamedAttr("kind", builder.getStringAttr(kind)),
       builder.getNamedAttr("of", dimsAttr(ctx, of))});
  for (auto [i, r] : llvm::enumerate(rows(module)))
    if (r == row)
      return getAffineSymbolExpr(i, ctx);
  return getAffineSymbolExpr(append(row), ctx);
}

std::string Symbols::name(unsigned i) const {
  if (auto s = dyn_cast<StringAttr>(row(i)))
    return s.str();
  if (auto s = cast<DictionaryAttr>(row(i)).getAs<StringAttr>("name"))
    return s.str();
  std::string text = kind(i).str();
  for (auto [k, d] : llvm::enumerate(operands(i)))
    text += (k ? ", " : "(") + print(d);
  return text + ")";
}

std::string Symbols::print(Dim e) const {
  if (auto c = fixedDim(e))
    return std::to_string(*c);
  if (auto s = dyn_cast<AffineSymbolExpr>(e))
    return s.getPosition() < size() ? name(s.getPosition())
                                    : "s" + std::to_string(s.getPosition());
  auto binary = cast<AffineBinaryOpExpr>(e);
  auto paren = [&](Dim d) {
    return isa<AffineBinaryOpExpr>(d) ? "(" + print(d) + ")" : print(d);
  };
  switch (e.getKind()) {
  case AffineExprKind::Add:
    if (auto c = fixedDim(binary.getRHS()); c && *c < 0)
      return print(binary.getLHS()) + " - " + std::to_string(-*c);
    return print(binary.getLHS()) + " + " + print(binary.getRHS());
  case AffineExprKind::Mul:
    return paren(binary.getLHS()) + " * " + paren(binary.getRHS());
  case AffineExprKind::FloorDiv:
    return paren(binary.getLHS()) + " / " + paren(binary.getRHS());
  case AffineExprKind::CeilDiv:
    return paren(binary.getLHS()) + " ceildiv " + paren(binary.getRHS());
  default:
    return paren(binary.getLHS()) + " mod " + paren(binary.getRHS());
  }
}

} // namespace llmc::llm
