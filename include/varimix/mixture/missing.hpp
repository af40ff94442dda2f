#pragma once

#include <vector>

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// The law of what rows do not show, given what they show.
struct Conditional {
  RowMatrix mean;                  ///< (n, d): E[X | x_o]; what is observed as it is
  std::vector<Matrix> covariance;  ///< n of (d, d): Cov(X | x_o); 0 in the rows and columns that are observed
};

/// The rows with every missing value (NaN) replaced by its conditional mean given what the row shows: with the columns o
/// shown and m missing and B = Sigma_mo Sigma_oo^{-1},
///   E[X_m | x_o] = mu_m + B (x_o - mu_o) + (gamma_m - B gamma_o) E[Y | x_o].
/// Of a row that shows nothing this is mean(). Where E[Y | x_o] does not exist (NormalInverseGamma with alpha + d_o/2 <= 1
/// and gamma_o = 0) it is infinite, of the sign of gamma_m - B gamma_o, and what it multiplies is left out where that is 0.
/// Throws std::invalid_argument for no rows, another number of columns, or infinity.
/// Accuracy: as log_prob, in conditional standard deviations. Cost: that of an E-step, and the result's n d numbers.
template <Subordinator S>
[[nodiscard]] RowMatrix impute(const MeanVarianceMixture<S>& model, const RowView& x);

/// impute(model, x), and with it
///   Cov(X_m | x_o) = (Sigma_mm - B Sigma_om) E[Y | x_o] + g g' Var(Y | x_o),   g = gamma_m - B gamma_o.
/// What does not exist is infinite, never NaN. Throws as impute. Cost: n d^2 numbers; a row with gaps some microseconds.
template <Subordinator S>
[[nodiscard]] Conditional conditional(const MeanVarianceMixture<S>& model, const RowView& x);

}  // namespace varimix
