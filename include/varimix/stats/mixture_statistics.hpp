#pragma once

#include <optional>

#include "varimix/core/types.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// The statistics of a mean-variance mixture by name, about an origin. An E-step makes them and an M-step reads them.
struct MixtureStatistics {
  double inv_y = 0.0;           ///< E[1/Y]
  double y = 0.0;               ///< E[Y]
  std::optional<double> log_y;  ///< E[log Y], absent where it was not computed
  Vector x;                     ///< E[X - origin] (d)
  Vector x_inv_y;               ///< E[(X - origin)/Y] (d)
  Matrix xx_inv_y;              ///< E[(X - origin)(X - origin)'/Y] (d, d); its lower triangle is read
};

/// Packs the statistics into an Eta. @pre all shapes have the dimension of `origin` (asserted).
[[nodiscard]] Eta to_eta(const MixtureStatistics& statistics, const Vector& origin, double weight = 0.0);

/// Unpacks an Eta. Throws std::invalid_argument for another layout.
[[nodiscard]] MixtureStatistics mixture_statistics(const Eta& eta);

/// Returns `m` with its lower triangle copied above the diagonal. Products and sums leave `m` symmetric but for a
/// rounding; the result is symmetric to the bit.
[[nodiscard]] Matrix symmetrized(const Matrix& m);

}  // namespace varimix
