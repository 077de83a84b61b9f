// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/kernels/Experts.h"
#include "codegen/cpu/Elements.h"
#include "codegen/cpu/kernels/Matmul.h"
#include "codegen/cpu/kernels/MatmulTile.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace llmc {
namespace {

constexpr KernelArg arguments[] = {
    {KernelArg::Read, "a"},         {KernelArg::Read, "routing"},
    {KernelArg::Read, "w"},         {KernelArg::Read, "scales"},
    {KernelArg::Read, "zeros"},     {KernelArg::Read, "up"},
    {KernelArg::Read, "up_scales"}, {KernelArg::Read, "up_zeros"},
    {KernelArg::Read, "bias"},      {KernelArg::Read, "bias_up"},
    {KernelArg::Write, "c"},        {KernelArg::Int, "tokens"},
};
static_assert(std::size(arguments) == ExpertsArgCount);

/// Panels of a tile: what the register tiles take, in whole groups.
int64_t groupPanels(const CpuTarget &target, const ExpertsSpec &spec) {
  int64_t panels = spec.n / panelColumns;
  int64_t group =
      std::min(quantTilePanels(target, 1), matmulThinPanels(target, 1));
  while (panels % group)
    group /= 2;
  return group;
}

class ExpertsEmitter {
public:
  ExpertsEmitter(KernelModule &kernels, KernelBuilder &k,
                 const ExpertsSpec &spec)
      : kernels(kernels), k(k), spec(spec),
        group(groupPanels(k.target(), spec)), width(group * panelColumns),
        vector(k.vecF32(k.lanes())) {
    for (int64_t i = 0; i < (spec.gated ? 2 : 1); ++i)
      sums.push_back(k.scratch(k.f32(), width));
    if (spec.down)
      total = k.scratch(k.f32(), width);
  }

  void emit() {
    Value tokens = k.arg(ExpertsTokens);
    k.forTiles([&](Value tile) {
      first = k.mul(k.divSize(tile, tokens), group);
      token = k.remSize(tile, tokens);
      if (spec.down)
        forColumns([&](Value c) { k.store(k.zero(vector), total, c); });
      k.forLoop(k.ci(0), k.ci(spec.experts), k.ci(1), {k.ci(0)},
                [&](Value e, ValueRange carried) -> Values {
                  return {oneExpert(e, carried[0])};
                });
      if (spec.down)
        forColumns([&](Value c) {
          Value at = k.add(k.mul(token, spec.n), k.mul(first, panelColumns));
          k.store(k.load(vector, total, c), k.arg(ExpertsC), k.add(at, c));
        });
    });
  }

private:
  void forColumns(llvm::function_ref<void(Value)> body) {
    k.forLoop(k.ci(0), k.ci(width), k.ci(k.lanes()), body);
  }

  /// The next slot.
  Value oneExpert(Value e, Value slot) {
    Value weight = k.load(k.f32(), k.arg(ExpertsRouting),
                          k.add(k.mul(token, spec.experts), e));
    Value chosen = k.cmp(CmpF::UNE, weight, k.cf(0));
    chosen = k.bitAnd(chosen, k.lt(slot, k.ci(spec.slots)));
    return k.ifElse(
        chosen,
        [&]() -> Values {
          compute(e, slot, weight);
          return {k.add(slot, 1)};
        },
        [&]() -> Values { return {slot}; })[0];
  }

  void compute(Value e, Value slot, Value weight) {
    Value row = k.add(k.mul(token, spec.slots), slot);
    Value a = k.address(k.arg(ExpertsA), k.f32(),
                        k.mul(spec.down ? row : token, spec.k));
    Value panel = k.add(k.mul(e, spec.n / panelColumns), first);
    for (size_t i = 0; i < sums.size(); ++i)
      product(i, a, panel);
    Value column = k.mul(first, panelColumns);
    Value biasAt = k.add(k.mul(e, spec.n), column),
          out = k.add(k.mul(row, spec.n), column);
    forColumns([&](Value c) {
      auto sum = [&](size_t i, bool bias) {
        Value v = k.load(vector, sums[i], c);
        return bias ? k.add(v, k.load(vector,
                                      k.arg(i ? ExpertsBiasUp : ExpertsBias),
                                      k.add(biasAt, c)))
                    : v;
      };
      Value v = sum(0, spec.bias);
      if (spec.down) {
        Value factor = k.broadcast(weight, k.lanes());
        k.store(k.fma(factor, v, k.load(vector, total, c)), total, c);
        return;
      }
      Value u = spec.gated ? sum(1, spec.upBias) : Value();
      k.store(combined(v, u), k.arg(ExpertsC), k.add(out, c));
    });
  }

  /// act(g) * (u + beta)
  Value combined(Value g, Value u) {
    Value most = k.constant(vector, spec.limit),
          least = k.constant(vector, -spec.limit);
    if (spec.limit > 0)
      g = k.min(g, most);
    Value y =
        spec.alpha == 1
            ? emitActivation(k, spec.activation, g)
            : k.mul(g,
                    emitSigmoid(k, k.mul(g, k.constant(vector, spec.alpha))));
    if (!u)
      return y;
    if (spec.limit > 0)
      u = k.max(k.min(u, most), least);
    return k.mul(y,
                 spec.beta == 0 ? u : k.add(u, k.constant(vector, spec.beta)));
  }

  /// sums[i] = a * the group's panels from `panel` on, in the blocks of K that
  /// the matmul kernels have.
  void product(size_t i, Value a, Value panel) {
    const QuantizedFormat &f = i ? spec.up : spec.weight;
    Value w = k.arg(i ? ExpertsUp : ExpertsW), none = k.ci(0);
    k.forLoop(k.ci(0), k.ci(spec.k), k.ci(matmulBlockK), [&](Value step) {
      Value steps = k.min(k.sub(k.ci(spec.k), step), k.ci(matmulBlockK)),
            more = k.cmp(CmpI::ne, step, none),
            from = k.address(a, k.f32(), step);
      auto call = [&](LLVM::LLVMFuncOp func, ValueRange operands) {
        LLVM::CallOp::create(k.builder(), k.location(), func, operands);
      };
      if (!f) {
        Value at = k.mul(k.add(k.mul(panel, spec.k), step), panelColumns);
        call(emitMatmulTile(kernels, {1, group, 0, width}),
             {from, none, k.address(w, k.f32(), at),
              k.ci(spec.k * panelColumns), sums[i], steps, more});
        return;
      }
      auto perGroup = [&](ExpertsArg arg, Type type) {
        return k.address(k.arg(arg), type,
                         k.mul(panel, f.groups() * panelColumns));
      };
      call(emitQuantTile(kernels, f, {1, group, width}),
           {from, none, k.address(w, k.i32(), k.mul(panel, f.panelWords())),
            perGroup(i ? ExpertsUpScales : ExpertsScales, memoryType(f.scale)),
            perGroup(i ? ExpertsUpZeros : ExpertsZeros,
                     f.zeros ? f.zeros : k.i8()),
            step, steps, sums[i], more});
    });
  }

  KernelModule &kernels;
  KernelBuilder &k;
  const ExpertsSpec &spec;
  int64_t group, width;
  Type vector;
  Values sums;
  Value total, first, token;
};

} // namespace

std::string ExpertsSpec::key() const {
  std::string key =
      llvm::formatv("{0}/{1} n{2} k{3} {4}{5}{6}{7} {8}", slots, experts, n, k,
                    down ? "d" : "", bias ? "b" : "", gated ? "g" : "",
                    upBias ? "u" : "", activationName(activation));
  for (double number : {alpha, beta, limit})
    key += " " + llvm::utohexstr(llvm::bit_cast<uint64_t>(number));
  for (const QuantizedFormat &format : {weight, up})
    key += format ? " " + format.key() : "";
  return key;
}

Value expertsTiles(CodeBuilder &b, const ExpertsSpec &spec, Value tokens) {
  return b.mul(tokens, spec.n / panelColumns / groupPanels(b.target(), spec));
}

std::string emitExperts(KernelModule &kernels, const ExpertsSpec &spec) {
  return kernels.get("experts", spec.key(), [&](StringRef symbol) {
    KernelBuilder k(kernels, symbol, arguments);
    ExpertsEmitter(kernels, k, spec).emit();
    k.finish();
  });
}

} // namespace llmc
