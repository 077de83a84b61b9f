// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/Packing.h"

#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

/// The tensor's memory as a vector of `count` elements of i8.
static MemTensor flat(EntryLowering &e, const MemTensor &t, Value count) {
  CodeBuilder &h = e.host();
  MemTensor v;
  v.base = t.base, v.element = h.i8();
  v.shape = {llm::productOf(h.builder().getContext(), t.shape)};
  v.dims = {count}, v.strides = {h.ci(1)};
  return v;
}

static unsigned perByte(Type element) {
  return 8 / element.getIntOrFloatBitWidth();
}

void unpack(EntryLowering &e, const MemTensor &packed, const MemTensor &to) {
  Type element = to.element;
  unsigned width = element.getIntOrFloatBitWidth();
  Value count = e.product(to.dims);
  launchPlain(
      e, "unpack", typeKey(element),
      {{flat(e, packed, count)}, {flat(e, to, count), true}}, {}, 1, 1,
      [&](PlainBody &b) {
        CodeBuilder &k = b.k;
        b.forTiles(1, 1, [&](Values i) {
          Value byte = b.load(0, {k.divSize(i[0], perByte(element))});
          Value shift = k.mul(k.remSize(i[0], perByte(element)), width);
          // The element's bits to the top of the byte and down again.
          Value top = k.shl(k.shrUnsigned(byte, k.convert(shift, k.i8())),
                            k.constantInt(k.i8(), 8 - width));
          Value down = k.constantInt(k.i8(), 8 - width);
          b.store(element.isSignlessInteger() ? k.shrSigned(top, down)
                                              : k.shrUnsigned(top, down),
                  1, i);
        });
      });
}

void pack(EntryLowering &e, const MemTensor &from, const MemTensor &packed) {
  CodeBuilder &h = e.host();
  Type element = from.element;
  unsigned width = element.getIntOrFloatBitWidth();
  Value count = e.product(from.dims),
        bytes = h.ceilDiv(count, perByte(element));
  launchPlain(e, "pack", typeKey(element),
              {{flat(e, from, count)}, {flat(e, packed, bytes), true}}, {}, 1,
              1, [&](PlainBody &b) {
                CodeBuilder &k = b.k;
                b.forTiles(1, 1, [&](Values i) {
                  Value byte = k.zero(k.i8());
                  for (unsigned part = 0; part < perByte(element); ++part) {
                    Value at = k.add(k.mul(i[0], perByte(element)), part);
                    // Behind the last element nothing is read and the bits are
                    // 0.
                    Value bits = k.ifElse(
                        k.lt(at, b.dim(0, 0)),
                        [&]() -> Values { return {b.load(0, {at})}; },
                        [&]() -> Values { return {k.zero(k.i8())}; })[0];
                    bits =
                        k.bitAnd(bits, k.constantInt(k.i8(), (1 << width) - 1));
                    byte = k.bitOr(
                        byte, k.shl(bits, k.constantInt(k.i8(), part * width)));
                  }
                  b.store(byte, 1, i);
                });
              });
}

} // namespace llmc
