// SPDX-License-Identifier: Apache-2.0
#include "passes/match/Substitute.h"

#include "ir/llm/Dialect.h"
#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;
using namespace llmc::llm;

namespace llmc::match {

static Dim replaced(Dim e, ArrayRef<AffineExpr> symbols) {
  return simplified(e.replaceSymbols(symbols));
}

/// What every symbol of the module becomes: itself, the given expression, or
/// for a derived one the same derivation of what its operands become. Rows only
/// refer to earlier rows.
static SmallVector<AffineExpr>
allSymbols(ModuleOp module, const llvm::DenseMap<unsigned, Dim> &given) {
  MLIRContext *ctx = module.getContext();
  Symbols symbols(module);
  SmallVector<AffineExpr> out;
  unsigned count = symbols.size();
  for (unsigned i = 0; i < count; ++i)
    out.push_back(getAffineSymbolExpr(i, ctx));
  for (auto [i, e] : given)
    out[i] = e;
  for (unsigned i = 0; i < count; ++i) {
    Dims of = symbols.operands(i), now;
    if (given.contains(i))
      continue;
    for (Dim d : of)
      now.push_back(replaced(d, out));
    if (now != of)
      out[i] = symbols.derived(symbols.kind(i), now);
  }
  return out;
}

void substituteSymbols(Operation *root, ModuleOp module,
                       const llvm::DenseMap<unsigned, Dim> &given) {
  SmallVector<AffineExpr> symbols = allSymbols(module, given);
  MLIRContext *ctx = module.getContext();
  AttrTypeReplacer replacer;
  auto mapOf = [&](AffineMap map) {
    Dims dims;
    for (AffineExpr e : map.getResults())
      dims.push_back(replaced(e, symbols));
    return dimsMap(ctx, dims);
  };
  replacer.addReplacement([&](AffineMapAttr a) {
    return std::make_pair(Attribute(AffineMapAttr::get(mapOf(a.getValue()))),
                          WalkResult::skip());
  });
  replacer.addReplacement(
      [&](RankedTensorType t) -> std::pair<Type, WalkResult> {
        auto map = dyn_cast_or_null<AffineMapAttr>(t.getEncoding());
        if (!map)
          return {t, WalkResult::skip()};
        return {tensorType(ctx, mapOf(map.getValue()).getResults(),
                           t.getElementType()),
                WalkResult::skip()};
      });
  // The table of symbols keeps its own expressions: rows stay what they are.
  Attribute table = module->getAttr("llm.symbols");
  replacer.recursivelyReplaceElementsIn(root, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
  if (root == module.getOperation())
    module->setAttr("llm.symbols", table);
}

} // namespace llmc::match
