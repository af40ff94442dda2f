#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/em/incremental_em_fitter.hpp"

namespace varimix::tests {

inline constexpr const char* kSumToTwo = "Affine, b + c = 2";

/// Returns every rule, and an affine rule whose weights sum to two.
template <Subordinator S = InverseGaussian>
std::vector<RuleOf<S>> rules_and_worse() {
  auto rules = all_rules<S>();
  rules.push_back({kSumToTwo, [](const MeanVarianceMixture<S>&) { return AffineUpdate{.b = 1.0, .c = 1.0}; }});
  return rules;
}

/// Expects that nothing in a fit's result is NaN. A log-likelihood may be -inf: a row beyond 1e154 standard deviations
/// makes it so.
template <Subordinator S>
void expect_sound(const EMResult<MeanVarianceMixture<S>>& result, const std::string& what) {
  EXPECT_TRUE(is_sound(result.model)) << what << ": " << result.model << "\n" << result.status;
  for (const double change : result.param_changes) ASSERT_TRUE(std::isfinite(change)) << what;
  for (const double value : result.log_likelihoods) ASSERT_FALSE(std::isnan(value)) << what;
  EXPECT_EQ(result.diverged, result.status.has(StatusCode::kStepReverted)) << what;
}

/// Fits by this rule, from the data's own initial model.
template <Subordinator S>
EMResult<MeanVarianceMixture<S>> fit(const RowMatrix& x, const RuleOf<S>& rule, IncrementalEMOptions options) {
  const auto init = MeanVarianceMixture<S>::default_init(x);
  options.eta_update = rule.make(init);
  return IncrementalEMFitter(std::move(options)).fit(init, x, Key{3});
}

}  // namespace varimix::tests
