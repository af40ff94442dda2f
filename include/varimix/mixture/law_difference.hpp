#pragma once

#include "varimix/mixture/normal_mixture.hpp"

namespace varimix {

/// How far two laws of the same dimension are apart in gauge-free terms, relative to the scales of the first: the
/// largest of |mu_j - mu'_j| / sd_j, |E[Y] gamma_j - E[Y'] gamma'_j| / sd_j,
/// |E[Y] Sigma_jk - E[Y'] Sigma'_jk| / (sd_j sd_k) and |tail weight - tail weight'| / tail weight.
template <Subordinator S>
[[nodiscard]] double law_difference(const NormalMixture<S>& model, const NormalMixture<S>& other);

extern template double law_difference(const NormalInverseGaussian&, const NormalInverseGaussian&);

}  // namespace varimix
