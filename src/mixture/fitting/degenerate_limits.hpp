#pragma once

#include "varimix/core/status.hpp"
#include "varimix/mixture/fit_constraints.hpp"
#include "varimix/mixture/m_step.hpp"

namespace varimix {

/// The least alpha of a VarianceGamma of dimension d. Throws std::invalid_argument for other families, which have no alpha_min,
/// unless it is kNone.
template <Subordinator S>
[[nodiscard]] double least_alpha(AlphaMin alpha_min, Index d);

/// How many nats the fitted law gains over the Gaussian of its mean and covariance, for `rows` rows: `rows` times the
/// negentropy, of Edgeworth's expansion (Comon 1994, Signal Processing 36:287) from the standardised third and fourth cumulants,
///   J = |k3|^2 / 12 + (|k4|^2 - 6 k111^2 k1111 + 7 k111^4) / (48 (1 + 2 v)),
/// direction 1 that of gamma, in which the last terms, of a law that is skew, cancel; 1 + 2 v is what the expansion is too large
/// by for heavy tails. Cumulants of Y / E[Y] are taken in the leading order of the tail weight t, with r = p / hypot(p, sqrt(ab)):
/// variance v = t / (1 + max(r, 0) t), third (3 - r) v^2, fourth (15 - 12 r + 3 r^2) v^3, which is exact at b = 0.
/// Within 20% of the negentropy for t up to 0.2, 45% up to 0.5 (quadrature, d = 1, the faces and r = 0, any skewness).
template <Subordinator S>
[[nodiscard]] double gain_over_gaussian(const MeanVarianceMixture<S>& model, double tail_weight, double rows);

/// The gain that one in 740 samples of Gaussian rows exceeds: half a chi-squared variable of d + 1 degrees of freedom, one for
/// each skewness and one for the tail weight. 6.7 nats at d = 1, 15 at d = 10.
[[nodiscard]] double chance_gain(Index d);

/// Adds in which limits a fitted model lies: the faces and bounds of its law of Y, the Gaussian limit, and, for a
/// GeneralizedHyperbolic, whether `rows` rows tell its order.
/// The Gaussian limit is said where the variance of Y / E[Y] that the tail weight stands for is below three standard errors of a
/// Gaussian sample's tail weight, and all that the law gains over a Gaussian, by its skewness too, is within chance_gain.
/// Of Gaussian rows it is not said in about 1 fit of 200 for 500 rows or more at d = 1 and 2 (more often at d = 10), in 1 to 6 of
/// 100 for 100 rows, where the kurtosis of a sample is far from normal.
/// @param fit  the M-step of `eta` that gave the model.
template <Subordinator S>
void add_degenerate_limits(const MStepResult<S>& fit, const Eta& eta, double rows, Status& out_status);

}  // namespace varimix
