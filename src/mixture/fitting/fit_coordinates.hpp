#pragma once

#include <optional>

#include "varimix/mixture/mixture_fit.hpp"

namespace varimix {

/// Iterates as vectors without bounds, for an acceleration that knows only vectors: with R the Cholesky factor of the
/// initial model's E[Y] Sigma, R^{-1}(mu - mu_0), R^{-1} gamma, the entries of R^{-1} L (the diagonal in logarithms), log E[Y],
/// and of the shape log(E[1/Y] E[Y] - 1), or, where E[log Y] is used, the logarithms of log E[1/Y] + E[log Y] and
/// log E[Y] - E[log Y]. Moments, not parameters: so that a face a = 0 or b = 0 lies inside.
template <Subordinator S>
class FitCoordinates {
 public:
  /// A model with the moments of Y that its law of Y was fitted to.
  struct Iterate {
    MeanVarianceMixture<S> model;
    double inv_y, y;              ///< E[1/Y], E[Y]
    std::optional<double> log_y;  ///< E[log Y], where the family uses it
  };

  explicit FitCoordinates(const MeanVarianceMixture<S>& initial);
  /// Nothing for an iterate at its Gaussian limit, where the shape has no finite coordinates.
  [[nodiscard]] std::optional<Vector> to_vector(const Iterate& iterate) const;
  /// The iterate of a model by itself, and of the M-step of `eta`.
  [[nodiscard]] static Iterate at(MeanVarianceMixture<S> model);
  [[nodiscard]] static Iterate at(MeanVarianceMixture<S> model, const Eta& eta);
  /// The iterate at a point, with what `fit` fixes in its place; nothing where it is not within the range of doubles.
  [[nodiscard]] std::optional<Iterate> from_vector(const Vector& x, const MixtureFit<S>& fit) const;

 private:
  Vector mu_;
  Matrix root_;  // R
};

}  // namespace varimix
