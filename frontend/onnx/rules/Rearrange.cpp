// SPDX-License-Identifier: Apache-2.0
// Ops that only move elements, composed of views and gathers.
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

static int64_t blockSize(Binder &b) {
  int64_t block = b.requiredInt("blocksize");
  if (block <= 0)
    b.fail("a blocksize of " + Twine(block));
  if (b.rank(0) != 4)
    b.fail("needs [N, C, H, W]");
  return block;
}

static llm::Dim divided(Binder &b, llm::Dim size, int64_t by) {
  auto fixed = llm::fixedDim(size);
  if (fixed && *fixed % by != 0)
    b.fail("the size " + Twine(*fixed) + " is no multiple of " + Twine(by));
  return llm::simplified(size.floorDiv(by));
}

/// Channels become blocks of height and width: the block's place is the slower
/// part of the channel (DCR) or the faster one (CRD).
static void importDepthToSpace(Binder &b) {
  int64_t n = blockSize(b);
  llm::Dims d = b.dims(0);
  llm::Dim block = b.constantDim(n), depth = divided(b, d[1], n * n);
  StringRef mode = b.stringAttr("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    b.fail("mode is neither DCR nor CRD");
  Value x = b.in(0), blocks;
  if (mode == "DCR")
    blocks = b.transpose(b.reshape(x, {d[0], block, block, depth, d[2], d[3]}),
                         {0, 3, 4, 1, 5, 2});
  else
    blocks = b.transpose(b.reshape(x, {d[0], depth, block, block, d[2], d[3]}),
                         {0, 1, 4, 2, 5, 3});
  b.set(0, b.reshape(blocks, {d[0], depth, llm::simplified(d[2] * n),
                              llm::simplified(d[3] * n)}));
}

static void importSpaceToDepth(Binder &b) {
  int64_t n = blockSize(b);
  llm::Dims d = b.dims(0);
  llm::Dim block = b.constantDim(n), height = divided(b, d[2], n),
           width = divided(b, d[3], n);
  StringRef mode = b.stringAttr("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    b.fail("mode is neither DCR nor CRD");
  Value blocks = b.reshape(b.in(0), {d[0], d[1], height, block, width, block});
  SmallVector<int64_t> perm = {0, 3, 5, 1, 2, 4};
  if (mode == "CRD")
    perm = {0, 1, 3, 5, 2, 4};
  b.set(0, b.reshape(b.transpose(blocks, perm),
                     {d[0], llm::simplified(d[1] * (n * n)), height, width}));
}

/// The first `sequence_lens` elements of each row backwards, the rest as it is.
static void importReverseSequence(Binder &b) {
  int64_t rank = b.rank(0), time = b.intAttr("time_axis", 0),
          batch = b.intAttr("batch_axis", 1);
  if (rank < 2 || std::min(time, batch) != 0 || std::max(time, batch) != 1)
    b.fail("needs 0 and 1 as time_axis and batch_axis");
  SmallVector<int64_t> perm = upTo(rank);
  std::swap(perm[0], perm[1]);
  Value x = b.in(0);
  if (time == 0)
    x = b.transpose(x, perm); // [batch, time, ...]
  llm::Dims dims = llm::dimsOf(x);
  Type whole = b.builder.getI64Type();
  Value step = countAlong(b, dims[1], 1, 2, whole);
  Value length = b.cast(b.reshape(b.in(1), {dims[0], b.constantDim(1)}), whole);
  Value mirrored = sub(b, add(b, length, -1.0), step);
  Value from = where(b, less(b, step, length), mirrored, step);
  Value out = b.make<llm::GatherRowsOp>({x, from}, b.named("axis", 1));
  b.set(0, time == 0 ? b.transpose(out, perm) : out);
}

/// Ones where column = row + k.
static void importEyeLike(Binder &b) {
  if (b.rank(0) != 2)
    b.fail("needs a matrix");
  llm::Dims dims = b.dims(0);
  Type whole = b.builder.getI64Type(), element = b.element(0);
  if (auto type = b.intAttr("dtype"))
    element = mlirType(b.ctx, static_cast<int32_t>(*type));
  if (!element)
    b.unsupported("this dtype is not supported");
  double k = static_cast<double>(b.intAttr("k", 0));
  Value row = countAlong(b, dims[0], 0, 2, whole),
        column = countAlong(b, dims[1], 1, 2, whole);
  b.set(0, b.cast(equal(b, add(b, row, k), column), element));
}

static void importBitCast(Binder &b) {
  Type element = mlirType(b.ctx, static_cast<int32_t>(b.requiredInt("to")));
  if (!element)
    b.unsupported("this element type is not supported");
  auto bits = [](Type t) {
    return t.isInteger(1) ? 8 : t.getIntOrFloatBitWidth();
  };
  Value x = b.in(0);
  if (bits(element) != bits(b.element(0)))
    b.fail("to an element type of another width");
  if (element == b.element(0))
    return b.set(0, b.entry(0));
  b.set(0, b.makeAs<llm::BitcastOp>(llm::withElement(x.getType(), element), x));
}

/// Columns of the last axis; a vector counts as one row.
static void importFeatures(Binder &b) {
  int64_t rank = b.rank(0);
  if (rank < 1)
    b.fail("needs a tensor of rank 1 or more");
  llm::Dim count = llm::productOf(b.ctx, b.dims(1));
  Value out = b.make<llm::GatherOp>({b.in(0), b.reshape(b.in(1), {count})},
                                    b.named("axis", rank - 1));
  b.set(0, rank == 1 ? b.reshape(out, {b.constantDim(1), count}) : out);
}

void addRearrangeRules(RuleTable &rules) {
  rules.add({"DepthToSpace"}, importDepthToSpace);
  rules.add({"SpaceToDepth"}, importSpaceToDepth);
  rules.add({"ReverseSequence"}, importReverseSequence);
  rules.add({"EyeLike"}, importEyeLike);
  rules.add({"BitCast"}, importBitCast);
  rules.add("ai.onnx.ml", {"ArrayFeatureExtractor"}, importFeatures);
}

} // namespace llmc::onnx
