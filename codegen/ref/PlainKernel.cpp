// SPDX-License-Identifier: Apache-2.0
#include "codegen/ref/PlainKernel.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {

Type sumType(EntryLowering &e) {
  return e.target().isReference() ? e.host().f64() : e.host().f32();
}

std::string typeKey(Type element) {
  std::string key;
  llvm::raw_string_ostream(key) << element;
  return key;
}

PlainBody::PlainBody(KernelBuilder &k, ArrayRef<PlainTensor> tensors,
                     unsigned extras)
    : k(k) {
  unsigned arg = 0;
  for (const PlainTensor &t : tensors) {
    Operand o{t.tensor.element, arg, t.tensor.rank(), std::nullopt};
    APInt stride;
    if (o.rank &&
        matchPattern(t.tensor.strides.back(), m_ConstantInt(&stride)) &&
        stride.ule(1))
      o.innerStride = stride.getSExtValue();
    operands.push_back(o);
    arg += 1 + 2 * o.rank;
  }
  firstExtra = arg;
  statusCell = k.scratch(k.i32(), 1, 4);
  k.store(k.ci32(0), statusCell);
}

Value PlainBody::dim(unsigned t, int64_t axis) {
  return k.arg(operands[t].firstArg + 1 + axis);
}
Value PlainBody::extra(unsigned i) { return k.arg(firstExtra + i); }
Value PlainBody::pointer(unsigned t) { return k.arg(operands[t].firstArg); }
Type PlainBody::element(unsigned t) { return operands[t].element; }

Value PlainBody::offset(unsigned t, ValueRange index) {
  const Operand &o = operands[t];
  Value sum;
  // Operands of lower rank line up with the last dims.
  for (int64_t i = 0; i < o.rank; ++i) {
    Value at = index[index.size() - o.rank + i];
    Value part;
    if (i == o.rank - 1 && o.innerStride)
      part = *o.innerStride ? at : Value();
    else
      part = k.mul(at, k.arg(o.firstArg + 1 + o.rank + i));
    if (part)
      sum = sum ? k.add(sum, part) : part;
  }
  return sum ? sum : k.ci(0);
}

Value PlainBody::load(unsigned t, ValueRange index) {
  Type element = operands[t].element;
  Value stored = k.load(memoryType(element), pointer(t), offset(t, index));
  return fromMemory(k, stored, element);
}

void PlainBody::store(Value value, unsigned t, ValueRange index) {
  k.store(toMemory(k, value, operands[t].element), pointer(t),
          offset(t, index));
}

void PlainBody::move(unsigned from, ValueRange source, unsigned to,
                     ValueRange target) {
  Value bits = k.load(memoryType(operands[from].element), pointer(from),
                      offset(from, source));
  k.store(bits, pointer(to), offset(to, target));
}

void PlainBody::fail(LlmcFail kind) { k.store(k.ci32(kind), statusCell); }
Value PlainBody::status() { return k.load(k.i32(), statusCell); }

Value PlainBody::checkedIndex(Value index, Value size) {
  index = k.convert(index, k.i64());
  Value zero = k.ci(0);
  Value from = k.select(k.lt(index, zero), k.add(index, size), index);
  Value outside = k.bitOr(k.lt(from, zero), k.cmp(CmpI::sge, from, size));
  k.ifThen(outside, [&] { fail(LLMC_FAIL_INDEX_RANGE); });
  return k.select(outside, zero, from);
}

void PlainBody::forTiles(unsigned t, int64_t outer,
                         llvm::function_ref<void(Values)> each) {
  k.forTiles([&](Value tile) {
    Values index(outer);
    Value rest = tile;
    for (int64_t i = outer - 1; i >= 0; --i) {
      index[i] = i ? k.remSize(rest, dim(t, i)) : rest;
      if (i)
        rest = k.divSize(rest, dim(t, i));
    }
    each(index);
  });
}

void PlainBody::forElements(unsigned t, llvm::function_ref<void(Values)> each) {
  int64_t rank = operands[t].rank;
  forTiles(t, std::max<int64_t>(0, rank - 1), [&](Values index) {
    if (!rank)
      return each(index);
    k.forLoop(dim(t, rank - 1), [&](Value inner) {
      Values all = index;
      all.push_back(inner);
      each(all);
    });
  });
}

static void launchLoops(EntryLowering &e, StringRef family, StringRef key,
                        ArrayRef<PlainTensor> tensors, ValueRange extras,
                        unsigned tiles, int64_t outer, PlainEmit emit) {
  std::string full = key.str();
  SmallVector<KernelArg> args;
  SmallVector<Value> words;
  for (const PlainTensor &t : tensors) {
    full += "|" + typeKey(t.tensor.element) + "," +
            std::to_string(t.tensor.rank()) + (t.written ? "w" : "r");
    APInt stride;
    if (t.tensor.rank() &&
        matchPattern(t.tensor.strides.back(), m_ConstantInt(&stride)) &&
        stride.ule(1))
      full += stride.isZero() ? ",0" : ",1";
    args.push_back({t.written ? KernelArg::Write : KernelArg::Read, "tensor"});
    words.push_back(t.tensor.base);
    for (Value v : t.tensor.dims)
      args.push_back({KernelArg::Int, "dim"}), words.push_back(v);
    for (Value v : t.tensor.strides)
      args.push_back({KernelArg::Int, "stride"}), words.push_back(v);
  }
  full += "|" + std::to_string(extras.size());
  for (Value v : extras)
    args.push_back({KernelArg::Int, "extra"}), words.push_back(v);
  std::string symbol =
      e.kernels().get(("plain_" + family).str(), full, [&](StringRef name) {
        KernelBuilder k(e.kernels(), name, args);
        PlainBody body(k, tensors, extras.size());
        emit(body);
        k.finish(body.status());
      });
  CodeBuilder &h = e.host();
  const MemTensor &over = tensors[tiles].tensor;
  Value count = e.product(ArrayRef(over.dims).take_front(outer));
  Value work = e.product(ArrayRef(over.dims).drop_front(outer));
  Value grain = h.add(h.divSize(h.ci(2048), h.max(work, h.ci(1))), 1);
  SmallVector<MemTensor> all;
  for (const PlainTensor &t : tensors)
    all.push_back(t.tensor);
  e.setTensors(all, over);
  e.launch(symbol, words, count, grain);
}

void launchPlain(EntryLowering &e, StringRef family, StringRef key,
                 ArrayRef<PlainTensor> tensors, ValueRange extras,
                 unsigned tiles, int64_t outer, PlainEmit emit) {
  e.noteGeneral();
  launchLoops(e, family, key, tensors, extras, tiles, outer, emit);
}

void launchPlain(EntryLowering &e, StringRef family, StringRef key,
                 ArrayRef<PlainTensor> tensors, ValueRange extras,
                 unsigned tiles, PlainEmit emit) {
  launchPlain(e, family, key, tensors, extras, tiles,
              std::max<int64_t>(0, tensors[tiles].tensor.rank() - 1), emit);
}

void plainCopy(EntryLowering &e, MemTensor from, MemTensor to) {
  int64_t outer = std::max<int64_t>(0, to.rank() - 1);
  launchLoops(e, "copy", "", {{from}, {to, true}}, {}, 1, outer,
              [&](PlainBody &b) {
                b.forElements(1, [&](Values i) { b.move(0, i, 1, i); });
              });
}

} // namespace llmc
