#pragma once

#include <optional>

#include "varimix/mixture/m_step.hpp"

namespace varimix {

/// A model with the moments of Y that its law of Y was fitted to: an iterate of a fit.
template <Subordinator S>
struct Iterate {
  MeanVarianceMixture<S> model;
  double inv_y, y;              ///< E[1/Y], E[Y]
  std::optional<double> log_y;  ///< E[log Y], where the family uses it
};

/// Iterates as vectors without bounds, for an acceleration that knows only vectors: with R the Cholesky factor of the
/// initial model's E[Y] Sigma, R^{-1}(mu - mu_0), R^{-1} gamma, the entries of R^{-1} L (the diagonal in logarithms), log E[Y],
/// and of the shape log(E[1/Y] E[Y] - 1), or, where E[log Y] is used, the logarithms of log E[1/Y] + E[log Y] and
/// log E[Y] - E[log Y]. Moments, not parameters: so that a face a = 0 or b = 0 lies inside.
template <Subordinator S>
class FitCoordinates {
 public:
  explicit FitCoordinates(const MeanVarianceMixture<S>& initial);
  /// Nothing for an iterate at its Gaussian limit, where the shape has no finite coordinates.
  [[nodiscard]] std::optional<Vector> to_vector(const Iterate<S>& iterate) const;
  /// The iterate at a point, with what `options` fixes in its place; nothing where it is not within the range of doubles.
  [[nodiscard]] std::optional<Iterate<S>> from_vector(const Vector& x, const MStepOptions<S>& options) const;

 private:
  Vector mu_;
  Matrix root_;  // R
};

}  // namespace varimix
