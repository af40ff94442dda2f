#pragma once

#include "varimix/mixture/normal_mixture.hpp"

namespace varimix {

/// The model's own expectation parameters, as a target of Shrinkage.
template <Subordinator S>
[[nodiscard]] Expectations eta0_from_model(const NormalMixture<S>& model);

/// The model's mu, gamma and subordinator with the dispersion Sigma0 in place of Sigma:
/// E[XX'/Y] = Sigma0 + mu mu' E[1/Y] + gamma gamma' E[Y] + mu gamma' + gamma mu'.
/// Throws std::invalid_argument unless Sigma0 is d x d, symmetric and positive definite.
template <Subordinator S>
[[nodiscard]] Expectations eta0_with_sigma(const NormalMixture<S>& model, const Matrix& Sigma0);

/// Sigma0 = sigma2 I. Throws std::invalid_argument unless sigma2 is finite and > 0.
template <Subordinator S>
[[nodiscard]] Expectations eta0_isotropic(const NormalMixture<S>& model, double sigma2);

/// Sigma0 = diag(diag). Throws std::invalid_argument unless diag is (d), finite and > 0.
template <Subordinator S>
[[nodiscard]] Expectations eta0_diagonal(const NormalMixture<S>& model, const Vector& diag);

}  // namespace varimix
