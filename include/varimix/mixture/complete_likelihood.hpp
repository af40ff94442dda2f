#pragma once

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Returns the expected complete log-likelihood of a model given expectation parameters eta, per row and less the
/// constant -(d/2)(log 2 pi + E[log Y]) - E[log Y], which holds no parameter:
///   -log|Sigma|/2 - tr Sigma^{-1} E[(X-mu-gamma Y)(X-mu-gamma Y)'/Y]/2 + p E[log Y] - (a E[Y] + b E[1/Y])/2 - log k,
/// k = 2 K_p(sqrt(ab)) (b/a)^{p/2} or its limit on a face. The M-step maximises it.
/// The term p E[log Y] is left out where eta has no E[log Y], as for a family of fixed p.
/// It is -inf where E[Y] or E[1/Y] is infinite and counts.
/// Throws std::invalid_argument for an eta of another dimension.
/// Accuracy: a large sqrt(ab), which would cancel, is not formed; (sqrt(a E[Y]) - sqrt(b E[1/Y]))^2/2 is.
template <Subordinator S>
[[nodiscard]] double complete_log_likelihood(const MeanVarianceMixture<S>& model, const Eta& eta);

}  // namespace varimix
