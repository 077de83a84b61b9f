// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/cpu/Elements.h"
#include "codegen/cpu/Panels.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/MatmulTile.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {
namespace {

// The largest tile, which sizes the kernel's stack buffers: a packed block of A
// stays in L2, the panels of one step of the inner loop in L1.
constexpr int64_t maxTileRows = 192;
constexpr int64_t maxTilePanels = 8;
// A line of padding keeps rows that are walked together out of one cache set.
constexpr int64_t packedStride = matmulBlockK + 16;
constexpr int64_t unpackedStride = matmulBlockK * panelColumns;
constexpr int64_t sumStride = maxTilePanels * panelColumns + 16;

constexpr KernelArg arguments[] = {
    {KernelArg::Read, "a"},          {KernelArg::Read, "w"},
    {KernelArg::Read, "up"},         {KernelArg::Read, "bias"},
    {KernelArg::Read, "bias_up"},    {KernelArg::Pointer, "residual"},
    {KernelArg::Pointer, "c"},       {KernelArg::Int, "m"},
    {KernelArg::Int, "lda"},         {KernelArg::Int, "ldc"},
    {KernelArg::Int, "ldr"},         {KernelArg::Int, "tile_rows"},
    {KernelArg::Int, "tile_panels"}, {KernelArg::Read, "scales"},
    {KernelArg::Read, "zeros"},      {KernelArg::Read, "up_scales"},
    {KernelArg::Read, "up_zeros"},
};
static_assert(std::size(arguments) == MatmulArgCount);

// Register tiles of rows up to which panels of halves are widened in registers;
// more of them share panels that are widened once.
constexpr int64_t widenedParts = 2;

int64_t panelsOf(const MatmulSpec &spec) {
  return llvm::divideCeil(spec.n, panelColumns);
}

/// A type of the spec.
Type typeOf(CodeBuilder &k, Type element) {
  return element ? element : k.f32();
}

class MatmulEmitter {
public:
  MatmulEmitter(KernelModule &kernels, KernelBuilder &k, const MatmulSpec &spec)
      : kernels(kernels), k(k), spec(spec), a(k.arg(MatmulA)),
        m(k.arg(MatmulM)), lda(k.arg(MatmulLda)), vector(k.vecF32(k.lanes())),
        typeA(typeOf(k, spec.typeA)), typeW(typeOf(k, spec.typeW)) {
    for (int64_t i = 0; i < (spec.gated ? 2 : 1); ++i) {
      weights.push_back(k.arg(i ? MatmulUp : MatmulW));
      sums.push_back(k.scratch(k.f32(), maxTileRows * sumStride));
    }
    if (spec.weight || spec.up || !typeW.isF32())
      unpacked = k.scratch(k.f32(), k.target().tilePanels * unpackedStride);
    packed = k.scratch(k.f32(), maxTileRows * packedStride);
  }

  void emit() {
    k.ifElseDo(
        k.cmp(CmpI::sle, m, k.ci(matmulThinRows)), [&] { thin(); },
        [&] { k.forTiles([&](Value tile) { block(tile); }); });
  }

private:
  void call(LLVM::LLVMFuncOp func, ValueRange operands) {
    LLVM::CallOp::create(k.builder(), k.location(), func, operands);
  }
  void callTile(const MatmulTile &shape, ValueRange operands) {
    call(emitMatmulTile(kernels, shape), operands);
  }

  /// Runs over the blocks of K: body(first step, steps, whether sums exist
  /// already).
  void forBlocks(llvm::function_ref<void(Value, Value, Value)> body) {
    k.forLoop(k.ci(0), k.ci(std::max<int64_t>(spec.k, 1)), k.ci(matmulBlockK),
              [&](Value first) {
                body(first,
                     k.min(k.sub(k.ci(spec.k), first), k.ci(matmulBlockK)),
                     k.cmp(CmpI::ne, first, k.ci(0)));
              });
  }

  /// Where panels of a weight stand, how far apart they are in elements, and
  /// what they are of.
  struct Panels {
    Value base;
    int64_t stride;
    Type element;
  };

  /// A quantized panel.
  struct Stored {
    Value q, scales, zeros;
  };

  const QuantizedFormat &formatOf(size_t weight) {
    return weight ? spec.up : spec.weight;
  }

  Stored storedAt(size_t weight, Value panel) {
    const QuantizedFormat &format = formatOf(weight);
    auto perGroup = [&](MatmulArg arg, Type type) {
      return k.address(k.arg(arg), type,
                       k.mul(panel, format.groups() * panelColumns));
    };
    return {k.address(weights[weight], k.i32(),
                      k.mul(panel, format.chunks() * panelColumns)),
            perGroup(weight ? MatmulUpScales : MatmulScales, format.scale),
            perGroup(weight ? MatmulUpZeros : MatmulZeros,
                     format.zeros ? format.zeros : k.i8())};
  }

  /// The block of rows from `step` on of the panels from `panel` on, as they
  /// are stored.
  Panels panelsAt(size_t weight, Value panel, Value step) {
    int64_t size = panelSize(typeW, spec.k);
    Value at = k.add(k.mul(panel, size), k.mul(step, panelColumns));
    return {k.address(weights[weight], memoryType(typeW), at), size, typeW};
  }

  /// The same of `count` panels for `steps` rows, as f32.
  Panels widenedAt(size_t weight, Value panel, int64_t count, Value step,
                   Value steps) {
    const QuantizedFormat &format = formatOf(weight);
    if (!format && typeW.isF32())
      return panelsAt(weight, panel, step);
    for (int64_t i = 0; i < count; ++i) {
      Value out = k.address(unpacked, k.f32(), Value(), i * unpackedStride);
      Value from = k.add(panel, i);
      if (format) {
        Stored w = storedAt(weight, from);
        call(emitUnpackPanel(kernels, format),
             {w.q, w.scales, w.zeros, step, steps, out});
      } else {
        call(emitWidenPanel(kernels, typeW),
             {panelsAt(weight, from, step).base, steps, out});
      }
    }
    return {unpacked, unpackedStride, k.f32()};
  }

  /// M <= 4: tiles are panels, and a range of them is walked in groups as wide
  /// as the registers allow.
  void thin() {
    SmallVector<std::function<void()>> cases{[] {}};
    for (int64_t rows = 1; rows <= matmulThinRows; ++rows)
      cases.push_back([this, rows] { thinRows(rows); });
    k.switchOn(m, cases);
  }

  void thinRows(int64_t rows) {
    Value panel = k.begin();
    bool quantized = spec.weight || spec.up;
    int64_t widest = quantized ? quantTilePanels(k.target(), rows)
                               : matmulThinPanels(k.target(), rows, typeW);
    for (int64_t group = widest; group >= 1; group /= 2) {
      Value last =
          k.add(panel, k.mul(k.divSize(k.sub(k.end(), panel), group), group));
      k.forLoop(panel, last, k.ci(group), [&](Value at) {
        forBlocks([&](Value step, Value steps, Value more) {
          thinBlock(rows, group, at, step, steps, more);
        });
        epilogue(k.ci(0), k.ci(rows), at, k.ci(group));
      });
      panel = last;
    }
  }

  void thinBlock(int64_t rows, int64_t group, Value panel, Value step,
                 Value steps, Value more) {
    Value from = k.address(a, k.f32(), step), stride = lda;
    if (!typeA.isF32()) { // few elements next to those of the weight
      pack(k.ci(0), k.ci(rows), step, steps);
      from = packed, stride = k.ci(packedStride);
    }
    for (auto [i, sum] : llvm::enumerate(sums)) {
      if (const QuantizedFormat &format = formatOf(i)) {
        Stored w = storedAt(i, panel);
        call(emitQuantTile(kernels, format, {rows, group, sumStride}),
             {from, stride, w.q, w.scales, w.zeros, step, steps, sum, more});
        continue;
      }
      Panels w = panelsAt(i, panel, step);
      callTile({rows, group, 0, sumStride, false, typeW},
               {from, stride, w.base, k.ci(w.stride), sum, steps, more});
    }
  }

  /// One tile of a taller M: rows [row, row + rows) x panels [panel, panel +
  /// panels).
  void block(Value tile) {
    Value tileRows = k.arg(MatmulTileRows),
          tilePanels = k.arg(MatmulTilePanels);
    Value across = k.divSize(k.add(tilePanels, panelsOf(spec) - 1), tilePanels);
    Value row = k.mul(k.divSize(tile, across), tileRows),
          panel = k.mul(k.remSize(tile, across), tilePanels);
    Value rows = k.min(tileRows, k.sub(m, row)),
          panels = k.min(tilePanels, k.sub(k.ci(panelsOf(spec)), panel));
    forBlocks([&](Value step, Value steps, Value more) {
      pack(row, rows, step, steps);
      for (size_t i = 0; i < sums.size(); ++i) {
        auto work = [&](bool widen) {
          sweep(i, rows, panel, panels, step, steps, more, widen);
        };
        if (formatOf(i) || typeW.isF32()) {
          work(true);
          continue;
        }
        int64_t few = widenedParts * matmulTileRows(k.target(), typeW);
        k.ifElseDo(
            k.cmp(CmpI::sle, rows, k.ci(few)), [&] { work(false); },
            [&] { work(true); });
      }
    });
    epilogue(row, rows, panel, panels);
  }

  /// Adds the products by one weight's panels, in register tiles; `widen`: from
  /// panels of f32, else as they are stored.
  void sweep(size_t weight, Value rows, Value panel, Value panels, Value step,
             Value steps, Value more, bool widen) {
    auto some = [&](int64_t width, Value from, Value to) {
      k.forLoop(from, to, k.ci(width), [&](Value p) {
        Value at = k.add(panel, p);
        Panels w = widen ? widenedAt(weight, at, width, step, steps)
                         : panelsAt(weight, at, step);
        bool stored = w.element == typeW && !formatOf(weight);
        Value next = stored ? nextPanels(weight, panel, panels, k.add(p, width),
                                         step, steps)
                            : Value();
        emitMatmulRows(
            kernels, k, {0, width, packedStride, sumStride, false, w.element},
            rows,
            {packed, w.base, k.ci(w.stride),
             k.address(sums[weight], k.f32(), k.mul(p, panelColumns)), steps,
             more, next});
      });
    };
    int64_t np = k.target().tilePanels;
    Value wide = k.mul(k.divSize(panels, np), np);
    some(np, k.ci(0), wide);
    if (np > 1)
      some(1, wide, panels);
  }

  /// What a tile multiplies after the panels before `done` of one block of K:
  /// its further panels, the other weight's, the next block's, or another
  /// tile's. An address that is only fetched from.
  Value nextPanels(size_t weight, Value panel, Value panels, Value done,
                   Value step, Value steps) {
    Value here = panelsAt(weight, k.add(panel, done), step).base, then;
    if (weight + 1 < sums.size()) {
      then = panelsAt(weight + 1, panel, step).base;
    } else {
      Value nextStep = k.add(step, steps);
      Value isLast = k.cmp(CmpI::sge, nextStep, k.ci(spec.k));
      then = panelsAt(0, k.select(isLast, k.add(panel, panels), panel),
                      k.select(isLast, k.ci(0), nextStep))
                 .base;
    }
    return k.select(k.lt(done, panels), here, then);
  }

  /// Rows of A at [row, row + rows) x [step, step + steps) to f32 rows of
  /// packedStride.
  void pack(Value row, Value rows, Value step, Value steps) {
    int64_t lanes = k.lanes();
    Type stored = memoryType(typeA);
    k.forLoop(rows, [&](Value r) {
      Value source =
          k.address(a, stored, k.add(k.mul(k.add(row, r), lda), step));
      Value target = k.address(packed, k.f32(), k.mul(r, packedStride));
      Value whole = k.mul(k.divSize(steps, lanes), lanes);
      auto move = [&](int64_t count) {
        return [&, count](Value i) {
          Value x = k.load(k.vec(count, stored), source, i);
          k.store(fromMemory(k, x, typeA), target, i);
        };
      };
      k.forLoop(k.ci(0), whole, k.ci(lanes), move(lanes));
      k.forLoop(whole, steps, k.ci(1), move(1));
    });
  }

  /// Where rows of an operand begin, for element [row, first].
  Value rowAddress(MatmulArg base, MatmulArg stride, Type element, Value row,
                   Value first) {
    return k.address(k.arg(base), memoryType(element),
                     k.add(k.mul(row, k.arg(stride)), first));
  }

  /// Sums to C for rows [row, row + rows) x panels [panel, panel + panels).
  void epilogue(Value row, Value rows, Value panel, Value panels) {
    int64_t lanes = k.lanes();
    Value first = k.mul(panel, panelColumns);
    Value columns =
        k.min(k.mul(panels, panelColumns), k.sub(k.ci(spec.n), first));
    Value whole = k.mul(k.divSize(columns, lanes), lanes);
    Type typeBias = typeOf(k, spec.typeBias), typeC = typeOf(k, spec.typeC),
         typeResidual = typeOf(k, spec.typeResidual);
    k.forLoop(rows, [&](Value r) {
      Value at = k.add(row, r);
      Value c = rowAddress(MatmulC, MatmulLdc, typeC, at, first);
      Value residual =
          rowAddress(MatmulResidual, MatmulLdr, typeResidual, at, first);
      Value sumRow = k.mul(r, sumStride);
      auto columnsAt = [&](Value column, Value mask) {
        auto read = [&](Value base, Type element, Value index) {
          Type stored = k.vec(lanes, memoryType(element));
          return fromMemory(k, k.maskedLoad(stored, mask, base, index),
                            element);
        };
        Values terms;
        for (auto [i, sum] : llvm::enumerate(sums)) {
          Value term = k.load(vector, sum, k.add(sumRow, column));
          if (spec.bias)
            term = k.add(term, read(k.arg(i ? MatmulBiasUp : MatmulBias),
                                    typeBias, k.add(first, column)));
          terms.push_back(term);
        }
        Value value = emitActivation(k, spec.activation, terms[0]);
        if (spec.gated)
          value = k.mul(value, terms[1]);
        if (spec.residual)
          value = k.add(value, read(residual, typeResidual, column));
        k.maskedStore(toMemory(k, value, typeC), mask, c, column);
      };
      k.forLoop(k.ci(0), whole, k.ci(lanes),
                [&](Value column) { columnsAt(column, Value()); });
      if (spec.n % lanes)
        k.ifThen(k.lt(whole, columns), [&] {
          columnsAt(whole, k.tailMask(k.sub(columns, whole), lanes));
        });
    });
  }

  KernelModule &kernels;
  KernelBuilder &k;
  const MatmulSpec &spec;
  Value a, m, lda, packed, unpacked;
  Type vector, typeA, typeW;
  Values weights, sums;
};

/// The oracle: a tile is one row; sums in double.
void emitReference(KernelBuilder &k, const MatmulSpec &spec) {
  auto load = [&](MatmulArg base, Type type, Value index) {
    type = typeOf(k, type);
    return fromMemory(k, k.load(memoryType(type), k.arg(base), index), type);
  };
  auto dot = [&](Value row, Value column, MatmulArg weight, MatmulArg bias) {
    Value rowBase = k.mul(row, k.arg(MatmulLda));
    Value sum = k.forLoop(
        k.ci(0), k.ci(spec.k), k.ci(1), k.constant(k.f64(), 0),
        [&](Value i, ValueRange carried) {
          Value x = load(MatmulA, spec.typeA, k.add(rowBase, i));
          Value w = load(
              weight, spec.typeW,
              panelIndex(k, typeOf(k, spec.typeW), k.ci(spec.k), i, column));
          return Values{k.add(
              carried[0], k.mul(k.convert(x, k.f64()), k.convert(w, k.f64())))};
        })[0];
    if (spec.bias)
      sum = k.add(sum, k.convert(load(bias, spec.typeBias, column), k.f64()));
    return k.convert(sum, k.f32());
  };
  k.forTiles([&](Value row) {
    k.forLoop(k.ci(spec.n), [&](Value column) {
      Value value = emitActivation(k, spec.activation,
                                   dot(row, column, MatmulW, MatmulBias));
      if (spec.gated)
        value = k.mul(value, dot(row, column, MatmulUp, MatmulBiasUp));
      if (spec.residual)
        value = k.add(value, load(MatmulResidual, spec.typeResidual,
                                  k.add(k.mul(row, k.arg(MatmulLdr)), column)));
      k.store(toMemory(k, value, typeOf(k, spec.typeC)), k.arg(MatmulC),
              k.add(k.mul(row, k.arg(MatmulLdc)), column));
    });
  });
}

} // namespace

std::string MatmulSpec::key() const {
  std::string key = llvm::formatv("n{0} k{1} {2}{3}{4} {5}", n, k,
                                  bias ? "b" : "", residual ? "r" : "",
                                  gated ? "g" : "", activationName(activation));
  for (const QuantizedFormat &format : {weight, up})
    key += format ? " " + format.key() : "";
  return key + laneKey({typeA, typeW, typeBias, typeResidual, typeC});
}

MatmulGrid matmulGrid(CodeBuilder &b, const MatmulSpec &spec, Value m,
                      Value workers) {
  if (b.target().isReference())
    return {m, b.ci(1), b.ci(1), b.ci(panelsOf(spec))};
  // Few blocks of rows, so that the weight is read few times; about three tiles
  // per worker, by narrower ones (down to half the width, since each packs its
  // rows) and then by lower ones, down to a register tile.
  int64_t panels = panelsOf(spec), widest = std::min(maxTilePanels, panels);
  Value tiles = b.mul(workers, 3), one = b.ci(1);
  Value fewest = b.max(b.ceilDiv(m, maxTileRows), one);
  Value across = b.max(b.ceilDiv(tiles, fewest), one);
  Value tilePanels = b.min(b.max(b.ceilDiv(b.ci(panels), across),
                                 b.ci(std::max<int64_t>(widest / 2, 1))),
                           b.ci(widest));
  across = b.ceilDiv(b.ci(panels), tilePanels);
  Value blocks = b.max(fewest, b.min(b.ceilDiv(tiles, across),
                                     b.ceilDiv(m, b.target().tileRows)));
  Value rows = b.max(b.ceilDiv(m, b.max(blocks, one)), one);
  Value tall = b.mul(b.ceilDiv(m, rows), across);
  Value thin = b.cmp(CmpI::sle, m, b.ci(matmulThinRows));
  Value thinCount =
      b.select(b.cmp(CmpI::sgt, m, b.ci(0)), b.ci(panels), b.ci(0));
  // A thin range under about 16 K steps is not worth waking a thread for.
  int64_t thinGrain =
      std::clamp<int64_t>(16384 / std::max<int64_t>(spec.k, 1), 1, 64);
  return {b.select(thin, thinCount, tall),
          b.select(thin, b.ci(thinGrain), b.ci(1)), rows, tilePanels};
}

std::string emitMatmul(KernelModule &kernels, const MatmulSpec &spec) {
  return kernels.get("matmul", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments);
    if (kernels.target().isReference())
      emitReference(k, spec);
    else
      MatmulEmitter(kernels, k, spec).emit();
    k.finish();
  });
}

} // namespace llmc
