#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "../simd/accumulate.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/core/types.hpp"
#include "varimix/stats/expectations.hpp"

namespace varimix {

/// One block of rows as columns, and what is computed for each row of it.
struct RowBlock {
  explicit RowBlock(Index d)
      : x(size(d)),
        whitened(size(d)),
        q(size(1)),
        misalignment(size(1)),
        log_density(size(1)),
        inv_y(size(1)),
        y(size(1)),
        log_y(size(1)) {}

  /// The statistics of row i times weight[i].
  void apply(const double* weight, Index count) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      inv_y[i] *= weight[i];
      y[i] *= weight[i];
      log_y[i] *= weight[i];
      log_density[i] *= weight[i];
    }
  }

  static std::size_t size(Index columns) { return static_cast<std::size_t>(columns * kBlockRows); }
  std::vector<double> x, whitened, q, misalignment, log_density, inv_y, y, log_y;
};

/// Raises distances q to a floor, keeping misalignment = z^2 - (z_prior + r)^2 for the posterior's a (g'g q - r^2 for
/// a = g'g); returns how many it raised.
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

/// Sums over rows of what an E-step returns the means of.
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

  /// Adds a block of complete rows; overwrites what was whitened. `weights` are theirs, or null for ones.
  void add(RowBlock& block, Index count, const double* weights, bool with_log_y) {
    if (weights != nullptr) block.apply(weights, count);
    simd::accumulate(block.x.data(), count, kBlockRows, x.size(), weights, block.inv_y.data(), block.whitened.data(),
                     x.data(), wx.data(), wxx.data());
    weight += weights == nullptr ? static_cast<double>(count) : simd::sum(weights, count);
    inv_y += simd::sum(block.inv_y.data(), count);
    y += simd::sum(block.y.data(), count);
    if (with_log_y) log_y += simd::sum(block.log_y.data(), count);
    log_density += simd::sum(block.log_density.data(), count);
  }

  /// The means about `origin`; zeros where no row was added.
  [[nodiscard]] Expectations means(const Vector& origin, bool with_log_y) const {
    const double divisor = weight > 0.0 ? weight : 1.0;
    Expectations eta;
    eta.origin = origin;
    eta.weight = weight;
    eta.inv_y = inv_y / divisor;
    eta.y = y / divisor;
    if (with_log_y) eta.log_y = log_y / divisor;
    eta.x = x / divisor;
    eta.x_inv_y = wx / divisor;
    eta.xx_inv_y = Matrix(wxx.selfadjointView<Eigen::Lower>()) / divisor;
    return eta;
  }
  [[nodiscard]] double mean_log_density() const { return weight > 0.0 ? log_density / weight : 0.0; }

  double weight = 0.0;
  Index floored_rows = 0;
  Index peak_row = -1;
  double peak_log_density = -std::numeric_limits<double>::infinity();
  double inv_y = 0.0;
  double y = 0.0;
  double log_y = 0.0;
  double log_density = 0.0;
  Vector x, wx;
  Matrix wxx;  // lower triangle
};

}  // namespace varimix
