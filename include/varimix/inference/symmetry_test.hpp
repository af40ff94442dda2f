#pragma once

#include <span>

#include "varimix/core/missing.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/inference/likelihood_ratio.hpp"

namespace varimix {

struct SymmetryTestOptions {
  double tol = 1e-13;   ///< of both fits, nats per row, >= 0: LR is then good to about 4 n tol
  int max_iter = 5000;  ///< passes of each fit, >= 1
  Missing missing = Missing::kError;
};

/// The test that gamma = 0, with the two fits that it compares.
template <class M>
struct SymmetryTest {
  LikelihoodRatio test;
  EMResult<M> symmetric;
  EMResult<M> free;
};

/// Tests that a law is symmetric, gamma = 0, against any gamma: the likelihood ratio of BatchEMFitter's fits with and
/// without `symmetric`, chi2_d under the null. Both start from the data's default_init; if the free fit ends below the
/// symmetric one, it starts again from that.
/// @param weights  one a row, whole numbers >= 0 that count rows: a row of weight 2 is two rows. Other weights leave LR
///   without a law. Empty for ones.
/// With Missing::kExact the likelihood is that of what the rows show, which has the same law where values are missing at
/// random.
/// Throws std::invalid_argument as BatchEMFitter::fit and likelihood_ratio do, and for other weights.
/// Cost: two fits, some 15 to 60 E-steps together.
template <Subordinator S>
[[nodiscard]] SymmetryTest<MeanVarianceMixture<S>> symmetry_test(const RowView& x,
                                                                 const SymmetryTestOptions& options = {},
                                                                 std::span<const double> weights = {});

}  // namespace varimix
