#pragma once

#include "varimix/mixture/normal_mixture.hpp"
#include "varimix/mixture/univariate_law.hpp"

namespace varimix {

/// The parameters of a one-dimensional mixture, as univariate_law.hpp takes them. @pre model.d() == 1 (checked by the
/// callers), as for all functions below.
template <Subordinator S>
[[nodiscard]] UnivariateLaw univariate_law(const NormalMixture<S>& model) {
  return {model.subordinator().gig(), model.mu()(0), model.gamma()(0), model.L_Sigma()(0, 0)};
}

/// log P(X <= x), log P(X > x), and the x with P(X <= x) = q: those of univariate_law(model).
template <Subordinator S>
[[nodiscard]] double log_cdf(const NormalMixture<S>& model, double x) {
  return log_cdf(univariate_law(model), x);
}
template <Subordinator S>
[[nodiscard]] double log_sf(const NormalMixture<S>& model, double x) {
  return log_sf(univariate_law(model), x);
}
template <Subordinator S>
[[nodiscard]] double quantile(const NormalMixture<S>& model, double q) {
  return ppf(univariate_law(model), q);
}

}  // namespace varimix
