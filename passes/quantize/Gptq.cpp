// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Gptq.h"

#include "ir/llm/Wide.h"
#include "passes/quantize/Factor.h"
#include "passes/quantize/Parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

#pragma STDC FP_CONTRACT OFF

namespace llmc::quantize {
namespace {

/// Columns that a thread works on at once: a row of them is a few registers,
/// and all rows stay in a core's cache.
constexpr int64_t kColumns = 16;
using Row = std::array<float, kColumns>;

/// Rows that all errors before them are fed into at once.
constexpr int64_t kAhead = 32;

/// to[i] += the sum of factors[i * stride + j] * from[j], j in [begin, end),
/// for i < count; j ascending.
LLMC_WIDE void addProducts(Row *to, int64_t count, const float *factors,
                           int64_t stride, const Row *from, int64_t begin,
                           int64_t end) {
  constexpr int64_t kRows = 4;
  int64_t i = 0;
  for (; i + kRows <= count; i += kRows) {
    Row sums[kRows];
    std::memcpy(sums, to + i, sizeof(sums)); // into registers
    const float *f = factors + i * stride;
    for (int64_t j = begin; j < end; ++j)
      for (int64_t r = 0; r < kRows; ++r)
        for (int64_t c = 0; c < kColumns; ++c)
          sums[r][c] += f[r * stride + j] * from[j][c];
    std::memcpy(to + i, sums, sizeof(sums));
  }
  for (; i < count; ++i) {
    Row sum = to[i];
    for (int64_t j = begin; j < end; ++j)
      for (int64_t c = 0; c < kColumns; ++c)
        sum[c] += factors[i * stride + j] * from[j][c];
    to[i] = sum;
  }
}

/// to[i] -= factors[i] * from
LLMC_WIDE void subtractProducts(std::vector<Row> &to, const float *factors,
                                const Row &from) {
  for (size_t i = 0; i < to.size(); ++i)
    for (int64_t c = 0; c < kColumns; ++c)
      to[i][c] -= factors[i] * from[c];
}

struct Problem {
  std::span<const float> weights;
  int64_t k, n, group;
  const llm::QuantizeFormat &format;
  const GptqOptions &options;
  std::vector<int32_t> order; ///< of rounding, as rows of K
  // In this order:
  std::span<const float> hessian;
  Feedback feedback;
};

/// Up to 16 columns. Rows are kept in the order of rounding.
class Panel {
public:
  Panel(const Problem &p, int64_t first)
      : p(p), first(first), count(std::min(kColumns, p.n - first)), w(p.k),
        fed(p.k), e(p.k), d(p.k), fits(kColumns, llm::GroupFit(p.format.grid)),
        scales((p.k + p.group - 1) / p.group) {
    for (int64_t i = 0; i < p.k; ++i)
      for (int64_t c = 0; c < kColumns; ++c)
        w[i][c] = c < count ? p.weights[p.order[i] * p.n + first + c] : 0;
  }

  void round() {
    bool ordered = p.options.actOrder;
    if (ordered)
      for (int64_t g = 0; g < static_cast<int64_t>(scales.size()); ++g)
        fitGroup(g, [&](int64_t row) { return w[place(row)]; });
    fed = w;
    int64_t part = ordered ? p.k : p.group;
    for (int64_t begin = 0; begin < p.k; begin += part) {
      int64_t end = std::min(begin + part, p.k);
      feed(begin, end, 0, begin);
      if (!ordered)
        fitCorrected(begin / p.group, begin, end);
      for (int64_t i = begin; i < end; ++i) {
        int64_t from = begin + (i - begin) / kAhead * kAhead;
        if (i == from)
          feed(i, std::min(i + kAhead, end), begin, i);
        feed(i, i + 1, from, i);
        roundRow(i);
      }
    }
  }

  void descend() {
    if (!p.options.descents)
      return;
    // h[i] = row i of H E; kept up to date as E changes.
    std::vector<Row> he(p.k, Row{});
    addProducts(he.data(), p.k, p.hessian.data(), p.k, e.data(), 0, p.k);
    for (int sweep = 0; sweep < p.options.descents; ++sweep) {
      for (int64_t i = 0; i < p.k; ++i)
        moveInteger(i, he);
      for (size_t g = 0; g < scales.size(); ++g)
        moveScale(static_cast<int64_t>(g), he);
    }
  }

  void store(IntegerMatrix &out) const {
    for (int64_t i = 0; i < p.k; ++i)
      for (int64_t c = 0; c < count; ++c) {
        int64_t row = p.order[i];
        int32_t zero = scales[row / p.group][c].zero;
        int32_t q = p.format.grid.nearest(d[i][c], {1, zero}); // exact
        out.q[row * p.n + first + c] = static_cast<uint8_t>(q);
      }
    for (size_t g = 0; g < scales.size(); ++g)
      for (int64_t c = 0; c < count; ++c) {
        size_t at = g * p.n + first + c;
        out.scales[at] = scales[g][c].scale;
        out.zeros[at] = scales[g][c].zero;
      }
  }

private:
  using Scales = std::array<llm::GridScale, kColumns>;

  static void addTo(Row &sum, float factor, const Row &x) {
    for (int64_t c = 0; c < kColumns; ++c)
      sum[c] += factor * x[c];
  }

  const float *hessianRow(int64_t i) const {
    return p.hessian.data() + i * p.k;
  }

  /// Where a row of K comes in the order.
  int64_t place(int64_t row) const {
    if (!p.options.actOrder)
      return row;
    if (places.empty()) {
      places.resize(p.k);
      for (int64_t i = 0; i < p.k; ++i)
        places[p.order[i]] = static_cast<int32_t>(i);
    }
    return places[row];
  }

  /// Rows [begin, end) make up for the errors of rows [from, to).
  void feed(int64_t begin, int64_t end, int64_t from, int64_t to) {
    addProducts(&fed[begin], end - begin, p.feedback.rows.data() + begin * p.k,
                p.k, e.data(), from, to);
  }

  /// Chooses the scales of a group of rows; what an error of a row costs is
  /// what the factors say of it.
  template <class F> void fitGroup(int64_t g, F rowOf) {
    int64_t begin = g * p.group, end = std::min(begin + p.group, p.k);
    std::vector<float> values(end - begin), cost(end - begin);
    for (int64_t row = begin; row < end; ++row)
      cost[row - begin] = p.feedback.cost[place(row)];
    for (int64_t c = 0; c < kColumns; ++c) {
      for (int64_t row = begin; row < end; ++row)
        values[row - begin] = rowOf(row)[c];
      scales[g][c] = fits[c].fit(p.format.fit, values, cost);
    }
  }

  /// The same of rows [begin, end) as they would be if nothing more was
  /// rounded: each makes up for the errors before the group, and for what the
  /// rows before it in the group have moved by to do so.
  void fitCorrected(int64_t g, int64_t begin, int64_t end) {
    std::vector<Row> moved(end - begin),
        wanted(fed.begin() + begin, fed.begin() + end);
    for (int64_t i = begin; i < end; ++i) {
      Row &row = wanted[i - begin];
      addProducts(&row, 1, p.feedback.rows.data() + i * p.k + begin, p.k,
                  moved.data(), 0, i - begin);
      for (int64_t c = 0; c < kColumns; ++c)
        moved[i - begin][c] = w[i][c] - row[c];
    }
    fitGroup(g, [&](int64_t row) { return wanted[row - begin]; });
  }

  /// What the scale multiplies of the nearest number.
  float levelOf(float x, llm::GridScale s) const {
    return p.format.grid.level(p.format.grid.nearest(x, s), s.zero);
  }

  void roundRow(int64_t i) {
    for (int64_t c = 0; c < kColumns; ++c) {
      llm::GridScale s = scales[p.order[i] / p.group][c];
      d[i][c] = levelOf(fed[i][c], s);
      e[i][c] = w[i][c] - d[i][c] * s.scale;
    }
  }

  /// The integers of row i to where the error is least.
  void moveInteger(int64_t i, std::vector<Row> &he) {
    float diagonal = hessianRow(i)[i];
    if (!(diagonal > 0))
      return;
    Row change;
    bool any = false;
    for (int64_t c = 0; c < kColumns; ++c) {
      llm::GridScale s = scales[p.order[i] / p.group][c];
      float now = d[i][c] * s.scale, wanted = now + he[i][c] / diagonal;
      float to = levelOf(wanted, s);
      change[c] = (to - d[i][c]) * s.scale;
      any |= to != d[i][c];
      d[i][c] = to;
      e[i][c] = w[i][c] - to * s.scale;
    }
    if (any)
      subtractProducts(he, hessianRow(i), change);
  }

  /// The scales of group g to where the error is least, each where its rounding
  /// leaves it better than it was.
  void moveScale(int64_t g, std::vector<Row> &he) {
    int64_t begin = g * p.group, end = std::min(begin + p.group, p.k);
    Row slope, curve;
    slope.fill(0), curve.fill(0);
    for (int64_t row = begin; row < end; ++row) {
      int64_t i = place(row);
      Row hd; // row of H d, within the group
      hd.fill(0);
      for (int64_t other = begin; other < end; ++other)
        addTo(hd, hessianRow(i)[place(other)], d[place(other)]);
      for (int64_t c = 0; c < kColumns; ++c) {
        slope[c] += d[i][c] * he[i][c];
        curve[c] += d[i][c] * hd[c];
      }
    }
    Row change;
    bool any = false;
    for (int64_t c = 0; c < kColumns; ++c) {
      change[c] = 0;
      float now = scales[g][c].scale;
      if (!(curve[c] > 0))
        continue;
      float to =
          llm::roundedScale(now + slope[c] / curve[c], p.format.grid.scale);
      float by = to - now;
      // The error changes by by^2 curve - 2 by slope.
      if (to == 0 || !std::isfinite(to) ||
          !(by * by * curve[c] < 2 * by * slope[c]))
        continue;
      change[c] = by, scales[g][c].scale = to, any = true;
    }
    if (any)
      applyScale(begin, end, change, he);
  }

  void applyScale(int64_t begin, int64_t end, const Row &change,
                  std::vector<Row> &he) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t i = place(row);
      Row by;
      for (int64_t c = 0; c < kColumns; ++c) {
        by[c] = change[c] * d[i][c];
        e[i][c] = w[i][c] - d[i][c] * scales[row / p.group][c].scale;
      }
      subtractProducts(he, hessianRow(i), by);
    }
  }

  const Problem &p;
  int64_t first, count;
  std::vector<Row> w, fed; ///< weights, and what makes up for errors before
  std::vector<Row> e, d;   ///< errors, integers without zero points
  std::vector<llm::GroupFit> fits;
  std::vector<Scales> scales;          ///< by group
  mutable std::vector<int32_t> places; ///< row of K -> place in the order
};

std::vector<int32_t> orderOf(std::span<const float> hessian, int64_t k,
                             bool actOrder) {
  std::vector<int32_t> order(k);
  std::iota(order.begin(), order.end(), 0);
  if (actOrder)
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return std::pair(-hessian[a * k + a], a) <
             std::pair(-hessian[b * k + b], b);
    });
  return order;
}
} // namespace

IntegerMatrix gptq(std::span<const float> weights,
                   std::span<const float> hessian, int64_t n,
                   const llm::QuantizeFormat &format,
                   const GptqOptions &options) {
  auto k = static_cast<int64_t>(weights.size()) / n;
  Problem problem{weights,
                  k,
                  n,
                  format.groupOf(k),
                  format,
                  options,
                  orderOf(hessian, k, options.actOrder),
                  hessian,
                  {}};
  std::vector<float> ordered;
  if (options.actOrder) {
    ordered.resize(k * k);
    for (int64_t i = 0; i < k; ++i)
      for (int64_t j = 0; j < k; ++j)
        ordered[i * k + j] =
            hessian[int64_t(problem.order[i]) * k + problem.order[j]];
    problem.hessian = ordered;
  }
  problem.feedback =
      feedbackOf(problem.hessian, k, options.damping, options.jobs);
  IntegerMatrix out(k, n, problem.group);
  parallelFor((n + kColumns - 1) / kColumns, options.jobs, [&](int64_t i) {
    Panel panel(problem, i * kColumns);
    panel.round();
    panel.descend();
    panel.store(out);
  });
  return out;
}

double outputError(std::span<const float> weights,
                   std::span<const float> hessian, const IntegerMatrix &m,
                   const llm::IntegerGrid &grid, unsigned jobs) {
  std::vector<double> sums(m.n);
  parallelFor(m.n, jobs, [&](int64_t c) {
    std::vector<float> e(m.k);
    for (int64_t row = 0; row < m.k; ++row) {
      int64_t at = row / m.group * m.n + c;
      uint8_t bits = m.q[row * m.n + c];
      int32_t q = grid.isSigned() ? static_cast<int8_t>(bits) : bits;
      e[row] =
          weights[row * m.n + c] - grid.value(q, {m.scales[at], m.zeros[at]});
    }
    for (int64_t i = 0; i < m.k; ++i) {
      double row = 0;
      for (int64_t j = 0; j < m.k; ++j)
        row += static_cast<double>(hessian[i * m.k + j]) * e[j];
      sums[c] += row * e[i];
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

} // namespace llmc::quantize
