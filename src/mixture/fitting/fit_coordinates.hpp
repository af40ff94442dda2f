#pragma once

#include <optional>

#include "varimix/mixture/mixture_fit.hpp"

namespace varimix {

/// A map of iterates to vectors without bounds, for an acceleration that knows only vectors. With R the Cholesky factor
/// of the initial model's e^m Sigma, e^m its y_at_mode_of_log_y, and mu_0 its location, a vector has R^{-1}(mu - mu_0),
/// R^{-1} gamma, the columns of R^{-1} L (the logarithm of the diagonal, and below it the entries over the diagonal),
/// log E[Y], and for the shape log(E[1/Y] E[Y] - 1), or, where E[log Y] is used, the logarithms of
/// log E[1/Y] + E[log Y] and log E[Y] - E[log Y]. The shape is in moments, not parameters, so that a face a = 0 or b =
/// 0 lies inside.
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
  /// Returns the vector, or nothing for an iterate at its Gaussian limit, where the shape has no finite coordinates.
  [[nodiscard]] std::optional<Vector> to_vector(const Iterate& iterate) const;
  /// Return the iterate of a model with its own moments of Y, and that of a model from the M-step of `eta`.
  [[nodiscard]] static Iterate at(MeanVarianceMixture<S> model);
  [[nodiscard]] static Iterate at(MeanVarianceMixture<S> model, const Eta& eta);
  /// Returns the iterate at a point, with what `fit` fixes in its place, or nothing where it is not within the range of
  /// doubles.
  [[nodiscard]] std::optional<Iterate> from_vector(const Vector& x, const MixtureFit<S>& fit) const;

 private:
  Vector mu_;
  Matrix root_;  // R
};

}  // namespace varimix
