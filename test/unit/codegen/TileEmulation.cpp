// SPDX-License-Identifier: Apache-2.0
#include "test/unit/codegen/TileEmulation.h"

namespace llmc::test {
namespace {

using mlir::Value;

constexpr int64_t rowBytes = 64, tileBytes = 16 * rowBytes, tiles = 8;
constexpr const char *global = "emulated_tiles"; // all tiles, the configuration

class Emulator {
public:
  Emulator(CodeBuilder &k, mlir::LLVM::CallIntrinsicOp op) : k(k), op(op) {
    state = mlir::LLVM::AddressOfOp::create(k.builder(), k.location(), k.ptr(),
                                            global);
  }

  void emit() {
    llvm::StringRef name = op.getIntrin();
    if (name == "llvm.x86.ldtilecfg")
      configure();
    else if (name == "llvm.x86.tilezero")
      clear(base(0), tileBytes);
    else if (name == "llvm.x86.tileloadd64")
      clear(base(0), tileBytes), move(true);
    else if (name == "llvm.x86.tilestored64")
      move(false);
    else if (name == "llvm.x86.tdpbf16ps")
      multiply(k.f32(), [&](Value sum, Value x, Value y) {
        for (bool second : {false, true})
          sum = k.fma(k.pairElement(x, second), k.pairElement(y, second), sum);
        return sum;
      });
    else if (name == "llvm.x86.tdpbsud")
      multiply(k.i32(), [&](Value sum, Value x, Value y) {
        for (int64_t shift : {0, 8, 16, 24}) {
          Value s = k.convert(k.shrUnsigned(x, k.ci32(shift)), k.i8()),
                u = k.convert(k.shrUnsigned(y, k.ci32(shift)), k.i8());
          sum = k.add(sum, k.mul(k.convert(s, k.i32()),
                                 k.convert(u, k.i32(), /*isUnsigned=*/true)));
        }
        return sum;
      });
    else
      assert(name == "llvm.x86.tilerelease");
  }

private:
  Value arg(unsigned i) { return op.getArgs()[i]; }
  Value number(unsigned i) { return k.convert(arg(i), k.i64()); }
  Value base(unsigned i) {
    return k.address(state, k.i8(), k.mul(number(i), tileBytes));
  }
  Value config() {
    return k.address(state, k.i8(), Value(), tiles * tileBytes);
  }
  Value rows(unsigned i) {
    Value at = k.add(number(i), 48);
    return k.convert(k.load(k.i8(), config(), at), k.i64(), true);
  }
  Value bytes(unsigned i) {
    mlir::Type half = k.builder().getIntegerType(16);
    return k.convert(k.load(half, config(), k.add(number(i), 8)), k.i64(),
                     true);
  }

  void copy(Value from, Value to, Value count) {
    k.forLoop(count, [&](Value i) { k.store(k.load(k.i8(), from, i), to, i); });
  }
  void clear(Value at, int64_t count) {
    k.forLoop(k.ci(count), [&](Value i) { k.store(k.zero(k.i8()), at, i); });
  }

  void configure() {
    clear(state, tiles * tileBytes);
    copy(arg(0), config(), k.ci(rowBytes));
  }

  void move(bool load) {
    k.forLoop(rows(0), [&](Value r) {
      Value memory = k.address(arg(1), k.i8(), k.mul(arg(2), r)),
            row = k.address(base(0), k.i8(), k.mul(r, rowBytes));
      copy(load ? memory : row, load ? row : memory, bytes(0));
    });
  }

  /// `add` adds the products of a word of both sides to a sum of this type.
  void multiply(mlir::Type type,
                llvm::function_ref<Value(Value, Value, Value)> add) {
    auto word = [&](unsigned i, Value row, Value column) {
      return k.address(base(i), k.i32(),
                       k.add(k.mul(row, rowBytes / 4), column));
    };
    k.forLoop(rows(0), [&](Value m) {
      k.forLoop(k.divSize(bytes(1), 4), [&](Value depth) {
        k.forLoop(k.divSize(bytes(0), 4), [&](Value n) {
          Value sum = k.load(type, word(0, m, n)),
                x = k.load(k.i32(), word(1, m, depth)),
                y = k.load(k.i32(), word(2, depth, n));
          k.store(add(sum, x, y), word(0, m, n));
        });
      });
    });
  }

  CodeBuilder &k;
  mlir::LLVM::CallIntrinsicOp op;
  Value state;
};

} // namespace

void emulateTiles(KernelModule &kernels) {
  mlir::ModuleOp module = kernels.module();
  llvm::SmallVector<mlir::LLVM::CallIntrinsicOp> calls;
  module.walk([&](mlir::LLVM::CallIntrinsicOp op) {
    llvm::StringRef name = op.getIntrin();
    if (name.contains(".tile") || name.contains("ldtile") ||
        name.contains(".tdp"))
      calls.push_back(op);
  });
  mlir::OpBuilder b(module.getContext());
  b.setInsertionPointToStart(module.getBody());
  auto type = mlir::LLVM::LLVMArrayType::get(b.getI8Type(),
                                             tiles * tileBytes + rowBytes);
  mlir::LLVM::GlobalOp::create(b, module.getLoc(), type, /*isConstant=*/false,
                               mlir::LLVM::Linkage::Internal, global,
                               mlir::Attribute(), /*alignment=*/64);
  for (mlir::LLVM::CallIntrinsicOp op : calls) {
    b.setInsertionPoint(op);
    CodeBuilder k(b, op.getLoc(), kernels.target());
    Emulator(k, op).emit();
    op.erase();
  }
}

} // namespace llmc::test
