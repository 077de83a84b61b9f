// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Quant.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace llmc {

std::string QuantizedFormat::key() const {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << (isSigned ? "i" : "u") << bits << " k" << k << " g" << group << " "
     << scale << " ";
  zeros ? os << zeros : os << zero;
  for (float v : codebook)
    os << " " << llvm::bit_cast<uint32_t>(v);
  return key;
}

namespace {

/// The bits of row `within` of a chunk, out of the chunk's 32-bit words.
Value unpackRow(CodeBuilder &k, const QuantizedFormat &f, Value words,
                int64_t within) {
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

Value loadQuantScales(CodeBuilder &k, const QuantizedFormat &f, Value scales,
                      Value index, int64_t count) {
  return k.convert(k.load(k.vec(count, f.scale), scales, index), k.f32());
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

Value emitQuantDifference(CodeBuilder &k, const QuantizedFormat &f, Value words,
                          int64_t within, Value zero) {
  bool isAvx512 =
      k.lanes() == 16 && StringRef(k.target().triple).starts_with("x86_64");
  if (!f.codebook.empty() || (isAvx512 && f.bits == 4 && !f.zeros)) {
    unsigned low = 8 * (within % 4) + within / 4 * f.bits;
    Value index =
        low ? k.shrUnsigned(words, k.constantInt(words.getType(), low)) : words;
    return lookUp(k, valueTable(f), index);
  }
  return k.sub(k.convert(unpackRow(k, f, words, within), k.f32()), zero);
}

namespace {

void emitUnpackBody(CodeBuilder &k, const QuantizedFormat &f,
                    ArrayRef<BlockArgument> args) {
  Value q = args[0], scales = args[1], zeros = args[2], first = args[3],
        steps = args[4], out = args[5];
  int64_t lanes = std::min<int64_t>(k.lanes(), panelColumns);
  Type words = k.vec(lanes, k.i32());
  Value from = k.divSize(first, f.chunk());
  Value count = k.ceilDiv(steps, f.chunk());
  k.forLoop(count, [&](Value i) {
    Value chunk = k.add(from, i);
    Value group =
        f.group >= f.k ? k.ci(0) : k.divSize(k.mul(chunk, f.chunk()), f.group);
    for (int64_t lane = 0; lane < panelColumns; lane += lanes) {
      Value word =
          k.load(words, q, k.add(k.mul(chunk, panelColumns), lane), 0, 4);
      Value at = k.add(k.mul(group, panelColumns), lane);
      Value scale = loadQuantScales(k, f, scales, at, lanes),
            zero = loadQuantZeros(k, f, zeros, at, lanes);
      for (int64_t within = 0; within < f.chunk(); ++within) {
        Value v = k.mul(emitQuantDifference(k, f, word, within, zero), scale);
        k.store(v, out,
                k.add(k.mul(i, f.chunk() * panelColumns),
                      within * panelColumns + lane));
      }
    }
  });
}

} // namespace

Value emitQuantizedElement(CodeBuilder &k, const QuantizedFormat &f, Value q,
                           Value scales, Value zeros, Value row, Value column) {
  Value panel = k.divSize(column, panelColumns),
        lane = k.remSize(column, panelColumns);
  Value chunk = k.divSize(row, f.chunk()), within = k.remSize(row, f.chunk());
  Value word =
      k.add(k.mul(k.add(k.mul(panel, f.chunks()), chunk), panelColumns), lane);
  Value byte = k.add(k.mul(word, 4), k.remSize(within, 4));
  Value v = k.convert(k.load(k.i8(), q, byte), k.i32(), /*isUnsigned=*/true);
  Value low = k.convert(k.mul(k.divSize(within, 4), f.bits), k.i32());
  if (f.isSigned) {
    Value up = k.sub(k.ci32(32 - f.bits), low);
    v = k.shrSigned(k.shl(v, up), k.ci32(32 - f.bits));
  } else {
    v = k.bitAnd(k.shrUnsigned(v, low), k.ci32((int64_t(1) << f.bits) - 1));
  }
  Value group = f.group >= f.k ? k.ci(0) : k.divSize(row, f.group);
  Value at =
      k.add(k.mul(k.add(k.mul(panel, f.groups()), group), panelColumns), lane);
  Value difference =
      f.codebook.empty()
          ? k.sub(k.convert(v, k.f32()), loadQuantZeros(k, f, zeros, at, 1))
          : lookUp(k, f.codebook, v);
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
