#pragma once

#include <span>
#include <string>

#include "varimix/core/types.hpp"
#include "varimix/mixture/e_step.hpp"
#include "varimix/mixture/fixed_parameters.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// The derivatives of a number in all directions in which a model can move: in m, g, M (its lower triangle) and the
/// shape of LocalCoordinates.
struct LocalGradient {
  Vector m, g;
  Matrix lower;
  Vector shape;
};

/// Coordinates of the models near one, free of units and of the gauge: those without bounds in which a fit could have
/// moved. With L the Cholesky factor of Sigma, in the gauge in which the shape of Y is smooth and always exists,
///   mu + L m,   gamma + L g,   L (I + M), M lower triangular,   and the shape:
/// log z of a NormalInverseGaussian with Y ~ GIG(-1/2, z, z); log alpha of a VarianceGamma or NormalInverseGamma with
/// beta = alpha; (p, log z) of a GeneralizedHyperbolic with Y ~ GIG(p, z, z). What a fit holds fixed does not move: a
/// gamma other than 0 or a Sigma is fixed in some gauge, whose scale then moves in their place. A point is a vector v of
/// size() numbers, 0 at the model itself.
template <Subordinator S>
class LocalCoordinates {
 public:
  using Model = MeanVarianceMixture<S>;

  /// @param fixed  what does not move, in the gauge of `model`.
  /// Throws std::invalid_argument for a model whose law of Y lies on a face of its family: it has no coordinates there.
  LocalCoordinates(const Model& model, const FixedParameters<S>& fixed);

  [[nodiscard]] Index size() const noexcept { return size_; }
  /// Returns the model in the gauge of the coordinates, and the s for which the law given is that of sY there.
  [[nodiscard]] const Model& centre() const noexcept { return centre_; }
  [[nodiscard]] double scale() const noexcept { return scale_; }
  /// True if a fit holds gamma = 0.
  [[nodiscard]] bool holds_gamma_at_0() const noexcept { return !moves_gamma_ && !ties_gamma_; }
  /// Returns the model at v. @pre all of v is below 1 in size.
  [[nodiscard]] Model moved(const Vector& v) const;
  /// Returns the derivative in v of the mean log-likelihood of rows at v, from the statistics of their E-step at
  /// `there`, the model moved(v): that of the complete data given the rows (Fisher's identity). Cost: O(d^3).
  [[nodiscard]] Vector score(const Vector& v, const Model& there, const Eta& eta) const;
  /// Returns the derivative in v of a number that has this gradient at the model.
  [[nodiscard]] Vector reduce(const LocalGradient& gradient) const;
  /// Returns v times the inverse of a simple form of the information that a row with its Y has, given the mean E[1/Y]
  /// and E[Y] of the rows: a preconditioner.
  [[nodiscard]] Vector precondition(const Vector& v, double E_inv_Y, double E_Y) const;
  /// Returns what coordinate k moves: "mu_1", "gamma_2", "L_2_1", "log_sqrt_ab", ...
  [[nodiscard]] std::string name(Index k) const;

 private:
  struct Displacement {
    Vector m, g;
    Matrix lower;
    Vector shape;
    double log_scale;
  };
  [[nodiscard]] Displacement expand(const Vector& v) const;
  [[nodiscard]] Vector pack(const LocalGradient& gradient, double in_log_scale) const;
  [[nodiscard]] double in_log_scale(const LocalGradient& gradient, const Vector& whitened_gamma) const;

  double scale_;
  Model centre_;
  Vector whitened_gamma_;  // c = L^{-1} gamma
  bool moves_mu_, moves_gamma_, moves_factor_;
  bool ties_gamma_, ties_factor_;  // they move with the scale alone
  Matrix shape_basis_;             // (shape, log scale) = basis times the last coordinates
  Index first_g_, first_factor_, first_shape_, size_;
};

/// Returns the names of the numbers of the shape: {"log_sqrt_ab"}, {"log_alpha"} or {"p", "log_sqrt_ab"}.
template <Subordinator S>
[[nodiscard]] std::span<const char* const> shape_names() noexcept;

}  // namespace varimix
