// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Gptq.h"

#include "passes/quantize/Factor.h"
#include "passes/quantize/Parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#pragma STDC FP_CONTRACT OFF

namespace llmc::quantize {
namespace {

/// Columns that a thread works on at once: a row of them is a few registers,
/// and all rows stay in a core's cache.
constexpr int64_t kColumns = 16;
using Row = std::array<float, kColumns>;

struct Problem {
  std::span<const float> weights, hessian;
  int64_t k, n, group;
  const llm::QuantizeFormat &format;
  const GptqOptions &options;
  std::vector<int32_t> order; ///< of rounding, as rows of K
  Feedback feedback;          ///< in this order
};

/// Up to 16 columns. Rows are kept in the order of rounding.
class Panel {
public:
  Panel(const Problem &p, int64_t first)
      : p(p), first(first), count(std::min(kColumns, p.n - first)), w(p.k),
        e(p.k), d(p.k), fits(kColumns, llm::GroupFit(p.format.grid)),
        scales((p.k + p.group - 1) / p.group) {
    for (int64_t i = 0; i < p.k; ++i)
      for (int64_t c = 0; c < kColumns; ++c)
        w[i][c] = c < count ? p.weights[p.order[i] * p.n + first + c] : 0;
  }

  void round() {
    if (p.options.actOrder)
      for (int64_t g = 0; g < static_cast<int64_t>(scales.size()); ++g)
        fitGroup(g, [&](int64_t row) { return w[place(row)]; });
    for (int64_t i = 0; i < p.k; ++i) {
      int64_t g = p.order[i] / p.group;
      if (!p.options.actOrder && i % p.group == 0)
        fitCorrected(g, i);
      roundRow(i, g,
               p.options.actOrder
                   ? corrected(i, 0, w[i])
                   : corrected(i, g * p.group, base[i % p.group]));
    }
  }

  void descend() {
    if (!p.options.descents)
      return;
    // h[i] = row i of H E; kept up to date as E changes.
    std::vector<Row> he(p.k);
    for (int64_t i = 0; i < p.k; ++i) {
      he[i].fill(0);
      const float *h = hessianRow(i);
      for (int64_t j = 0; j < p.k; ++j)
        addTo(he[i], h[p.order[j]], e[j]);
    }
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
    return p.hessian.data() + int64_t(p.order[i]) * p.k;
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

  /// A row with the errors of rows [from, i) fed into it.
  Row corrected(int64_t i, int64_t from, Row row) const {
    const float *v = p.feedback.rows.data() + i * p.k;
    for (int64_t j = from; j < i; ++j)
      addTo(row, v[j], e[j]);
    return row;
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

  /// The same of rows [begin, ...) as they would be if nothing more was
  /// rounded: each makes up for the errors before the group, and for what the
  /// rows before it in the group have moved by to do so.
  void fitCorrected(int64_t g, int64_t begin) {
    int64_t end = std::min(begin + p.group, p.k);
    base.assign(w.begin() + begin, w.begin() + end);
    std::vector<Row> moved(end - begin), wanted(end - begin);
    for (int64_t i = begin; i < end; ++i) {
      const float *v = p.feedback.rows.data() + i * p.k;
      Row &row = base[i - begin];
      for (int64_t j = 0; j < begin; ++j)
        addTo(row, v[j], e[j]);
      wanted[i - begin] = row;
      for (int64_t j = begin; j < i; ++j)
        addTo(wanted[i - begin], v[j], moved[j - begin]);
      for (int64_t c = 0; c < kColumns; ++c)
        moved[i - begin][c] = w[i][c] - wanted[i - begin][c];
    }
    fitGroup(g, [&](int64_t row) { return wanted[row - begin]; });
  }

  /// What the scale multiplies of the nearest number.
  float levelOf(float x, llm::GridScale s) const {
    return p.format.grid.level(p.format.grid.nearest(x, s), s.zero);
  }

  void roundRow(int64_t i, int64_t g, const Row &wanted) {
    for (int64_t c = 0; c < kColumns; ++c) {
      llm::GridScale s = scales[g][c];
      d[i][c] = levelOf(wanted[c], s);
      e[i][c] = w[i][c] - d[i][c] * s.scale;
    }
  }

  /// The integers of row i to where the error is least.
  void moveInteger(int64_t i, std::vector<Row> &he) {
    float diagonal = hessianRow(i)[p.order[i]];
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
    if (!any)
      return;
    const float *h = hessianRow(i);
    for (int64_t j = 0; j < p.k; ++j)
      addTo(he[j], -h[p.order[j]], change);
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
        addTo(hd, p.hessian[row * p.k + other], d[place(other)]);
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
      const float *h = hessianRow(i);
      for (int64_t j = 0; j < p.k; ++j)
        addTo(he[j], -h[p.order[j]], by);
    }
  }

  const Problem &p;
  int64_t first, count;
  std::vector<Row> w, e, d; ///< weights, errors, integers without zero points
  std::vector<Row> base;    ///< rows of a group, with the errors before it
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
                  hessian,
                  k,
                  n,
                  format.groupOf(k),
                  format,
                  options,
                  orderOf(hessian, k, options.actOrder),
                  {}};
  problem.feedback =
      feedbackOf(hessian, problem.order, options.damping, options.jobs);
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
