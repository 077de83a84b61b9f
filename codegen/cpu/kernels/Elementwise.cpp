// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Elementwise.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {
namespace {

constexpr int64_t chunk =
    4096; // elements of the innermost dimension in one tile

class MapEmitter {
public:
  MapEmitter(KernelBuilder &k, const MapSpec &spec) : k(k), spec(spec) {
    operands.append(spec.inputs);
    operands.append(spec.outputs);
    auto strided = [](const MapOperand &o) {
      return o.inner == MapOperand::Strided;
    };
    scalar = llvm::any_of(operands, strided);
  }

  void emit() {
    Value inner = k.arg(spec.dimArg(spec.rank - 1)),
          chunks = k.ceilDiv(inner, chunk);
    k.forTiles([&](Value tile) {
      Value outer = k.divSize(tile, chunks),
            first = k.mul(k.remSize(tile, chunks), chunk);
      place(outer, first);
      Value count = k.min(k.sub(inner, first), k.ci(chunk));
      if (scalar)
        k.forLoop(count, [&](Value i) { element(i, Value(), 1); });
      else
        k.forVectors(count,
                     [&](Value i, Value mask) { element(i, mask, k.lanes()); });
    });
  }

private:
  unsigned pointerArg(unsigned operand) const { return operand; }

  /// Base addresses of all operands at outer index `outer` and inner index
  /// `first`.
  void place(Value outer, Value first) {
    Values coordinates(spec.rank);
    for (int64_t d = spec.rank - 2; d >= 0; --d) {
      Value size = k.arg(spec.dimArg(d));
      coordinates[d] = d ? k.remSize(outer, size) : outer;
      if (d)
        outer = k.divSize(outer, size);
    }
    bases.clear();
    for (auto [o, operand] : llvm::enumerate(operands)) {
      Value offset = k.mul(first, innerStride(o));
      for (int64_t d = 0; d + 1 < spec.rank; ++d)
        offset =
            k.add(offset, k.mul(coordinates[d], k.arg(spec.strideArg(o, d))));
      bases.push_back(k.address(k.arg(pointerArg(o)), operand.type, offset));
    }
  }

  Value innerStride(unsigned operand) {
    switch (operands[operand].inner) {
    case MapOperand::Contiguous:
      return k.ci(1);
    case MapOperand::Broadcast:
      return k.ci(0);
    case MapOperand::Strided:
      return k.arg(spec.strideArg(operand, spec.rank - 1));
    }
    return {};
  }

  void element(Value i, Value mask, int64_t lanes) {
    Values values;
    for (auto [o, operand] : llvm::enumerate(spec.inputs)) {
      if (operand.inner == MapOperand::Broadcast)
        values.push_back(k.broadcast(k.load(operand.type, bases[o]), lanes));
      else
        values.push_back(k.maskedLoad(k.vec(lanes, operand.type), mask,
                                      bases[o], k.mul(i, innerStride(o))));
    }
    Values results = spec.body(k, values);
    for (auto [r, value] : llvm::enumerate(results)) {
      unsigned o = spec.inputs.size() + r;
      k.maskedStore(value, mask, bases[o], k.mul(i, innerStride(o)));
    }
  }

  KernelBuilder &k;
  const MapSpec &spec;
  SmallVector<MapOperand> operands;
  Values bases;
  bool scalar;
};

std::string keyOf(const MapSpec &spec) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << spec.key << " r" << spec.rank;
  for (const auto *list : {&spec.inputs, &spec.outputs}) {
    out << " |";
    for (const MapOperand &operand : *list)
      out << " " << operand.type << "." << static_cast<int>(operand.inner);
  }
  return text;
}

} // namespace

TileCount mapTiles(CodeBuilder &b, ValueRange dims) {
  Value inner = dims.back(), count = b.ceilDiv(inner, chunk);
  for (Value dim : dims.drop_back())
    count = b.mul(count, dim);
  // At least about four chunks' work in one range.
  Value perTile = b.max(b.min(inner, b.ci(chunk)), b.ci(1));
  return {count, b.max(b.divSize(b.ci(4 * chunk), perTile), b.ci(1))};
}

std::string emitMap(KernelModule &kernels, const MapSpec &spec) {
  return kernels.get("map", keyOf(spec), [&](StringRef symbol) {
    SmallVector<KernelArg> args(spec.dimArg(0),
                                {KernelArg::Pointer, "operand"});
    args.append(spec.argCount() - spec.dimArg(0), {KernelArg::Int, "size"});
    KernelBuilder k(kernels, symbol, args);
    MapEmitter(k, spec).emit();
    k.finish();
  });
}

} // namespace llmc
