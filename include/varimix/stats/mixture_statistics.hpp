#pragma once

#include <optional>

#include "varimix/core/types.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// The statistics of a mean-variance mixture by name, about an origin, where their owner has them.
struct MixtureStatisticsRef {
  double inv_y, y;                      ///< E[1/Y], E[Y]
  std::optional<double> log_y;          ///< E[log Y], absent where it was not computed
  Eigen::Ref<const Vector> x, x_inv_y;  ///< E[X - origin] (d), E[(X - origin)/Y] (d)
  Eigen::Ref<const Matrix> xx_inv_y;    ///< E[(X - origin)(X - origin)'/Y] (d, d); its lower triangle is read
};

/// The same statistics as a value.
struct MixtureStatistics {
  double inv_y = 0.0;           ///< E[1/Y]
  double y = 0.0;               ///< E[Y]
  std::optional<double> log_y;  ///< E[log Y], absent where it was not computed
  Vector x;                     ///< E[X - origin] (d)
  Vector x_inv_y;               ///< E[(X - origin)/Y] (d)
  Matrix xx_inv_y;              ///< E[(X - origin)(X - origin)'/Y] (d, d); its lower triangle is read

  operator MixtureStatisticsRef() const {  // NOLINT(google-explicit-constructor)
    return {inv_y, y, log_y, x, x_inv_y, xx_inv_y};
  }
};

/// Packs the statistics into an Eta. @pre all shapes have the dimension of `origin` (asserted).
[[nodiscard]] Eta to_eta(const MixtureStatisticsRef& statistics, const Vector& origin, double weight = 0.0);

/// Unpacks an Eta. Throws std::invalid_argument for another layout.
[[nodiscard]] MixtureStatistics mixture_statistics(const Eta& eta);

/// The same statistics as an Eta, which must outlive this, has them.
class MixtureStatisticsView {
 public:
  /// Throws std::invalid_argument for another layout.
  explicit MixtureStatisticsView(const Eta& eta);
  [[nodiscard]] double inv_y() const;
  [[nodiscard]] double y() const;
  [[nodiscard]] std::optional<double> log_y() const;
  [[nodiscard]] Eigen::VectorBlock<const Vector> x() const;
  [[nodiscard]] Eigen::VectorBlock<const Vector> x_inv_y() const;
  /// Writes E[(X - origin)(X - origin)'/Y], its lower triangle, to a matrix (d, d).
  void copy_xx_inv_y(Eigen::Ref<Matrix> out_lower) const;

 private:
  const Eta& eta_;
};

/// Returns `m` with its lower triangle copied above the diagonal. Products and sums leave `m` symmetric but for a
/// rounding; the result is symmetric to the bit.
[[nodiscard]] Matrix symmetrized(const Matrix& m);

}  // namespace varimix
