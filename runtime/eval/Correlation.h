// SPDX-License-Identifier: Apache-2.0
// How two series go together, in double. Stateless functions; series of equal
// length without NaN.
#ifndef LLMC_RUNTIME_EVAL_CORRELATION_H
#define LLMC_RUNTIME_EVAL_CORRELATION_H

#include <span>
#include <vector>

namespace llmc::eval {

/// The cosine of the angle between two vectors; 0 where one of them is 0.
double cosine(std::span<const float> a, std::span<const float> b);

/// Pearson's correlation; NaN where a series does not vary or has fewer than
/// two values.
double pearson(std::span<const double> a, std::span<const double> b);

/// Each value's place in the sorted series, from 1 on; equal values share the
/// mean of their places.
std::vector<double> ranks(std::span<const double> values);

/// Spearman's correlation: Pearson's of the ranks.
double spearman(std::span<const double> a, std::span<const double> b);

} // namespace llmc::eval

#endif
