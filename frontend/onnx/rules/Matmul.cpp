// SPDX-License-Identifier: Apache-2.0
// Matrix products.
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

static void importMatMul(Binder &b) {
  Value x = b.in(0), w = b.in(1);
  if (llm::rankOf(x) > 0 && llm::rankOf(w) > 1) {
    llm::Dim depth = llm::dimsOf(w)[llm::rankOf(w) - 2];
    if (llm::fixedDim(depth)) // then x's rows have that size too
      b.learnEqual(llm::dimsOf(x).back(), depth);
  }
  b.set(0, b.make<llm::MatmulOp>({x, w}));
}

static Value swappedLast(Binder &b, Value x) {
  int64_t rank = llm::rankOf(x);
  if (rank < 2)
    return x;
  SmallVector<int64_t> perm = upTo(rank);
  std::swap(perm[rank - 1], perm[rank - 2]);
  return b.transpose(x, perm);
}

/// alpha * A' B' + beta * C.
static void importGemm(Binder &b) {
  Value x = b.in(0), w = b.in(1);
  if (b.version() < 7 && llm::rankOf(x) > 2)
    b.unsupported("operands of more than two dims are not supported");
  if (llm::rankOf(x) != 2 || llm::rankOf(w) != 2)
    b.fail("needs matrices");
  if (!isa<FloatType>(b.element(0)))
    b.unsupported("integers are not supported");
  if (b.intAttr("transA", 0))
    x = swappedLast(b, x);
  if (b.intAttr("transB", 0))
    w = swappedLast(b, w);
  Value y = scaled(b, b.make<llm::MatmulOp>({x, w}), b.floatAttr("alpha", 1.0));
  double beta = b.floatAttr("beta", 1.0);
  if (b.has(2) && beta != 0.0)
    y = b.make<llm::AddOp>({y, scaled(b, b.in(2), beta)});
  b.set(0, y);
}

static void importFusedMatMul(Binder &b) {
  Value x = b.in(0), w = b.in(1);
  if (b.intAttr("transBatchA", 0) || b.intAttr("transBatchB", 0))
    b.unsupported("transBatchA and transBatchB are not supported");
  if (b.intAttr("transA", 0))
    x = swappedLast(b, x);
  if (b.intAttr("transB", 0))
    w = swappedLast(b, w);
  b.set(0, scaled(b, b.make<llm::MatmulOp>({x, w}), b.floatAttr("alpha", 1.0)));
}

void addMatmulRules(RuleTable &rules) {
  rules.add({"MatMul"}, importMatMul);
  rules.add({"Gemm"}, importGemm);
  rules.add({"Det"}, [](Binder &b) { b.set(0, b.make<llm::DetOp>(b.in(0))); });
  rules.add(kMicrosoft, {"FusedMatMul"}, importFusedMatMul);
}

} // namespace llmc::onnx
