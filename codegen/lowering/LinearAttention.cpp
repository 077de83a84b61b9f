// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/Math.h"
#include "codegen/ref/PlainKernel.h"

using namespace mlir;

namespace llmc {

namespace {
/// One row and kv head: the tokens one after another, on the state in place.
struct Recurrence {
  PlainBody &p;
  CodeBuilder &k;
  int64_t group, size, valueSize;
  double scale;
  int decay, beta; ///< operand numbers, or -1
  enum : unsigned { Q, K, V, Out, State };

  Value number(unsigned tensor, Values at) {
    return k.convert(p.load(tensor, at), k.f32());
  }
  Value index(int tensor, int64_t axis, Value i) { // 0 where it has size 1
    return k.select(k.eq(p.dim(tensor, axis), k.ci(1)), k.ci(0), i);
  }
  void each(int64_t count, llvm::function_ref<void(Value)> body) {
    k.forLoop(k.ci(count), body);
  }
  /// row[m] = sum over d of weight(d) * state[d][m].
  void contract(Value b, Value h, Value row,
                llvm::function_ref<Value(Value)> weight) {
    each(valueSize, [&](Value m) { k.store(k.cf(0), row, m); });
    each(size, [&](Value d) {
      Value w = weight(d);
      each(valueSize, [&](Value m) {
        Value s = p.load(State, {b, h, d, m});
        k.store(k.fma(w, s, k.load(k.f32(), row, m)), row, m);
      });
    });
  }

  void token(Value b, Value h, Value t, Value row) {
    if (decay >= 0)
      each(size, [&](Value d) {
        Value g = emitExp(k, number(decay, {b, t, h, index(decay, 3, d)}));
        each(valueSize, [&](Value m) {
          Value s = p.load(State, {b, h, d, m});
          p.store(k.mul(s, g), State, {b, h, d, m});
        });
      });
    auto key = [&](Value d) { return number(K, {b, t, h, d}); };
    if (beta >= 0) {
      Value rate = number(beta, {b, t, index(beta, 2, h), k.ci(0)});
      contract(b, h, row, key);
      each(valueSize, [&](Value m) {
        Value rest = k.sub(number(V, {b, t, h, m}), k.load(k.f32(), row, m));
        k.store(k.mul(rate, rest), row, m);
      });
    } else {
      each(valueSize,
           [&](Value m) { k.store(number(V, {b, t, h, m}), row, m); });
    }
    each(size, [&](Value d) {
      Value w = key(d);
      each(valueSize, [&](Value m) {
        Value s = p.load(State, {b, h, d, m});
        p.store(k.fma(w, k.load(k.f32(), row, m), s), State, {b, h, d, m});
      });
    });
    each(group, [&](Value g) {
      Value head = k.add(k.mul(h, group), g);
      contract(b, h, row, [&](Value d) { return number(Q, {b, t, head, d}); });
      each(valueSize, [&](Value m) {
        Value y = k.mul(k.load(k.f32(), row, m), k.cf(scale));
        p.store(k.convert(y, computeType(p.element(Out))), Out,
                {b, t, head, m});
      });
    });
  }
};
} // namespace

static LogicalResult lowerLinearAttention(Operation *op, EntryLowering &e) {
  auto attention = cast<llm::LinearAttentionOp>(op);
  MemTensor q = e.get(attention.getQ()), k = e.get(attention.getK()),
            v = e.get(attention.getV()), out = e.result(attention.getResult()),
            state = e.result(attention.getPresent());
  if (attention.getState())
    e.copy(e.get(attention.getState()), state);
  SmallVector<PlainTensor> tensors = {
      {q}, {k}, {v}, {out, true}, {state, true}};
  auto add = [&](Value operand) -> int {
    if (!operand)
      return -1;
    tensors.push_back({e.get(operand)});
    return tensors.size() - 1;
  };
  int decay = add(attention.getDecay()), beta = add(attention.getBeta());
  bool fresh = !attention.getState();
  int64_t kvHeads = *llm::fixedDim(k.shape[2]),
          group = *llm::fixedDim(q.shape[2]) / kvHeads,
          size = *llm::fixedDim(k.shape[3]),
          valueSize = *llm::fixedDim(v.shape[3]);
  double scale = attention.getScale().convertToDouble();
  std::string key;
  llvm::raw_string_ostream(key)
      << group << "," << size << "," << valueSize << ","
      << llvm::bit_cast<uint64_t>(scale) << (fresh ? "f" : "")
      << (decay >= 0 ? "d" : "") << (beta >= 0 ? "b" : "");
  launchPlain(e, "linear_attention", key, tensors, {}, Recurrence::State, 2,
              [&](PlainBody &p) {
                Recurrence body{p,         p.k,   group, size,
                                valueSize, scale, decay, beta};
                p.forTiles(Recurrence::State, 2, [&](Values at) {
                  Value b = at[0], h = at[1];
                  Value row = p.k.scratch(p.k.f32(), valueSize);
                  if (fresh)
                    body.each(size, [&](Value d) {
                      body.each(valueSize, [&](Value m) {
                        p.store(p.k.cf(0), Recurrence::State, {b, h, d, m});
                      });
                    });
                  p.k.forLoop(p.dim(Recurrence::Q, 1),
                              [&](Value t) { body.token(b, h, t, row); });
                });
              });
  return success();
}

void addLinearAttentionLowerings(LoweringTable &table) {
  table["llm.linear_attention"] = lowerLinearAttention;
}

} // namespace llmc
