// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Math.h"
#include "codegen/lowering/SlidingWindow.h"

using namespace mlir;

namespace llmc {

using llm::RecurrentKind;

static Value cellActivation(CodeBuilder &k, StringRef name, double alpha,
                            double beta, Value x) {
  Type t = x.getType();
  auto number = [&](double v) { return k.constant(t, v); };
  Value zero = k.zero(t), one = number(1);
  auto scaled = [&](Value v) { return k.mul(v, number(alpha)); };
  if (name == "sigmoid")
    return k.div(one, k.add(one, emitExp(k, k.neg(x))));
  if (name == "tanh")
    return emitTanh(k, x);
  if (name == "relu")
    return k.maximum(x, zero);
  if (name == "affine")
    return k.add(scaled(x), number(beta));
  if (name == "leakyrelu")
    return k.select(k.cmp(CmpF::OLT, x, zero), scaled(x), x);
  if (name == "thresholdedrelu")
    return k.select(k.cmp(CmpF::OGT, x, number(alpha)), x, zero);
  if (name == "scaledtanh")
    return scaled(emitTanh(k, k.mul(x, number(beta))));
  if (name == "hardsigmoid")
    return k.maximum(k.minimum(k.add(scaled(x), number(beta)), one), zero);
  if (name == "elu")
    return k.select(k.cmp(CmpF::OLT, x, zero),
                    scaled(k.sub(emitExp(k, x), one)), x);
  if (name == "softsign")
    return k.div(x, k.add(one, k.abs(x)));
  return emitSoftplus(k, x);
}

namespace {
/// Where operands stand in the kernel's list; -1: absent.
struct RecurrentOperands {
  SmallVector<PlainTensor> tensors;
  int c0 = -1, lastC = -1, lengths = -1, inner = -1, peepholes = -1;
};
enum : unsigned { Gates, Weights, InitialH, States, LastH, Memory };

/// The steps of one row of the batch. The row's memory holds h [H], c [H], the
/// gates [G * H] and [H] more.
class CellEmitter {
public:
  CellEmitter(PlainBody &b, llm::RecurrentOp op, const RecurrentOperands &o,
              Type sum, Value row)
      : b(b), k(b.k), op(op), o(o), sum(sum), row(row),
        hidden(b.dim(LastH, 1)) {}

  void emit() {
    overHidden([&](Value j) {
      put(hAt(j), value(InitialH, {row, j}));
      if (o.c0 >= 0)
        put(cAt(j), value(o.c0, {row, j}));
    });
    Value steps = b.dim(States, 1), count = steps;
    if (o.lengths >= 0)
      count = k.min(
          k.max(k.convert(b.load(o.lengths, {row}), k.i64()), k.ci(0)), steps);
    k.forLoop(count, [&](Value t) {
      Value at = op.getReverse() ? k.sub(k.sub(count, 1), t) : t;
      step(at);
      overHidden([&](Value j) { write(get(hAt(j)), States, {row, at, j}); });
    });
    k.forLoop(count, steps, k.ci(1), [&](Value t) {
      overHidden([&](Value j) { write(k.zero(sum), States, {row, t, j}); });
    });
    overHidden([&](Value j) {
      write(get(hAt(j)), LastH, {row, j});
      if (o.lastC >= 0)
        write(get(cAt(j)), o.lastC, {row, j});
    });
  }

private:
  void overHidden(llvm::function_ref<void(Value)> body) {
    k.forLoop(hidden, body);
  }
  Value hAt(Value j) { return j; }
  Value cAt(Value j) { return k.add(hidden, j); }
  Value gateAt(int64_t gate, Value j) {
    return k.add(k.mul(hidden, 2 + gate), j);
  }
  Value get(Value at) { return b.load(Memory, {row, at}); }
  void put(Value at, Value v) { b.store(v, Memory, {row, at}); }
  Value value(unsigned tensor, ValueRange at) {
    return k.convert(b.load(tensor, at), sum);
  }
  void write(Value v, unsigned tensor, ValueRange at) {
    b.store(k.convert(v, computeType(b.element(tensor))), tensor, at);
  }
  Value act(unsigned i, Value x) {
    if (auto clip = op.getClip()) {
      Value limit = k.constant(sum, clip->convertToDouble());
      x = k.minimum(k.maximum(x, k.neg(limit)), limit);
    }
    return activate(i, x);
  }
  Value activate(unsigned i, Value x) {
    return cellActivation(k, cast<StringAttr>(op.getActivations()[i]),
                          op.getAlpha()[i], op.getBeta()[i], x);
  }

  /// target[j] += sum over i of source(i) * weights[i, column + j], j < width.
  void accumulate(Value target, Value column, Value width,
                  llvm::function_ref<Value(Value)> source) {
    overHidden([&](Value i) {
      Value h = source(i);
      k.forLoop(width, [&](Value j) {
        Value at = k.add(target, j);
        Value w = value(Weights, {i, k.add(column, j)});
        put(at, k.fma(h, w, get(at)));
      });
    });
  }

  void step(Value t) {
    int64_t gates = op.getKind() == RecurrentKind::Lstm  ? 4
                    : op.getKind() == RecurrentKind::Gru ? 3
                                                         : 1;
    k.forLoop(k.mul(hidden, gates), [&](Value j) {
      put(k.add(k.mul(hidden, 2), j), value(Gates, {row, t, j}));
    });
    if (op.getKind() == RecurrentKind::Gru)
      return stepGru();
    auto h = [&](Value i) { return get(hAt(i)); };
    accumulate(gateAt(0, k.ci(0)), k.ci(0), k.mul(hidden, gates), h);
    if (op.getKind() == RecurrentKind::Rnn)
      return overHidden(
          [&](Value j) { put(hAt(j), act(0, get(gateAt(0, j)))); });
    overHidden([&](Value j) { stepLstm(j); });
  }

  /// Gates i, o, f, c.
  void stepLstm(Value j) {
    auto peep = [&](Value x, int64_t which, Value cell) {
      if (o.peepholes < 0)
        return x;
      Value p = value(o.peepholes, {k.add(k.mul(hidden, which), j)});
      return k.add(x, k.mul(p, cell));
    };
    Value old = get(cAt(j));
    Value i = act(0, peep(get(gateAt(0, j)), 0, old));
    Value f = op.getInputForget() ? k.sub(k.constant(sum, 1), i)
                                  : act(0, peep(get(gateAt(2, j)), 2, old));
    Value fresh = act(1, get(gateAt(3, j)));
    Value cell = k.add(k.mul(f, old), k.mul(i, fresh));
    Value out = act(0, peep(get(gateAt(1, j)), 1, cell));
    put(cAt(j), cell);
    put(hAt(j), k.mul(out, activate(2, cell)));
  }

  /// Gates z, r, h; behind them r * h, or the inner product.
  void stepGru() {
    Value two = k.mul(hidden, 2);
    accumulate(gateAt(0, k.ci(0)), k.ci(0), two,
               [&](Value i) { return get(hAt(i)); });
    bool linear = op.getLinearBeforeReset();
    overHidden([&](Value j) {
      Value r = act(0, get(gateAt(1, j)));
      put(gateAt(1, j), r);
      Value start = o.inner >= 0 ? value(o.inner, {j}) : k.zero(sum);
      put(gateAt(3, j), linear ? start : k.mul(r, get(hAt(j))));
    });
    if (linear) {
      accumulate(gateAt(3, k.ci(0)), two, hidden,
                 [&](Value i) { return get(hAt(i)); });
      overHidden([&](Value j) {
        put(gateAt(2, j), k.add(get(gateAt(2, j)),
                                k.mul(get(gateAt(1, j)), get(gateAt(3, j)))));
      });
    } else {
      accumulate(gateAt(2, k.ci(0)), two, hidden,
                 [&](Value i) { return get(gateAt(3, i)); });
    }
    overHidden([&](Value j) {
      Value z = act(0, get(gateAt(0, j))), fresh = act(1, get(gateAt(2, j)));
      put(hAt(j), k.add(k.mul(k.sub(k.constant(sum, 1), z), fresh),
                        k.mul(z, get(hAt(j)))));
    });
  }

  PlainBody &b;
  CodeBuilder &k;
  llm::RecurrentOp op;
  const RecurrentOperands &o;
  Type sum;
  Value row, hidden;
};
} // namespace

/// [seq, batch, n] seen as [batch, seq, n].
static MemTensor batchFirst(MemTensor t) {
  std::swap(t.shape[0], t.shape[1]);
  std::swap(t.dims[0], t.dims[1]);
  std::swap(t.strides[0], t.strides[1]);
  t.contiguous = false;
  return t;
}

static LogicalResult lowerRecurrent(Operation *op, EntryLowering &e) {
  auto cell = cast<llm::RecurrentOp>(op);
  CodeBuilder &h = e.host();
  MLIRContext *ctx = op->getContext();
  Type sum = computeType(llm::elementOf(cell.getGates()));
  if (e.target().isReference())
    sum = h.f64();
  int64_t parts = 2 + 4; // h, c and up to four gates
  llm::Dims dims = llm::dimsOf(cell.getLastH());
  llm::Dims room = {dims[0], llm::simplified(dims[1] * parts)};
  llm::Dim bytes = llm::productOf(
      ctx, {room[0], room[1],
            llm::constantDim(ctx, sum.getIntOrFloatBitWidth() / 8)});
  MemTensor memory =
      e.makeTensor(e.scratch(bytes), llm::tensorType(ctx, room, sum));
  RecurrentOperands o;
  o.tensors = {{batchFirst(e.get(cell.getGates()))},
               {e.contiguous(cell.getWeights())},
               {e.get(cell.getInitialH())},
               {batchFirst(e.result(cell.getStates())), true},
               {e.result(cell.getLastH()), true},
               {memory, true}};
  auto add = [&](Value v) {
    if (!v)
      return -1;
    o.tensors.push_back({e.get(v)});
    return static_cast<int>(o.tensors.size()) - 1;
  };
  o.c0 = add(cell.getInitialC()), o.lengths = add(cell.getLengths());
  o.inner = add(cell.getInnerBias()), o.peepholes = add(cell.getPeepholes());
  if (cell.getLastC()) {
    o.lastC = o.tensors.size();
    o.tensors.push_back({e.result(cell.getLastC()), true});
  }
  for (unsigned i : {Gates, InitialH, LastH})
    requireEqual(e, o.tensors[i].tensor.shape[0], dims[0]);
  if (o.c0 >= 0)
    requireEqual(e, o.tensors[o.c0].tensor.shape[0], dims[0]);
  if (o.lengths >= 0)
    requireEqual(e, o.tensors[o.lengths].tensor.shape[0], dims[0]);
  std::string key;
  llvm::raw_string_ostream(key)
      << op->getAttrDictionary() << o.c0 << o.lengths << o.inner << o.peepholes;
  launchPlain(e, "recurrent", key, o.tensors, {}, States, 1, [&](PlainBody &b) {
    b.forTiles(States, 1,
               [&](Values at) { CellEmitter(b, cell, o, sum, at[0]).emit(); });
  });
  return success();
}

void addRecurrentLowerings(LoweringTable &table) {
  table["llm.recurrent"] = lowerRecurrent;
}

} // namespace llmc
