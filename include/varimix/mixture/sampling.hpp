#pragma once

#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// Returns n draws of X = mu + gamma Y + sqrt(Y) L z, z ~ N(0, I), one a row. Row i uses the random stream (seed, i)
/// alone, so the result has the same bits for any number of threads, and the first k rows do not depend on n.
/// @param first  the number of the first row: the result is rows first, ..., first + n - 1. @pre n >= 0, first >= 0.
template <Subordinator S>
[[nodiscard]] RowMatrix draw_rows(const MeanVarianceMixture<S>& model, Index n, const Seed& seed, Index first = 0);

}  // namespace varimix
