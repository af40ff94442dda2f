#pragma once

#include "varimix/core/status.hpp"
#include "varimix/mixture/fit_constraints.hpp"
#include "varimix/mixture/m_step.hpp"

namespace varimix {

/// Returns the least alpha of a VarianceGamma of dimension d. Throws std::invalid_argument for other families, which
/// have no alpha_min, unless it is kNone.
template <Subordinator S>
[[nodiscard]] double least_alpha(AlphaMin alpha_min, Index d);

/// Returns how many nats the fitted law gains over the Gaussian of its mean and covariance, for `rows` rows: `rows`
/// times the negentropy J, from Edgeworth's expansion in the standardised third and fourth cumulants k3, k4 (Comon
/// 1994, Signal Processing 36:287),
///   J = |k3|^2 / 12 + (|k4|^2 - 6 k111^2 k1111 + 7 k111^4) / (48 (1 + 2 v)).
/// Direction 1 is that of gamma. The last two terms are 0 without skewness, and with it cancel in part against |k4|^2.
/// The divisor 1 + 2 v is the factor by which the expansion is too large for heavy tails. Cumulants of Y / E[Y] are
/// taken in the leading order of the tail weight t, with r = p / hypot(p, sqrt(ab)): variance
/// v = t / (1 + max(r, 0) t), third (3 - r) v^2, fourth (15 - 12 r + 3 r^2) v^3, which is exact at b = 0.
/// The result is within 20% of the negentropy for t up to 0.2, and within 45% up to 0.5 (by quadrature at d = 1, on the
/// faces and at r = 0, for any skewness).
template <Subordinator S>
[[nodiscard]] double gain_over_gaussian(const MeanVarianceMixture<S>& model, double tail_weight, double rows);

/// Returns the gain that one in 740 samples of Gaussian rows exceeds: that quantile of half a chi-squared variable of
/// d + 1 degrees of freedom, one for each skewness and one for the tail weight. It is 6.7 nats at d = 1, 15 at d = 10.
[[nodiscard]] double chance_gain(Index d);

/// Adds to `out_status` the limits in which a fitted model lies: the faces and bounds of its law of Y, the Gaussian
/// limit, and, for a GeneralizedHyperbolic, kOrderNotIdentified where `rows` rows do not tell its order.
/// The Gaussian limit is reported where the variance of Y / E[Y] that the tail weight stands for is below three
/// standard errors of a Gaussian sample's tail weight, and the law's whole gain over a Gaussian, by its skewness too,
/// is within chance_gain. For Gaussian rows the report is missing in about 1 fit of 200 for 500 rows or more at d = 1
/// and 2 (more often at d = 10), and in 1 to 6 of 100 for 100 rows, where the kurtosis of a sample is far from normal.
/// @param fit  the M-step of `eta` that gave the model.
template <Subordinator S>
void add_degenerate_limits(const MStepResult<S>& fit, const Eta& eta, double rows, Status& out_status);

}  // namespace varimix
