// SPDX-License-Identifier: Apache-2.0
#include "codegen/cpu/MathDouble.h"

#include "codegen/cpu/Math.h"

#include <cmath>

using namespace mlir;

namespace llmc {

Value emitTanhDouble(CodeBuilder &k, Value x) {
  Type t = x.getType();
  Value one = k.constant(t, 1), a = k.abs(x), z = k.mul(x, x);
  Value e = emitExp(k, k.mul(a, k.constant(t, -2)));
  Value large = k.copySign(k.div(k.sub(one, e), k.add(one, e)), x);
  // Near 0 the quotient cancels: a continued fraction instead (Lambert).
  Value fraction = k.constant(t, 19);
  for (int odd : {17, 15, 13, 11, 9, 7, 5, 3, 1})
    fraction = k.add(k.constant(t, odd), k.div(z, fraction));
  return k.select(k.lt(a, k.constant(t, 0.5)), k.div(x, fraction), large);
}

/// Maclaurin series below 3 and the continued fraction of erfc above
/// (Abramowitz and Stegun 7.1.6, 7.1.14).
Value emitErfDouble(CodeBuilder &k, Value x) {
  Type t = x.getType();
  Value a = k.abs(x), z = k.mul(a, a), e = emitExp(k, k.neg(z));
  Value sum = k.constant(t, 1);
  for (int n = 48; n >= 1; --n) // 1 + 2z/3 (1 + 2z/5 (1 + ...))
    sum = k.fma(k.mul(z, k.constant(t, 2.0 / (2 * n + 1))), sum,
                k.constant(t, 1));
  Value small = k.mul(k.mul(a, k.mul(e, sum)), k.constant(t, M_2_SQRTPI));
  Value fraction = a;
  for (int n = 24; n >= 1; --n)
    fraction = k.add(a, k.div(k.constant(t, n / 2.0), fraction));
  Value large = k.sub(k.constant(t, 1),
                      k.div(k.mul(e, k.constant(t, M_2_SQRTPI / 2)), fraction));
  Value r = k.select(k.lt(a, k.constant(t, 3)), small, large);
  r = k.select(k.lt(k.constant(t, 6.5), a), k.constant(t, 1), r);
  return k.copySign(r, x);
}

} // namespace llmc
