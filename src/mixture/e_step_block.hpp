#pragma once

#include <limits>
#include <optional>
#include <utility>

#include "core/aligned_doubles.hpp"
#include "kernels/accumulate.hpp"
#include "kernels/posterior.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/stats/mixture_statistics.hpp"

namespace varimix {

/// One block of rows as columns, column j from j * kBlockRows on, and a buffer for each quantity computed for its rows.
struct RowBlock {
  explicit RowBlock(Index d)
      : x(d * kBlockRows),
        whitened(d * kBlockRows),
        q(kBlockRows),
        projection(kBlockRows),
        misalignment(kBlockRows),
        exponent(kBlockRows),
        log_density(kBlockRows),
        inv_y(kBlockRows),
        y(kBlockRows),
        log_y(kBlockRows) {}

  /// Multiplies the statistics of row i by weight[i].
  void apply(const double* weight, Index count) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      inv_y[i] *= weight[i];
      y[i] *= weight[i];
      log_y[i] *= weight[i];
      log_density[i] *= weight[i];
    }
  }

  /// Returns the arrays for log densities, for the moments if wanted, and for E[log Y|x] if wanted beside them.
  [[nodiscard]] kernels::Posteriors posteriors(bool moments, LogY wanted) {
    return {log_density.data(), moments ? inv_y.data() : nullptr, moments ? y.data() : nullptr,
            moments && wanted == LogY::kCompute ? log_y.data() : nullptr};
  }

  AlignedDoubles x;             ///< the rows, about an origin
  AlignedDoubles whitened;      ///< v = L^{-1}(x - mu)
  AlignedDoubles q;             ///< v'v
  AlignedDoubles projection;    ///< gamma' Sigma^{-1} (x - mu)
  AlignedDoubles misalignment;  ///< as defined in kernels/distance.hpp
  AlignedDoubles exponent;      ///< exponent of the density, as defined in kernels/posterior.hpp
  AlignedDoubles log_density;
  AlignedDoubles inv_y, y, log_y;  ///< E[1/Y|x], E[Y|x], E[log Y|x]
};

/// Raises distances q to a floor and returns how many. With r the row's projection and g = L^{-1} gamma, it keeps
/// misalignment = z^2 - (z_prior + r)^2 for the posterior's a, or g'g q - r^2 for a = g'g.
[[nodiscard]] inline Index raise_distances(double a, double floor, Index count, double* inout_q,
                                           double* inout_misalignment) {
  Index raised = 0;
  for (Index i = 0; i < count; ++i) {
    if (!(inout_q[i] < floor)) continue;
    inout_misalignment[i] += a * (floor - inout_q[i]);
    inout_q[i] = floor;
    ++raised;
  }
  return raised;
}

/// The sums over rows whose means an E-step returns.
struct EStepSums {
  explicit EStepSums(Index d) : x(Vector::Zero(d)), wx(Vector::Zero(d)), wxx(Matrix::Zero(d, d)) {}

  void add(const EStepSums& other) {
    weight += other.weight;
    floored_rows += other.floored_rows;
    note_peak(other.peak_row, other.peak_log_density);
    inv_y += other.inv_y;
    y += other.y;
    log_y += other.log_y;
    log_density += other.log_density;
    x += other.x;
    wx += other.wx;
    wxx += other.wxx;
  }

  void note_peak(Index row, double log_density_of_row) {
    if (!(log_density_of_row > peak_log_density)) return;
    peak_row = row;
    peak_log_density = log_density_of_row;
  }

  /// Adds a block of complete rows; overwrites block.whitened. `weights` are the rows' weights, or null if all are 1.
  void add(RowBlock& block, Index count, const double* weights, LogY with_log_y) {
    if (weights != nullptr) block.apply(weights, count);
    kernels::accumulate(block.x.data(), count, kBlockRows, x.size(), weights, block.inv_y.data(), block.whitened.data(),
                        x.data(), wx.data(), wxx.data());
    weight += weights == nullptr ? static_cast<double>(count) : kernels::sum(weights, count);
    inv_y += kernels::sum(block.inv_y.data(), count);
    y += kernels::sum(block.y.data(), count);
    if (with_log_y == LogY::kCompute) log_y += kernels::sum(block.log_y.data(), count);
    log_density += kernels::sum(block.log_density.data(), count);
  }

  /// Returns the means about `origin`, with the peak and the floored rows; the means are 0 where no row was added.
  [[nodiscard]] EStepResult result(const Vector& origin, LogY with_log_y, Vector observed) const {
    const double divisor = weight > 0.0 ? weight : 1.0;
    Eta eta = to_eta({.inv_y = inv_y / divisor,
                      .y = y / divisor,
                      .log_y = with_log_y == LogY::kCompute ? std::optional(log_y / divisor) : std::nullopt,
                      .x = x / divisor,
                      .x_inv_y = wx / divisor,
                      .xx_inv_y = wxx / divisor},
                     origin, weight);
    return {std::move(eta), log_density / divisor, floored_rows, std::move(observed), peak_row, peak_log_density};
  }

  double weight = 0.0;
  Index floored_rows = 0;
  Index peak_row = -1;
  double peak_log_density = -std::numeric_limits<double>::infinity();
  double inv_y = 0.0;
  double y = 0.0;
  double log_y = 0.0;
  double log_density = 0.0;
  Vector x, wx;
  Matrix wxx;  // only the lower triangle
};

}  // namespace varimix
