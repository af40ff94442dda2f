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

/// Every rule, and the affine one whose weights sum to two.
inline std::vector<NamedRule> rules_and_worse() {
  auto rules = all_rules();
  rules.push_back({kSumToTwo, [](const NormalInverseGaussian&) { return AffineUpdate{.b = 1.0, .c = 1.0}; }});
  return rules;
}

/// Nothing that a fit gives back is NaN; of a row beyond 1e154 standard deviations the log-likelihood is -inf.
inline void expect_sound(const EMResult<InverseGaussian>& result, const std::string& what) {
  EXPECT_TRUE(is_sound(result.model)) << what << ": " << result.model << "\n" << result.status;
  for (const double change : result.param_changes) ASSERT_TRUE(std::isfinite(change)) << what;
  for (const double value : result.log_likelihoods) ASSERT_FALSE(std::isnan(value)) << what;
  EXPECT_EQ(result.diverged, result.status.has(StatusCode::kStepReverted)) << what;
}

/// A fit by this rule from the data's own initial model.
inline EMResult<InverseGaussian> fit(const RowMatrix& x, const NamedRule& rule, IncrementalEMOptions options) {
  const auto init = NormalInverseGaussian::default_init(x);
  options.eta_update = rule.make(init);
  return IncrementalEMFitter(std::move(options)).fit(init, x, Key{3});
}

}  // namespace varimix::tests
