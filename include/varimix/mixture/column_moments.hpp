#pragma once

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Returns the standard deviation of every column of X (d), the root of the diagonal of cov(), also where its square
/// leaves the doubles. As in cov(), it is infinite or NaN where the variance is.
template <Subordinator S>
[[nodiscard]] Vector column_std(const MeanVarianceMixture<S>& model);

/// Returns the correlations of the columns of X (d, d); NaN where a variance is not finite.
template <Subordinator S>
[[nodiscard]] Matrix correlation(const MeanVarianceMixture<S>& model);

}  // namespace varimix
