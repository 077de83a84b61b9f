// SPDX-License-Identifier: Apache-2.0
#include "codegen/lowering/SlidingWindow.h"

using namespace mlir;

namespace llmc {

void failIfTooShort(EntryLowering &e, const MemTensor &x, AffineMap before,
                    AffineMap after, ArrayRef<int64_t> kernel,
                    ArrayRef<int64_t> dilations) {
  CodeBuilder &h = e.host();
  for (size_t i = 0; i < kernel.size(); ++i) {
    if (llm::fixedDim(x.shape[i + 2]))
      continue;
    Value padded = h.add(h.add(x.dims[i + 2], e.size(before.getResult(i))),
                         e.size(after.getResult(i)));
    Value span = h.ci((kernel[i] - 1) * dilations[i] + 1);
    e.failIf(h.lt(padded, span), LLMC_FAIL_SHAPE, padded, span);
  }
}

void requireEqual(EntryLowering &e, llm::Dim x, llm::Dim y) {
  if (llm::simplified(x) == llm::simplified(y))
    return;
  Value a = e.size(x), b = e.size(y);
  e.failIf(e.host().cmp(CmpI::ne, a, b), LLMC_FAIL_SHAPE, a, b);
}

KernelRange kernelInside(CodeBuilder &k, Value start, Value size,
                         int64_t kernel, int64_t dilation) {
  Value zero = k.ci(0), all = k.ci(kernel);
  Value first = k.ceilDiv(k.max(k.sub(zero, start), zero), dilation);
  Value last = k.ceilDiv(k.max(k.sub(size, start), zero), dilation);
  last = k.min(last, all);
  return {k.min(first, last), last};
}

Values nestRanges(CodeBuilder &k, ArrayRef<KernelRange> ranges,
                  ValueRange inits,
                  llvm::function_ref<Values(Values &, ValueRange)> body) {
  Values at;
  std::function<Values(size_t, ValueRange)> nest =
      [&](size_t axis, ValueRange carried) -> Values {
    if (axis == ranges.size())
      return body(at, carried);
    return k.forLoop(ranges[axis].first, ranges[axis].last, k.ci(1), carried,
                     [&](Value iv, ValueRange inner) -> Values {
                       at.push_back(iv);
                       Values next = nest(axis + 1, inner);
                       at.pop_back();
                       return next;
                     });
  };
  return nest(0, inits);
}

std::string numbersKey(ArrayRef<int64_t> numbers) {
  std::string key;
  for (int64_t n : numbers)
    key += std::to_string(n) + ",";
  return key + ";";
}

} // namespace llmc
