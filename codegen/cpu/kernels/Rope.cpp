// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Rope.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/kernels/Lanes.h"
#include "codegen/cpu/kernels/Norm.h"
#include "runtime/include/llmc/abi.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {
namespace {

constexpr KernelArg ropeArguments[] = {
    {KernelArg::Pointer, "x"},
    {KernelArg::Pointer, "out"},
    {KernelArg::Read, "cos"},
    {KernelArg::Read, "sin"},
    {KernelArg::Read, "norm"},
    {KernelArg::Read, "positions"},
    {KernelArg::Int, "position_stride"},
    {KernelArg::Int, "offset"},
    {KernelArg::Int, "table_rows"},
    {KernelArg::Int, "sequence"},
    {KernelArg::Int, "heads"},
    {KernelArg::Int, "norm_head"},
    {KernelArg::Int, "x_batch"},
    {KernelArg::Int, "x_token"},
    {KernelArg::Int, "x_head"},
    {KernelArg::Int, "out_batch"},
    {KernelArg::Int, "out_token"},
    {KernelArg::Int, "out_head"},
};
static_assert(std::size(ropeArguments) == RopeArgCount);

class RopeEmitter {
public:
  RopeEmitter(KernelBuilder &k, const RopeSpec &spec)
      : k(k), spec(spec), half(spec.rotarySize / 2),
        vector(k.vecF32(k.lanes())), element(floatOf(spec.element)),
        angle(floatOf(spec.angleElement)), source(element),
        turn(spec.table ? angle : k.f32()) {
    if (!spec.table) {
      cosine = k.scratch(k.f32(), std::max<int64_t>(half, 1));
      sine = k.scratch(k.f32(), std::max<int64_t>(half, 1));
    }
    if (spec.norm)
      normalized = k.scratch(k.f32(), spec.headSize);
  }

  /// Returns the tile's status.
  Value token(Value tile) {
    Value batch = k.divSize(tile, k.arg(RopeSequence)),
          place = k.remSize(tile, k.arg(RopeSequence));
    Value position = place;
    if (spec.positionBits)
      position = k.convert(
          k.load(k.builder().getIntegerType(spec.positionBits),
                 k.arg(RopePositions),
                 k.add(k.mul(batch, k.arg(RopePositionStride)), place)),
          k.i64());
    position = k.add(position, k.arg(RopeOffset));
    if (!spec.table) {
      angles(position);
      heads(batch, place);
      return k.ci32(LLMC_OK);
    }
    return k.ifElse(
        k.cmp(CmpI::ult, position, k.arg(RopeTableRows)),
        [&]() -> Values {
          Value row = k.mul(position, half);
          cosine = laneAddress(k, angle, k.arg(RopeCos), row);
          sine = laneAddress(k, angle, k.arg(RopeSin), row);
          heads(batch, place);
          return {k.ci32(LLMC_OK)};
        },
        [&]() -> Values { return {k.ci32(LLMC_FAIL_INDEX_RANGE)}; })[0];
  }

private:
  Type floatOf(Type type) { return type ? type : k.f32(); }
  Value lanesAt(Type type, Value base, Value i, Value mask,
                int64_t offset = 0) {
    return loadLanes(k, type, k.lanes(), mask, base, i, offset);
  }

  void angles(Value position) {
    // The angle is a product rounded to f32, as exporters' graphs compute it.
    Value at = k.broadcast(k.convert(position, k.f32()), k.lanes());
    Value scale = k.constant(vector, spec.scale);
    k.forVectors(k.ci(half), [&](Value i, Value mask) {
      auto [s, c] =
          emitSinCos(k, k.mul(at, lanesAt(angle, k.arg(RopeCos), i, mask)));
      k.maskedStore(spec.scale == 1 ? c : k.mul(c, scale), mask, cosine, i);
      k.maskedStore(spec.scale == 1 ? s : k.mul(s, scale), mask, sine, i);
    });
  }

  void heads(Value batch, Value place) {
    auto token = [&](unsigned base, unsigned batchStride,
                     unsigned tokenStride) {
      return laneAddress(k, element, k.arg(base),
                         k.add(k.mul(batch, k.arg(batchStride)),
                               k.mul(place, k.arg(tokenStride))));
    };
    Value x = token(RopeX, RopeXBatch, RopeXToken),
          out = token(RopeOut, RopeOutBatch, RopeOutToken);
    k.forLoop(k.arg(RopeHeads), [&](Value head) {
      Value from = laneAddress(k, element, x, k.mul(head, k.arg(RopeXHead)));
      if (spec.norm)
        from = normalize(from, head);
      Value to = laneAddress(k, element, out, k.mul(head, k.arg(RopeOutHead)));
      source = spec.norm ? k.f32() : element;
      spec.interleaved ? pairs(from, to) : halves(from, to);
      k.forVectors(
          k.ci(spec.headSize - spec.rotarySize), [&](Value i, Value mask) {
            Value value = lanesAt(source, from, i, mask, spec.rotarySize);
            storeLanes(k, value, element, mask, to, i, spec.rotarySize);
          });
    });
  }

  /// The head at `from`, normalized.
  Value normalize(Value from, Value head) {
    auto load = [&](Value i, Value mask) {
      return lanesAt(element, from, i, mask);
    };
    Value scale = k.broadcast(
        emitRmsScale(k, spec.headSize, spec.normEpsilon, load), k.lanes());
    Type weightType = floatOf(spec.normElement);
    Value weight = laneAddress(k, weightType, k.arg(RopeNorm),
                               k.mul(head, k.arg(RopeNormHead)));
    k.forVectors(k.ci(spec.headSize), [&](Value i, Value mask) {
      Value value = k.mul(k.mul(load(i, mask), scale),
                          lanesAt(weightType, weight, i, mask));
      k.maskedStore(value, mask, normalized, i);
    });
    return normalized;
  }

  /// (a, b) -> (a c - b s, b c + a s)
  std::pair<Value, Value> rotate(Value a, Value b, Value c, Value s) {
    return {k.fma(a, c, k.neg(k.mul(b, s))), k.fma(b, c, k.mul(a, s))};
  }

  void halves(Value from, Value to) {
    k.forVectors(k.ci(half), [&](Value i, Value mask) {
      auto [a, b] = rotate(
          lanesAt(source, from, i, mask), lanesAt(source, from, i, mask, half),
          lanesAt(turn, cosine, i, mask), lanesAt(turn, sine, i, mask));
      storeLanes(k, a, element, mask, to, i);
      storeLanes(k, b, element, mask, to, i, half);
    });
  }

  void pairs(Value from, Value to) {
    k.forLoop(k.ci(half), [&](Value i) {
      Value at = k.mul(i, 2);
      auto one = [&](Type type, Value base, Value index, int64_t offset = 0) {
        return loadLanes(k, type, 1, Value(), base, index, offset);
      };
      auto [a, b] = rotate(one(source, from, at), one(source, from, at, 1),
                           one(turn, cosine, i), one(turn, sine, i));
      storeLanes(k, a, element, Value(), to, at);
      storeLanes(k, b, element, Value(), to, at, 1);
    });
  }

  KernelBuilder &k;
  const RopeSpec &spec;
  int64_t half;
  Type vector, element, angle;
  Type source; ///< of the head at hand: f32 once it is normalized
  Type turn;   ///< of cos and sin
  Value cosine, sine, normalized;
};

} // namespace

std::string RopeSpec::key() const {
  std::string key =
      llvm::formatv("d{0} r{1} {2}{3} p{4} {5}", headSize, rotarySize,
                    interleaved ? "i" : "h", table ? "t" : "f", positionBits,
                    llvm::bit_cast<uint64_t>(scale));
  if (norm)
    key += llvm::formatv(" n{0}", llvm::bit_cast<uint64_t>(normEpsilon));
  return key + laneKey({element, angleElement, normElement});
}

std::string emitRope(KernelModule &kernels, const RopeSpec &spec) {
  return kernels.get("rope", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, ropeArguments);
    RopeEmitter emitter(k, spec);
    k.finishTiles([&](Value tile) { return emitter.token(tile); });
  });
}

} // namespace llmc
