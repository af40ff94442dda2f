#pragma once

#include <vector>

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Returns the law of the other columns of X given x_A = `values` of `columns` (A, numbered from 0, in any order), in
/// the order of the model and by their names. With B = Sigma_MA Sigma_AA^{-1}, r = x_A - mu_A, q = r'Sigma_AA^{-1} r and
/// k = |A|, Y | x_A ~ GIG(p - k/2, a + gamma_A'Sigma_AA^{-1} gamma_A, b + q) and
///   X_M = mu_M + B r + (gamma_M - B gamma_A) Y + sqrt(Y) Z,   Z ~ N(0, Sigma_MM - B Sigma_AM)
/// (McNeil, Frey and Embrechts 2015, section 6.2). It is a GeneralizedHyperbolic, but where Y's law lies on a face: a
/// NormalInverseGamma for a NormalInverseGamma with gamma_A = 0, and a VarianceGamma for b + q = 0.
/// Throws std::invalid_argument naming columns or values: for no columns, all of them, one that is not there or comes
/// twice, another number of values, values that are not finite; and for b + q = 0 with p <= k/2, because the density of
/// x_A is unbounded there: given mu_A, Y is 0.
/// Accuracy: log f(x) - log f_A(x_A) is the logarithm of its density to the accuracy of log_prob. Cost: O(d^3).
template <Subordinator S>
[[nodiscard]] AnyMeanVarianceMixture conditional_law(const MeanVarianceMixture<S>& model,
                                                     const std::vector<Index>& columns, const Vector& values);

}  // namespace varimix
