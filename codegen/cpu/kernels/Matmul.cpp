// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/cpu/kernels/MatmulTile.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {
namespace {

// The largest tile, which sizes the kernel's stack buffers: a packed block of A
// stays in L2, the panels of one step of the inner loop in L1.
constexpr int64_t maxTileRows = 96;
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

int64_t panelsOf(const MatmulSpec &spec) {
  return llvm::divideCeil(spec.n, panelColumns);
}

class MatmulEmitter {
public:
  MatmulEmitter(KernelModule &kernels, KernelBuilder &k, const MatmulSpec &spec)
      : kernels(kernels), k(k), spec(spec), a(k.arg(MatmulA)),
        m(k.arg(MatmulM)), lda(k.arg(MatmulLda)), vector(k.vecF32(k.lanes())) {
    for (int64_t i = 0; i < (spec.gated ? 2 : 1); ++i) {
      weights.push_back(k.arg(i ? MatmulUp : MatmulW));
      sums.push_back(k.scratch(k.f32(), maxTileRows * sumStride));
    }
    if (spec.weight || spec.up)
      unpacked = k.scratch(k.f32(), maxTilePanels * unpackedStride);
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

  /// Where f32 panels of a weight stand and how far apart they are.
  struct Panels {
    Value base;
    int64_t stride;
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

  /// The block of rows [step, step + steps) of `count` panels from `panel` on,
  /// unpacked first where the weight is quantized.
  Panels panelsAt(size_t weight, Value panel, Value count, Value step,
                  Value steps) {
    const QuantizedFormat &format = formatOf(weight);
    if (!format)
      return {k.address(weights[weight], k.f32(),
                        k.mul(k.add(k.mul(panel, spec.k), step), panelColumns)),
              spec.k * panelColumns};
    k.forLoop(count, [&](Value i) {
      Stored w = storedAt(weight, k.add(panel, i));
      Value out = k.address(unpacked, k.f32(), k.mul(i, unpackedStride));
      call(emitUnpackPanel(kernels, format),
           {w.q, w.scales, w.zeros, step, steps, out});
    });
    return {unpacked, unpackedStride};
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
                               : matmulThinPanels(k.target(), rows);
    for (int64_t group = widest; group >= 1; group /= 2) {
      Value last =
          k.add(panel, k.mul(k.divSize(k.sub(k.end(), panel), group), group));
      k.forLoop(panel, last, k.ci(group), [&](Value at) {
        MatmulTile shape{rows, group, 0, sumStride};
        forBlocks([&](Value step, Value steps, Value more) {
          for (auto [i, sum] : llvm::enumerate(sums)) {
            Value from = k.address(a, k.f32(), step);
            if (const QuantizedFormat &format = formatOf(i)) {
              Stored w = storedAt(i, at);
              call(emitQuantTile(kernels, format, {rows, group, sumStride}),
                   {from, lda, w.q, w.scales, w.zeros, step, steps, sum, more});
              continue;
            }
            Panels w = panelsAt(i, at, k.ci(group), step, steps);
            callTile(shape,
                     {from, lda, w.base, k.ci(w.stride), sum, steps, more});
          }
        });
        epilogue(k.ci(0), k.ci(rows), at, k.ci(group));
      });
      panel = last;
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
    // Rows are shared out evenly, so that no register tile is nearly empty: 13
    // rows are 7 + 6, not 12 + 1.
    int64_t mr = k.target().tileRows;
    Value parts = k.ceilDiv(rows, mr);
    forBlocks([&](Value step, Value steps, Value more) {
      pack(row, rows, step, steps);
      for (auto [i, sum] : llvm::enumerate(sums)) {
        int64_t np = k.target().tilePanels;
        Value wide = k.mul(k.divSize(panels, np), np);
        Panels w = panelsAt(i, panel, panels, step, steps);
        auto sweep = [&, sum = sum](int64_t width, Value from, Value to) {
          k.forLoop(from, to, k.ci(width), [&](Value p) {
            Panels at = {k.address(w.base, k.f32(), k.mul(p, w.stride)),
                         w.stride};
            rowParts(rows, parts, width, at,
                     k.address(sum, k.f32(), k.mul(p, panelColumns)), steps,
                     more);
          });
        };
        sweep(np, k.ci(0), wide);
        if (np > 1)
          sweep(1, wide, panels);
      }
    });
    epilogue(row, rows, panel, panels);
  }

  void rowParts(Value rows, Value parts, int64_t width, Panels weight,
                Value sum, Value steps, Value more) {
    k.forLoop(parts, [&](Value part) {
      Value from = k.divSize(k.mul(rows, part), parts),
            to = k.divSize(k.mul(rows, k.add(part, 1)), parts);
      Value source = k.address(packed, k.f32(), k.mul(from, packedStride));
      Value target = k.address(sum, k.f32(), k.mul(from, sumStride));
      SmallVector<std::function<void()>> cases;
      for (int64_t r = 1; r <= k.target().tileRows; ++r)
        cases.push_back([&, r] {
          callTile({r, width, packedStride, sumStride},
                   {source, lda, weight.base, k.ci(weight.stride), target,
                    steps, more});
        });
      k.switchOn(k.sub(k.sub(to, from), 1), cases);
    });
  }

  /// Rows of A at [row, row + rows) x [step, step + steps) to rows of
  /// packedStride.
  void pack(Value row, Value rows, Value step, Value steps) {
    int64_t lanes = k.lanes();
    k.forLoop(rows, [&](Value r) {
      Value source =
          k.address(a, k.f32(), k.add(k.mul(k.add(row, r), lda), step));
      Value target = k.address(packed, k.f32(), k.mul(r, packedStride));
      Value whole = k.mul(k.divSize(steps, lanes), lanes);
      k.forLoop(k.ci(0), whole, k.ci(lanes), [&](Value i) {
        k.store(k.load(vector, source, i), target, i);
      });
      k.forLoop(whole, steps, k.ci(1), [&](Value i) {
        k.store(k.load(k.f32(), source, i), target, i);
      });
    });
  }

  /// Sums to C for rows [row, row + rows) x panels [panel, panel + panels).
  void epilogue(Value row, Value rows, Value panel, Value panels) {
    int64_t lanes = k.lanes();
    Value first = k.mul(panel, panelColumns);
    Value columns =
        k.min(k.mul(panels, panelColumns), k.sub(k.ci(spec.n), first));
    Value whole = k.mul(k.divSize(columns, lanes), lanes);
    k.forLoop(rows, [&](Value r) {
      Value c = k.address(k.arg(MatmulC), k.f32(),
                          k.add(k.mul(k.add(row, r), k.arg(MatmulLdc)), first));
      Value residual =
          k.address(k.arg(MatmulResidual), k.f32(),
                    k.add(k.mul(k.add(row, r), k.arg(MatmulLdr)), first));
      Value sumRow = k.mul(r, sumStride);
      auto at = [&](Value column, Value mask) {
        auto read = [&](Value base, Value index) {
          return mask ? k.maskedLoad(vector, mask, base, index)
                      : k.load(vector, base, index);
        };
        Values terms;
        for (auto [i, sum] : llvm::enumerate(sums)) {
          Value term = k.load(vector, sum, k.add(sumRow, column));
          if (spec.bias)
            term = k.add(term, read(k.arg(i ? MatmulBiasUp : MatmulBias),
                                    k.add(first, column)));
          terms.push_back(term);
        }
        Value value = emitActivation(k, spec.activation, terms[0]);
        if (spec.gated)
          value = k.mul(value, terms[1]);
        if (spec.residual)
          value = k.add(value, read(residual, column));
        mask ? k.maskedStore(value, mask, c, column)
             : k.store(value, c, column);
      };
      k.forLoop(k.ci(0), whole, k.ci(lanes),
                [&](Value column) { at(column, Value()); });
      if (spec.n % lanes)
        k.ifThen(k.lt(whole, columns),
                 [&] { at(whole, k.tailMask(k.sub(columns, whole), lanes)); });
    });
  }

  KernelModule &kernels;
  KernelBuilder &k;
  const MatmulSpec &spec;
  Value a, m, lda, packed, unpacked;
  Type vector;
  Values weights, sums;
};

/// The oracle: a tile is one row; sums in double.
void emitReference(KernelBuilder &k, const MatmulSpec &spec) {
  auto dot = [&](Value row, Value column, unsigned weight, unsigned bias) {
    Value panel = k.divSize(column, panelColumns),
          lane = k.remSize(column, panelColumns);
    Value base = k.add(k.mul(panel, spec.k * panelColumns), lane);
    Value rowBase = k.mul(row, k.arg(MatmulLda));
    Value sum = k.forLoop(
        k.ci(0), k.ci(spec.k), k.ci(1), k.constant(k.f64(), 0),
        [&](Value i, ValueRange carried) {
          Value x = k.convert(
              k.load(k.f32(), k.arg(MatmulA), k.add(rowBase, i)), k.f64());
          Value w = k.convert(k.load(k.f32(), k.arg(weight),
                                     k.add(base, k.mul(i, panelColumns))),
                              k.f64());
          return Values{k.add(carried[0], k.mul(x, w))};
        })[0];
    if (spec.bias)
      sum =
          k.add(sum, k.convert(k.load(k.f32(), k.arg(bias), column), k.f64()));
    return k.convert(sum, k.f32());
  };
  k.forTiles([&](Value row) {
    k.forLoop(k.ci(spec.n), [&](Value column) {
      Value value = emitActivation(k, spec.activation,
                                   dot(row, column, MatmulW, MatmulBias));
      if (spec.gated)
        value = k.mul(value, dot(row, column, MatmulUp, MatmulBiasUp));
      if (spec.residual)
        value =
            k.add(value, k.load(k.f32(), k.arg(MatmulResidual),
                                k.add(k.mul(row, k.arg(MatmulLdr)), column)));
      k.store(value, k.arg(MatmulC),
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
  return key;
}

MatmulGrid matmulGrid(CodeBuilder &b, const MatmulSpec &spec, Value m,
                      Value workers) {
  if (b.target().isReference())
    return {m, b.ci(1), b.ci(1), b.ci(panelsOf(spec))};
  int64_t panels = panelsOf(spec), tilePanels = std::min(maxTilePanels, panels);
  int64_t across = llvm::divideCeil(panels, tilePanels);
  // Enough row blocks for about three tiles per worker, but no block thinner
  // than a register tile.
  Value wanted = b.ceilDiv(b.mul(workers, 3), across);
  Value blocks = b.max(b.ceilDiv(m, maxTileRows),
                       b.min(wanted, b.ceilDiv(m, b.target().tileRows)));
  blocks = b.max(blocks, b.ci(1));
  Value rows = b.max(b.divSize(b.sub(b.add(m, blocks), 1), blocks), b.ci(1));
  Value tall = b.mul(b.divSize(b.sub(b.add(m, rows), 1), rows), across);
  Value thin = b.cmp(CmpI::sle, m, b.ci(matmulThinRows));
  Value thinCount =
      b.select(b.cmp(CmpI::sgt, m, b.ci(0)), b.ci(panels), b.ci(0));
  // A thin range under about 16 K steps is not worth waking a thread for.
  int64_t thinGrain =
      std::clamp<int64_t>(16384 / std::max<int64_t>(spec.k, 1), 1, 64);
  return {b.select(thin, thinCount, tall),
          b.select(thin, b.ci(thinGrain), b.ci(1)), rows, b.ci(tilePanels)};
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
