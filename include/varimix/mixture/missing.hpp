#pragma once

#include <vector>

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// The moments of the values that rows do not show, given those that they show.
struct Conditional {
  RowMatrix mean;                  ///< (n, d): E[X | x_o]; observed values are kept as they are
  std::vector<Matrix> covariance;  ///< n of (d, d): Cov(X | x_o); 0 in the rows and columns that are observed
};

/// Returns the rows with every missing value (NaN) replaced by its conditional mean given what the row shows: with the
/// columns o shown and m missing and B = Sigma_mo Sigma_oo^{-1},
///   E[X_m | x_o] = mu_m + B (x_o - mu_o) + (gamma_m - B gamma_o) E[Y | x_o].
/// For a row that shows nothing this is mean(). Where E[Y | x_o] is infinite (NormalInverseGamma with
/// alpha + d_o/2 <= 1, d_o the number of columns shown, and gamma_o = 0), so is the mean, with the sign of
/// gamma_m - B gamma_o; where that is 0, the term is left out.
/// Throws std::invalid_argument for no rows, another number of columns, or infinity.
/// Accuracy: that of log_prob, in conditional standard deviations.
/// Cost: that of an E-step, and the result's n d numbers.
template <Subordinator S>
[[nodiscard]] RowMatrix impute(const MeanVarianceMixture<S>& model, const RowView& x);

/// Returns impute(model, x), and with it the covariances
///   Cov(X_m | x_o) = (Sigma_mm - B Sigma_om) E[Y | x_o] + g g' Var(Y | x_o),   g = gamma_m - B gamma_o.
/// A covariance that does not exist is infinite, never NaN. Throws as impute does. Cost: n d^2 numbers, and some
/// microseconds for a row with gaps.
template <Subordinator S>
[[nodiscard]] Conditional conditional(const MeanVarianceMixture<S>& model, const RowView& x);

}  // namespace varimix
