// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Quant.h"
#include "codegen/cpu/Elements.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {

std::string QuantizedFormat::key() const {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << (isSigned ? "i" : "u") << bits << " k" << k << " g" << group << " "
     << scale << " ";
  if (floats)
    os << floats << " ";
  zeros ? os << zeros : os << zero;
  for (float v : codebook)
    os << " " << llvm::bit_cast<uint32_t>(v);
  return key;
}

namespace {

/// The 3 bits of a row, which may begin in one word and end in the next.
Value unpackThree(CodeBuilder &k, ValueRange words, int64_t within) {
  Value first = words[3 * within / 32];
  auto by = [&](int64_t count) {
    return k.constantInt(first.getType(), count);
  };
  int64_t low = 3 * within % 32;
  Value v = low ? k.shrUnsigned(first, by(low)) : first;
  if (low > 29)
    v = k.bitOr(v, k.shl(words[3 * within / 32 + 1], by(32 - low)));
  return low == 29 ? v : k.bitAnd(v, by(7));
}

/// The bits of row `within` of a chunk, out of the chunk's words.
Value unpackRow(CodeBuilder &k, const QuantizedFormat &f, ValueRange all,
                int64_t within) {
  if (f.bits == 3)
    return unpackThree(k, all, within);
  Value words = all[0];
  unsigned low = 8 * (within % 4) + within / 4 * f.bits;
  auto by = [&](int64_t count) {
    return k.constantInt(words.getType(), count);
  };
  if (f.isSigned) {
    Value high =
        low + f.bits < 32 ? k.shl(words, by(32 - low - f.bits)) : words;
    return k.shrSigned(high, by(32 - f.bits));
  }
  Value shifted = low ? k.shrUnsigned(words, by(low)) : words;
  return low + f.bits < 32 ? k.bitAnd(shifted, by((int64_t(1) << f.bits) - 1))
                           : shifted;
}

} // namespace

Value loadQuantZeros(CodeBuilder &k, const QuantizedFormat &f, Value zeros,
                     Value index, int64_t count) {
  if (!f.zeros)
    return k.constant(k.vecF32(count), static_cast<double>(f.zero));
  Value v = k.load(k.vec(count, f.zeros), zeros, index);
  if (!isa<FloatType>(f.zeros))
    v = k.convert(v, k.i32(), /*isUnsigned=*/!f.isSigned);
  return k.convert(v, k.f32());
}

/// Floats of 8 bits with 4 of the exponent are a power of two less in the
/// fields of an f16; the scale makes up for it.
static constexpr double shiftE4M3 = 0x1p8;

Value loadQuantScales(CodeBuilder &k, const QuantizedFormat &f, Value scales,
                      Value index, int64_t count) {
  Type stored = memoryType(f.scale);
  Value v = fromMemory(k, k.load(k.vec(count, stored), scales, index), f.scale);
  return isa_and_nonnull<Float8E4M3FNType>(f.floats)
             ? k.mul(v, k.constant(v.getType(), shiftE4M3))
             : v;
}

/// The float of 8 bits in the top byte of each word, by the fields of an f16.
static Value decodeTopByte(CodeBuilder &k, FloatType floats, Value words) {
  auto word = [&](int64_t v) { return k.constantInt(words.getType(), v); };
  bool five = isa<Float8E5M2Type>(floats);
  Value top = five ? words : k.shrSigned(words, word(1));
  Value fields =
      k.shrUnsigned(k.bitAnd(top, word(five ? -0x1000000 : -0x40800000)),
                    word(16)); // the sign, and not its copy
  Value half = k.bitcast(k.convert(fields, k.builder().getI16Type()),
                         k.builder().getF16Type());
  Value v = k.convert(half, k.f32());
  if (five) // infinities and NaN are where f16 has them
    return v;
  Value isNaN = k.eq(k.bitAnd(words, word(0x7f000000)), word(0x7f000000));
  return k.select(isNaN, k.constant(v.getType(), NAN), v);
}

/// What the 16 values of q stand for where that is the same everywhere: q -
/// zero or the codebook.
static SmallVector<float> valueTable(const QuantizedFormat &f) {
  if (!f.codebook.empty())
    return f.codebook;
  SmallVector<float> table;
  for (int64_t i = 0; i < 16; ++i)
    table.push_back(
        static_cast<float>((f.isSigned && i >= 8 ? i - 16 : i) - f.zero));
  return table;
}

/// An entry of the table for each index, whose bits above the low four are
/// ignored: a permutation of registers where there is one.
static Value lookUp(CodeBuilder &k, ArrayRef<float> table, Value index) {
  int64_t lanes = laneCount(index.getType());
  bool isX86 = StringRef(k.target().triple).starts_with("x86_64");
  Type floats = k.like(index.getType(), k.f32());
  auto constants = [&](ArrayRef<float> part) -> Value {
    auto type = cast<VectorType>(k.vecF32(part.size()));
    return arith::ConstantOp::create(k.builder(), k.location(),
                                     DenseElementsAttr::get(type, part));
  };
  auto bit = [&](int64_t i) {
    Value mask = k.constantInt(index.getType(), int64_t(1) << i);
    return k.cmp(CmpI::ne, k.bitAnd(index, mask), k.zero(index.getType()));
  };
  if (isX86 && lanes == 16 && k.lanes() == 16)
    return k.intrinsic("llvm.x86.avx512.permvar.sf.512", floats,
                       {constants(table), index});
  if (isX86 && lanes == 8 && k.lanes() == 8) {
    auto half = [&](size_t from) {
      return k.intrinsic("llvm.x86.avx2.permps", floats,
                         {constants(table.slice(from, 8)), index});
    };
    return k.select(bit(3), half(8), half(0));
  }
  // By halves of the table, from the lowest bit on.
  Values level;
  for (float v : table)
    level.push_back(k.constant(floats, v));
  for (int64_t i = 0; level.size() > 1; ++i) {
    Value odd = bit(i);
    Values next;
    for (size_t j = 0; j < level.size(); j += 2)
      next.push_back(k.select(odd, level[j + 1], level[j]));
    level = next;
  }
  return level[0];
}

SmallVector<Value> loadQuantWords(CodeBuilder &k, const QuantizedFormat &f,
                                  Value q, Value chunk, int64_t offset,
                                  int64_t count) {
  SmallVector<Value> words;
  Value at = k.mul(chunk, f.chunkWords() * panelColumns);
  for (int64_t i = 0; i < f.chunkWords(); ++i)
    words.push_back(
        k.load(k.vec(count, k.i32()), q, at, offset + i * panelColumns, 4));
  return words;
}

Value emitQuantDifference(CodeBuilder &k, const QuantizedFormat &f,
                          ValueRange all, int64_t within, Value zero) {
  Value words = all[0];
  if (f.floats) {
    int64_t up = 24 - 8 * within;
    return decodeTopByte(k, f.floats,
                         up ? k.shl(words, k.constantInt(words.getType(), up))
                            : words);
  }
  bool isAvx512 =
      k.lanes() == 16 && StringRef(k.target().triple).starts_with("x86_64");
  if (!f.codebook.empty() || (isAvx512 && f.bits == 4 && !f.zeros)) {
    unsigned low = 8 * (within % 4) + within / 4 * f.bits;
    Value index =
        low ? k.shrUnsigned(words, k.constantInt(words.getType(), low)) : words;
    return lookUp(k, valueTable(f), index);
  }
  return k.sub(k.convert(unpackRow(k, f, all, within), k.f32()), zero);
}

namespace {

void emitUnpackBody(CodeBuilder &k, const QuantizedFormat &f,
                    ArrayRef<BlockArgument> args) {
  Value q = args[0], scales = args[1], zeros = args[2], first = args[3],
        steps = args[4], out = args[5];
  int64_t lanes = std::min<int64_t>(k.lanes(), panelColumns);
  Value from = k.divSize(first, f.chunk());
  Value count = k.ceilDiv(steps, f.chunk());
  k.forLoop(count, [&](Value i) {
    Value chunk = k.add(from, i);
    Value group =
        f.group >= f.k ? k.ci(0) : k.divSize(k.mul(chunk, f.chunk()), f.group);
    for (int64_t lane = 0; lane < panelColumns; lane += lanes) {
      Values words = loadQuantWords(k, f, q, chunk, lane, lanes);
      Value at = k.add(k.mul(group, panelColumns), lane);
      Value scale = loadQuantScales(k, f, scales, at, lanes),
            zero = loadQuantZeros(k, f, zeros, at, lanes);
      for (int64_t within = 0; within < f.chunk(); ++within) {
        Value v = k.mul(emitQuantDifference(k, f, words, within, zero), scale);
        k.store(v, out,
                k.add(k.mul(i, f.chunk() * panelColumns),
                      within * panelColumns + lane));
      }
    }
  });
}

} // namespace

/// The integer of one row and column, unsigned or with its sign, in i32.
static Value loadInteger(CodeBuilder &k, const QuantizedFormat &f, Value q,
                         Value word, Value within) {
  if (f.bits == 3) {
    Value bit = k.mul(within, 3), low = k.convert(k.remSize(bit, 32), k.i32());
    Value at = k.add(word, k.mul(k.divSize(bit, 32), panelColumns));
    Value v = k.shrUnsigned(k.load(k.i32(), q, at, 0, 4), low);
    // What the next word has of it, where it has some.
    Value rest = k.select(k.cmp(CmpI::sgt, low, k.ci32(29)), k.ci(panelColumns),
                          k.ci(0));
    Value up = k.bitAnd(k.sub(k.ci32(32), low), k.ci32(31));
    Value next = k.shl(k.load(k.i32(), q, k.add(at, rest), 0, 4), up);
    v = k.select(k.cmp(CmpI::sgt, low, k.ci32(29)), k.bitOr(v, next), v);
    return k.bitAnd(v, k.ci32(7));
  }
  Value byte = k.add(k.mul(word, 4), k.remSize(within, 4));
  Value v = k.convert(k.load(k.i8(), q, byte), k.i32(), /*isUnsigned=*/true);
  Value low = k.convert(k.mul(k.divSize(within, 4), f.bits), k.i32());
  if (!f.isSigned)
    return k.bitAnd(k.shrUnsigned(v, low), k.ci32((int64_t(1) << f.bits) - 1));
  Value up = k.sub(k.ci32(32 - f.bits), low);
  return k.shrSigned(k.shl(v, up), k.ci32(32 - f.bits));
}

Value emitQuantizedElement(CodeBuilder &k, const QuantizedFormat &f, Value q,
                           Value scales, Value zeros, Value row, Value column) {
  Value panel = k.divSize(column, panelColumns),
        lane = k.remSize(column, panelColumns);
  Value chunk = k.divSize(row, f.chunk()), within = k.remSize(row, f.chunk());
  Value word = k.add(k.mul(k.add(k.mul(panel, f.chunks()), chunk),
                           f.chunkWords() * panelColumns),
                     lane);
  Value v = loadInteger(k, f, q, word, within);
  Value group = f.group >= f.k ? k.ci(0) : k.divSize(row, f.group);
  Value at =
      k.add(k.mul(k.add(k.mul(panel, f.groups()), group), panelColumns), lane);
  Value difference;
  if (f.floats)
    difference = decodeTopByte(k, f.floats, k.shl(v, k.ci32(24)));
  else if (!f.codebook.empty())
    difference = lookUp(k, f.codebook, v);
  else
    difference =
        k.sub(k.convert(v, k.f32()), loadQuantZeros(k, f, zeros, at, 1));
  return k.mul(difference, loadQuantScales(k, f, scales, at, 1));
}

LLVM::LLVMFuncOp emitUnpackPanel(KernelModule &kernels,
                                 const QuantizedFormat &format) {
  return emitSharedFunction(
      kernels, "unpack_panel", format.key(),
      [](CodeBuilder &k) {
        return SmallVector<Type>{k.ptr(), k.ptr(), k.ptr(),
                                 k.i64(), k.i64(), k.ptr()};
      },
      [&](CodeBuilder &k, LLVM::LLVMFuncOp func) {
        emitUnpackBody(k, format, func.getArguments());
      });
}

} // namespace llmc
