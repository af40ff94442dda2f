#include "varimix/inference/symmetry_test.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "mixture/families.hpp"
#include "varimix/core/require.hpp"
#include "varimix/core/weights.hpp"
#include "varimix/mixture/default_init.hpp"

namespace varimix {
namespace {

void require_counts(std::span<const double> weights, Index rows) {
  check_weights(weights, rows);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == std::floor(weights[i])) continue;
    require(false, "weights", "whole numbers, which count rows: others leave the ratio without a law",
            std::to_string(weights[i]) + " in row " + std::to_string(i));
  }
}

}  // namespace

template <Subordinator S>
SymmetryTest<MeanVarianceMixture<S>> symmetry_test(const RowView& x, const SymmetryTestOptions& options,
                                                   std::span<const double> weights) {
  using M = MeanVarianceMixture<S>;
  require(options.max_iter >= 1, "max_iter", ">= 1", options.max_iter);
  require_counts(weights, x.rows());
  BatchEMOptions any{.max_iter = options.max_iter, .tol = options.tol, .missing = options.missing};
  BatchEMOptions none = any;
  none.symmetric = true;
  EMResult<M> free = fit<S>(std::nullopt, x, any, weights);
  EMResult<M> symmetric = fit<S>(std::nullopt, x, none, weights);
  if (free.log_likelihood < symmetric.log_likelihood) {
    free = BatchEMFitter(any).fit(symmetric.model, x, weights);
  }
  const LikelihoodRatio test = likelihood_ratio(symmetric, free);
  return {test, std::move(symmetric), std::move(free)};
}

// NOLINTBEGIN(bugprone-macro-parentheses): S is a type
#define VARIMIX_INSTANTIATE(S)                                                                               \
  template SymmetryTest<MeanVarianceMixture<S>> symmetry_test<S>(const RowView&, const SymmetryTestOptions&, \
                                                                 std::span<const double>);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace varimix
