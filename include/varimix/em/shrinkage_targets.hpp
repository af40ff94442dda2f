#pragma once

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Returns the model's own expectation parameters, as a target of Shrinkage.
template <Subordinator S>
[[nodiscard]] Eta eta0_from_model(const MeanVarianceMixture<S>& model);

/// Returns the expectation parameters of the model with the dispersion Sigma0 in place of Sigma:
/// E[XX'/Y] = Sigma0 + mu mu' E[1/Y] + gamma gamma' E[Y] + mu gamma' + gamma mu'.
/// Throws std::invalid_argument unless Sigma0 is d x d, symmetric and positive definite.
template <Subordinator S>
[[nodiscard]] Eta eta0_with_sigma(const MeanVarianceMixture<S>& model, const Matrix& Sigma0);

/// Returns eta0_with_sigma for Sigma0 = sigma2 I. Throws std::invalid_argument unless sigma2 is finite and > 0.
template <Subordinator S>
[[nodiscard]] Eta eta0_isotropic(const MeanVarianceMixture<S>& model, double sigma2);

/// Returns eta0_with_sigma for Sigma0 = diag(diag). Throws std::invalid_argument unless diag is (d), finite and > 0.
template <Subordinator S>
[[nodiscard]] Eta eta0_diagonal(const MeanVarianceMixture<S>& model, const Vector& diag);

}  // namespace varimix
