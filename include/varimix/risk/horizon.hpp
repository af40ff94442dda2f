#pragma once

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Returns true if the sums of independent draws of the model have a law in closed form: where Y ~ GIG(p, a, b) has
/// p = -1/2 (a NormalInverseGaussian; a GeneralizedHyperbolic or NormalInverseGamma of this order, as the Cauchy law)
/// or b = 0 (a VarianceGamma, or a GeneralizedHyperbolic there).
template <Subordinator S>
[[nodiscard]] bool is_closed_under_sums(const MeanVarianceMixture<S>& model) noexcept;

/// Returns the law of the sum of `days` independent draws of the model, with its names. The sum of h Y's keeps a and
///   b = h^2 b    for p = -1/2: NormalInverseGaussian(h mu, gamma, Sigma; h mu_ig, h^2 lam),
///   p = h p      for b = 0:    VarianceGamma(h mu, gamma, Sigma; h alpha, beta),
/// and for a = 0 with p = -1/2 it is NormalInverseGamma(h mu, gamma, Sigma; 1/2, h^2 beta). These laws are infinitely
/// divisible: h may be any real number > 0, as 0.5 for half a day. With days = 1 the law is the model itself, in every
/// family.
/// Throws std::invalid_argument unless days > 0 and finite, for days with which a parameter leaves the doubles, and for
/// days other than 1 of a law whose sums have no closed form (see simulated_horizon.hpp).
template <Subordinator S>
[[nodiscard]] AnyMeanVarianceMixture horizon_law(const MeanVarianceMixture<S>& model, double days);

/// Returns the law of the sum of one draw of each of two models that are independent of one another.
/// With Q(u) = a + u'Sigma u - 2 i u'gamma, the characteristic function is e^{iu'mu} times
///   exp(sqrt(b) (sqrt(a) - sqrt(Q(u))))   for p = -1/2,   or   (a / Q(u))^p   for b = 0.
/// A product of two such is of the kind exactly where both are of it and Q2 = c Q1 for one number c:
///   (a2, gamma2, Sigma2) = c (a1, gamma1, Sigma1).
/// That gamma is parallel is not enough: Sigma and a have the same factor. Then a, gamma and Sigma are those of the
/// first law, mu = mu1 + mu2, and sqrt(b) = sqrt(b1) + sqrt(c b2) or p = p1 + p2.
/// Names are those of the models, which must be the same; one of them may have none.
/// Throws std::invalid_argument, saying which of the conditions fails, for other laws, dimensions or names. Numbers are
/// proportional where they agree to kProportional of their scales.
[[nodiscard]] AnyMeanVarianceMixture convolution(const AnyMeanVarianceMixture& first,
                                                 const AnyMeanVarianceMixture& second);

/// Parameters agree to this: what rounding leaves of parameters that were scaled a few times.
inline constexpr double kProportional = 1e-12;

}  // namespace varimix
