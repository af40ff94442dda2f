#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "support/models.hpp"

namespace varimix::tests {

/// RapidCheck draws its cases from a fixed seed, so that a run can be repeated. To search elsewhere:
/// RC_PARAMS="seed=1 max_success=1000" varimix_property_tests
inline const bool kSeeded = ::setenv("RC_PARAMS", "seed=20260101 max_success=60", 0) == 0;

/// Fails the property with the message of a failed comparison.
inline void hold(const ::testing::AssertionResult& result) {
  if (!result) RC_FAIL(result.message());
}

/// A power of ten between 10^low and 10^high.
inline double any_scale(int low, int high) { return std::pow(10.0, 0.25 * *rc::gen::inRange(4 * low, 4 * high + 1)); }

inline std::int64_t any_seed() { return *rc::gen::inRange<std::int64_t>(0, 1'000'000); }

/// Any model: d from 1 to 5, tail weight from 0.03 to 10, E[Y] = 1.
inline NormalInverseGaussian any_model() {
  const auto d = *rc::gen::inRange<Index>(1, 6);
  return some_model(d, any_seed(), 3.0 * any_scale(-2, 0) + 1e-3);
}

/// A model for data on which EM is well-conditioned: heavy tails, d from 1 to 3.
inline NormalInverseGaussian any_heavy_model() {
  const auto d = *rc::gen::inRange<Index>(1, 4);
  return some_model(d, any_seed(), 0.5 * any_scale(0, 1));
}

/// The law of A X + b.
inline NormalInverseGaussian transformed(const NormalInverseGaussian& model, const Matrix& A, const Vector& b) {
  const Matrix sigma = A * model.sigma() * A.transpose();
  return NormalInverseGaussian::from_classical({.mu = A * model.mu() + b,
                                                .gamma = A * model.gamma(),
                                                .sigma = 0.5 * (sigma + sigma.transpose()),
                                                .mu_ig = model.subordinator().mu_ig(),
                                                .lam = model.subordinator().lam()});
}

inline RowMatrix transformed(const RowMatrix& x, const Matrix& A, const Vector& b) {
  return (x * A.transpose()).rowwise() + b.transpose();
}

}  // namespace varimix::tests
