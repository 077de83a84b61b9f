// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/SlidingWindow.h"

using namespace mlir;

namespace llmc {

namespace {
/// One bin of one region.
class RegionBin {
public:
  RegionBin(PlainBody &b, llm::RoiAlignOp op, ArrayRef<Value> index,
            Value image)
      : b(b), k(b.k), op(op), index(index), image(image),
        type(computeType(b.element(0))) {
    for (int64_t i = 0; i < 2; ++i) { // y, x
      start[i] = corner(1 - i);
      size[i] = k.sub(corner(3 - i), start[i]);
      if (!op.getHalfPixel()) // malformed regions are one pixel
        size[i] = k.maximum(size[i], f(1));
      bin[i] = k.div(size[i], k.convert(b.dim(3, 2 + i), type));
      samples[i] = op.getSamples() ? k.ci(op.getSamples())
                                   : k.convert(k.ceil(bin[i]), k.i64());
      samples[i] = k.max(samples[i], k.ci(0));
    }
  }

  void emit() {
    bool maximum = op.getMaximum();
    Value none = f(maximum ? -INFINITY : 0);
    KernelRange rows{k.ci(0), samples[0]}, columns{k.ci(0), samples[1]};
    Value y = nestRanges(k, {rows, columns}, {none},
                         [&](Values &at, ValueRange carried) -> Values {
                           Value v = sample(at);
                           return {maximum ? k.maximum(carried[0], v)
                                           : k.add(carried[0], v)};
                         })[0];
    Value count = k.mul(samples[0], samples[1]);
    if (maximum)
      y = k.select(k.eq(count, k.ci(0)), f(0), y);
    else
      y = k.div(y, k.convert(k.max(count, k.ci(1)), type));
    b.store(y, 3, index);
  }

private:
  Value f(double v) { return k.constant(type, v); }
  Value corner(int64_t i) {
    Value v = k.convert(b.load(1, {index[0], k.ci(i)}), type);
    v = k.mul(v, f(op.getScale().convertToDouble()));
    return op.getHalfPixel() ? k.sub(v, f(0.5)) : v;
  }

  /// One sample: the neighbours' mix, or of a maximum the largest part of it.
  Value sample(const Values &step) {
    Value inside = k.constantInt(k.i1(), 1), low[2], high[2], part[2];
    for (int64_t i = 0; i < 2; ++i) {
      Value at = k.add(start[i], k.mul(k.convert(index[2 + i], type), bin[i]));
      Value within =
          k.div(k.mul(k.add(k.convert(step[i], type), f(0.5)), bin[i]),
                k.convert(samples[i], type));
      at = k.add(at, within);
      Value count = b.dim(0, 2 + i), last = k.sub(count, 1);
      inside = k.bitAnd(inside, k.cmp(CmpF::OGE, at, f(-1)));
      inside = k.bitAnd(inside, k.cmp(CmpF::OLE, at, k.convert(count, type)));
      at = k.maximum(at, f(0));
      low[i] = k.max(k.min(k.convert(at, k.i64()), last), k.ci(0));
      high[i] = k.max(k.min(k.add(low[i], 1), last), k.ci(0));
      part[i] = k.select(k.cmp(CmpI::sge, low[i], last), f(0),
                         k.sub(at, k.convert(low[i], type)));
    }
    Value sum;
    for (int64_t dy = 0; dy < 2; ++dy)
      for (int64_t dx = 0; dx < 2; ++dx) {
        Value w = k.mul(dy ? part[0] : k.sub(f(1), part[0]),
                        dx ? part[1] : k.sub(f(1), part[1]));
        Value v = b.load(
            0, {image, index[1], dy ? high[0] : low[0], dx ? high[1] : low[1]});
        v = k.mul(w, k.convert(v, type));
        sum = !sum ? v : op.getMaximum() ? k.maximum(sum, v) : k.add(sum, v);
      }
    return k.select(inside, sum, f(0));
  }

  PlainBody &b;
  CodeBuilder &k;
  llm::RoiAlignOp op;
  ArrayRef<Value> index;
  Value image;
  Type type;
  Value start[2], size[2], bin[2], samples[2];
};

/// Non-maximum suppression: class by class, best score first.
class BoxChooser {
public:
  BoxChooser(PlainBody &b, llm::NonMaxSuppressionOp op)
      : b(b), k(b.k), op(op), n(b.dim(Boxes, 1)) {}
  enum : unsigned { Boxes, Scores, Limit, Overlap, Chosen, Count, Used, Least };

  void emit() {
    Value total =
        k.forLoop(k.ci(0), b.dim(Scores, 0), k.ci(1), {k.ci(0)},
                  [&](Value i, ValueRange c) -> Values {
                    return k.forLoop(k.ci(0), b.dim(Scores, 1), k.ci(1), c,
                                     [&](Value j, ValueRange c) -> Values {
                                       image = i, label = j;
                                       return {classBoxes(c[0])};
                                     });
                  })[0];
    b.store(total, Count, {});
  }

private:
  /// Chooses among one class's boxes; rows from `first` on are its.
  Value classBoxes(Value first) {
    k.forLoop(n,
              [&](Value i) { b.store(k.constantInt(k.i8(), 0), Used, {i}); });
    Value limit = b.load(Limit, {});
    return k.forLoop(
        k.ci(0), n, k.ci(1), {first}, [&](Value, ValueRange c) -> Values {
          Value open = k.lt(k.sub(c[0], first), limit);
          return k.ifElse(
              open, [&]() -> Values { return {next(first, c[0])}; },
              [&]() -> Values { return {c[0]}; });
        })[0];
  }

  /// Takes the best box that is left; the new number of rows.
  Value next(Value first, Value count) {
    Value best = bestLeft();
    return k.ifElse(
        k.cmp(CmpI::sge, best, k.ci(0)),
        [&]() -> Values {
          b.store(k.constantInt(k.i8(), 1), Used, {best});
          Value hidden =
              k.forLoop(first, count, k.ci(1), {k.constantInt(k.i1(), 0)},
                        [&](Value row, ValueRange c) -> Values {
                          Value other = b.load(Chosen, {row, k.ci(2)});
                          return {k.bitOr(c[0], overlaps(best, other))};
                        })[0];
          return k.ifElse(
              hidden, [&]() -> Values { return {count}; },
              [&]() -> Values {
                b.store(image, Chosen, {count, k.ci(0)});
                b.store(label, Chosen, {count, k.ci(1)});
                b.store(best, Chosen, {count, k.ci(2)});
                return {k.add(count, 1)};
              });
        },
        [&]() -> Values { return {count}; })[0];
  }

  /// -1: none. Of equal scores the first.
  Value bestLeft() {
    Value none = k.ci(-1);
    return k.forLoop(
        k.ci(0), n, k.ci(1), {none, k.cf(0)},
        [&](Value i, ValueRange c) -> Values {
          Value s = k.convert(b.load(Scores, {image, label, i}), k.f32());
          Value better =
              k.bitOr(k.lt(c[0], k.ci(0)), k.cmp(CmpF::OGT, s, c[1]));
          better = k.bitAnd(better,
                            k.eq(b.load(Used, {i}), k.constantInt(k.i8(), 0)));
          if (op.getThreshold())
            better = k.bitAnd(better, k.cmp(CmpF::OGT, s, b.load(Least, {})));
          return {k.select(better, i, c[0]), k.select(better, s, c[1])};
        })[0];
  }

  /// A box's extent along axis 0 or 1.
  std::pair<Value, Value> extent(Value box, int64_t axis) {
    auto number = [&](int64_t i) {
      return k.convert(b.load(Boxes, {image, box, k.ci(i)}), k.f32());
    };
    Value p = number(axis), q = number(axis + 2);
    if (!op.getCentered())
      return {k.min(p, q), k.max(p, q)};
    Value half = k.div(q, k.cf(2));
    return {k.sub(p, half), k.add(p, half)};
  }

  Value overlaps(Value x, Value y) {
    Value common = k.cf(1), first = k.cf(1), second = k.cf(1),
          apart = k.constantInt(k.i1(), 0);
    for (int64_t axis = 0; axis < 2; ++axis) {
      auto [a, b1] = extent(x, axis);
      auto [c, d] = extent(y, axis);
      Value shared = k.sub(k.min(b1, d), k.max(a, c));
      apart = k.bitOr(apart, k.cmp(CmpF::ULE, shared, k.cf(0)));
      common = k.mul(common, shared);
      first = k.mul(first, k.sub(b1, a)), second = k.mul(second, k.sub(d, c));
    }
    Value all = k.sub(k.add(first, second), common);
    for (Value area : {first, second, all})
      apart = k.bitOr(apart, k.cmp(CmpF::ULE, area, k.cf(0)));
    Value above = k.cmp(CmpF::OGT, k.div(common, all), b.load(Overlap, {}));
    return k.select(apart, k.constantInt(k.i1(), 0), above);
  }

  PlainBody &b;
  CodeBuilder &k;
  llm::NonMaxSuppressionOp op;
  Value n, image, label;
};
} // namespace

static LogicalResult lowerRoiAlign(Operation *op, EntryLowering &e) {
  auto align = cast<llm::RoiAlignOp>(op);
  MemTensor x = e.get(align.getX()), boxes = e.get(align.getBoxes()),
            images = e.get(align.getImages()),
            out = e.result(align.getResult());
  requireEqual(e, images.shape[0], out.shape[0]);
  std::string key;
  llvm::raw_string_ostream(key) << op->getAttrDictionary();
  launchPlain(e, "roi_align", key, {{x}, {boxes}, {images}, {out, true}}, {}, 3,
              [&](PlainBody &b) {
                b.forElements(3, [&](Values at) {
                  Value image = b.checkedIndex(b.load(2, {at[0]}), b.dim(0, 0));
                  // An image without pixels has nothing to read.
                  Value empty = b.k.eq(
                      b.k.mul(b.dim(0, 0), b.k.mul(b.dim(0, 2), b.dim(0, 3))),
                      b.k.ci(0));
                  b.k.ifElseDo(
                      empty, [&] { b.fail(LLMC_FAIL_SHAPE); },
                      [&] { RegionBin(b, align, at, image).emit(); });
                });
              });
  return success();
}

static LogicalResult lowerNonMaxSuppression(Operation *op, EntryLowering &e) {
  auto nms = cast<llm::NonMaxSuppressionOp>(op);
  MemTensor boxes = e.get(nms.getBoxes()), scores = e.get(nms.getScores());
  requireEqual(e, boxes.shape[0], scores.shape[0]);
  requireEqual(e, boxes.shape[1], scores.shape[2]);
  MLIRContext *ctx = op->getContext();
  auto flags = llm::tensorType(ctx, boxes.shape[1], IntegerType::get(ctx, 8));
  SmallVector<PlainTensor> tensors = {
      {boxes},
      {scores},
      {e.get(nms.getLimit())},
      {e.get(nms.getOverlap())},
      {e.result(nms.getChosen()), true},
      {e.result(nms.getCount()), true},
      {e.makeTensor(e.scratch(boxes.shape[1]), flags), true}};
  if (nms.getThreshold())
    tensors.push_back({e.get(nms.getThreshold())});
  std::string key = nms.getCentered() ? "c" : "";
  launchPlain(e, "non_max_suppression", key, tensors, {}, BoxChooser::Count, 0,
              [&](PlainBody &b) {
                b.forTiles(BoxChooser::Count, 0,
                           [&](Values) { BoxChooser(b, nms).emit(); });
              });
  return success();
}

void addDetectionLowerings(LoweringTable &table) {
  table["llm.roi_align"] = lowerRoiAlign;
  table["llm.non_max_suppression"] = lowerNonMaxSuppression;
}

} // namespace llmc
