#pragma once

#include "core/aligned_doubles.hpp"
#include "kernels/posterior.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/core/types.hpp"
#include "varimix/stats/eta_layout.hpp"

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

}  // namespace varimix
