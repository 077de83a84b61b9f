// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Cache.h"
#include "runtime/include/llmc/abi.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {
namespace {

constexpr KernelArg arguments[] = {
    {KernelArg::Read, "past"},       {KernelArg::Read, "update"},
    {KernelArg::Write, "out"},       {KernelArg::Read, "lengths"},
    {KernelArg::Int, "heads"},       {KernelArg::Int, "sequence"},
    {KernelArg::Int, "past_count"},  {KernelArg::Int, "positions"},
    {KernelArg::Int, "past_batch"},  {KernelArg::Int, "past_head"},
    {KernelArg::Int, "past_token"},  {KernelArg::Int, "update_batch"},
    {KernelArg::Int, "update_head"}, {KernelArg::Int, "update_token"},
    {KernelArg::Int, "out_batch"},   {KernelArg::Int, "out_head"},
    {KernelArg::Int, "out_token"},
};
static_assert(std::size(arguments) == AppendArgCount);

class AppendEmitter {
public:
  AppendEmitter(KernelBuilder &k, const AppendSpec &spec)
      : k(k), spec(spec), bytes(spec.size * elementBytes(spec.element)),
        wordBytes(bytes % 4 == 0 ? 4 : elementBytes(spec.element)),
        word(k.builder().getIntegerType(8 * wordBytes)) {}

  /// Returns the tile's status.
  Value tile(Value index) {
    Value count = k.arg(spec.inPlace ? AppendSequence : AppendPositions);
    at = k.remSize(index, count);
    index = k.divSize(index, count);
    head = k.remSize(index, k.arg(AppendHeads));
    batch = k.divSize(index, k.arg(AppendHeads));
    Value length =
        k.convert(k.load(spec.lengths, k.arg(AppendLengths), batch), k.i64());
    Value start = k.max(k.sub(length, k.arg(AppendSequence)), k.ci(0));
    return spec.inPlace ? write(k.add(start, at)) : fresh(start);
  }

private:
  Value write(Value position) {
    return k.ifElse(
        k.lt(position, k.arg(AppendPositions)),
        [&]() -> Values {
          copy(updateAt(at), outAt(position));
          return {k.ci32(LLMC_OK)};
        },
        [&]() -> Values { return {k.ci32(LLMC_FAIL_INDEX_RANGE)}; })[0];
  }

  Value fresh(Value start) {
    Value added = k.sub(at, start), out = outAt(at);
    Value isOld = k.lt(at, k.min(start, k.arg(AppendPastPositions)));
    // Unsigned: below 0 is not new.
    Value isNew = k.cmp(CmpI::ult, added, k.arg(AppendSequence));
    k.ifElseDo(
        isOld,
        [&] {
          copy(place(AppendPast, AppendPastBatch, AppendPastHead,
                     AppendPastToken, at),
               out);
        },
        [&] {
          k.ifElseDo(
              isNew, [&] { copy(updateAt(added), out); },
              [&] { copy(Value(), out); });
        });
    return k.ci32(LLMC_OK);
  }

  Value place(unsigned base, unsigned batchStride, unsigned headStride,
              unsigned tokenStride, Value token) {
    Value offset = k.add(k.mul(batch, k.arg(batchStride)),
                         k.add(k.mul(head, k.arg(headStride)),
                               k.mul(token, k.arg(tokenStride))));
    return k.address(k.arg(base), spec.element, offset);
  }
  Value updateAt(Value token) {
    return place(AppendUpdate, AppendUpdateBatch, AppendUpdateHead,
                 AppendUpdateToken, token);
  }
  Value outAt(Value token) {
    return place(AppendOut, AppendOutBatch, AppendOutHead, AppendOutToken,
                 token);
  }

  /// Copies a position, or clears it where `from` is null.
  void copy(Value from, Value to) {
    Type vector = k.vec(k.lanes(), word);
    k.forVectors(k.ci(bytes / wordBytes), [&](Value i, Value mask) {
      Value value = from ? k.maskedLoad(vector, mask, from, i) : k.zero(vector);
      k.maskedStore(value, mask, to, i);
    });
  }

  KernelBuilder &k;
  const AppendSpec &spec;
  int64_t bytes, wordBytes;
  Type word;
  Value at, head, batch;
};

} // namespace

std::string AppendSpec::key() const {
  std::string text;
  llvm::raw_string_ostream(text)
      << size << " " << element << " l" << lengths << (inPlace ? " in" : "");
  return text;
}

std::string emitAppend(KernelModule &kernels, const AppendSpec &spec) {
  return kernels.get("append", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments);
    AppendEmitter emitter(k, spec);
    k.finishTiles([&](Value tile) { return emitter.tile(tile); });
  });
}

} // namespace llmc
