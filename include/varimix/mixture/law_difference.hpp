#pragma once

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Returns e^m, m the mode of log Y: (w + p)/a = b/(w - p), w = hypot(p, sqrt(ab)). This is the scale of Y that every
/// law has: E[Y] for a gamma law and 1/E[1/Y] for an inverse gamma law, while either may have other moments
/// that are infinite.
[[nodiscard]] double y_at_mode_of_log_y(const GigParameters& gig) noexcept;

/// Returns how far two laws of the same dimension are apart in gauge-free terms, relative to the scales of the first.
/// Both are taken in the gauge in which log Y has its mode at 0; (a + b)/2 = w = hypot(p, sqrt(ab)) is the curvature of
/// log Y's log density there. With s_j^2 = Sigma_jj + gamma_j^2/w the result is the largest of |mu_j - mu'_j| / s_j,
/// |gamma_j - gamma'_j| / s_j, |Sigma_jk - Sigma'_jk| / (s_j s_k), |a - a'| / w and |b - b'| / w.
template <Subordinator S>
[[nodiscard]] double law_difference(const MeanVarianceMixture<S>& model, const MeanVarianceMixture<S>& other);

}  // namespace varimix
