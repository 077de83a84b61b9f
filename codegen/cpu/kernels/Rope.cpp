// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Rope.h"
#include "codegen/cpu/Math.h"
#include "codegen/cpu/kernels/Norm.h"
#include "runtime/include/llmc/abi.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"

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
        vector(k.vecF32(k.lanes())) {
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
          cosine = k.address(k.arg(RopeCos), k.f32(), k.mul(position, half));
          sine = k.address(k.arg(RopeSin), k.f32(), k.mul(position, half));
          heads(batch, place);
          return {k.ci32(LLMC_OK)};
        },
        [&]() -> Values { return {k.ci32(LLMC_FAIL_INDEX_RANGE)}; })[0];
  }

private:
  void angles(Value position) {
    // The angle is a product rounded to f32, as exporters' graphs compute it.
    Value at = k.broadcast(k.convert(position, k.f32()), k.lanes());
    Value scale = k.constant(vector, spec.scale);
    k.forVectors(k.ci(half), [&](Value i, Value mask) {
      auto [s, c] = emitSinCos(
          k, k.mul(at, k.maskedLoad(vector, mask, k.arg(RopeCos), i)));
      k.maskedStore(spec.scale == 1 ? c : k.mul(c, scale), mask, cosine, i);
      k.maskedStore(spec.scale == 1 ? s : k.mul(s, scale), mask, sine, i);
    });
  }

  void heads(Value batch, Value place) {
    auto token = [&](unsigned base, unsigned batchStride,
                     unsigned tokenStride) {
      return k.address(k.arg(base), k.f32(),
                       k.add(k.mul(batch, k.arg(batchStride)),
                             k.mul(place, k.arg(tokenStride))));
    };
    Value x = token(RopeX, RopeXBatch, RopeXToken),
          out = token(RopeOut, RopeOutBatch, RopeOutToken);
    k.forLoop(k.arg(RopeHeads), [&](Value head) {
      Value from = k.address(x, k.f32(), k.mul(head, k.arg(RopeXHead)));
      if (spec.norm)
        from = normalize(from, head);
      Value to = k.address(out, k.f32(), k.mul(head, k.arg(RopeOutHead)));
      spec.interleaved ? pairs(from, to) : halves(from, to);
      k.forVectors(
          k.ci(spec.headSize - spec.rotarySize), [&](Value i, Value mask) {
            Value value = k.maskedLoad(vector, mask, from, i, spec.rotarySize);
            k.maskedStore(value, mask, to, i, spec.rotarySize);
          });
    });
  }

  /// The head at `from`, normalized.
  Value normalize(Value from, Value head) {
    auto load = [&](Value i, Value mask) {
      return k.maskedLoad(vector, mask, from, i);
    };
    Value scale = k.broadcast(
        emitRmsScale(k, spec.headSize, spec.normEpsilon, load), k.lanes());
    Value weight =
        k.address(k.arg(RopeNorm), k.f32(), k.mul(head, k.arg(RopeNormHead)));
    k.forVectors(k.ci(spec.headSize), [&](Value i, Value mask) {
      Value value = k.mul(k.mul(load(i, mask), scale),
                          k.maskedLoad(vector, mask, weight, i));
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
      auto [a, b] = rotate(k.maskedLoad(vector, mask, from, i),
                           k.maskedLoad(vector, mask, from, i, half),
                           k.maskedLoad(vector, mask, cosine, i),
                           k.maskedLoad(vector, mask, sine, i));
      k.maskedStore(a, mask, to, i);
      k.maskedStore(b, mask, to, i, half);
    });
  }

  void pairs(Value from, Value to) {
    k.forLoop(k.ci(half), [&](Value i) {
      Value at = k.mul(i, 2);
      auto [a, b] =
          rotate(k.load(k.f32(), from, at), k.load(k.f32(), from, at, 1),
                 k.load(k.f32(), cosine, i), k.load(k.f32(), sine, i));
      k.store(a, to, at);
      k.store(b, to, at, 1);
    });
  }

  KernelBuilder &k;
  const RopeSpec &spec;
  int64_t half;
  Type vector;
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
  return key;
}

std::string emitRope(KernelModule &kernels, const RopeSpec &spec) {
  return kernels.get("rope", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, ropeArguments);
    RopeEmitter emitter(k, spec);
    Values status = k.forLoop(
        k.begin(), k.end(), k.ci(1), k.ci32(LLMC_OK),
        [&](Value tile, ValueRange carried) {
          Value now = emitter.token(tile);
          return Values{
              k.select(k.cmp(CmpI::ne, now, k.ci32(LLMC_OK)), now, carried[0])};
        });
    k.finish(status[0]);
  });
}

} // namespace llmc
