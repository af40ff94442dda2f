#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>

#include "support/models.hpp"
#include "support/sanitizers.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix::tests {

/// Makes RapidCheck draw its cases from a fixed seed, so that a run can be repeated. Under the sanitizers, which are
/// slow and need only one case that reaches a fault, it draws a third of the cases, unless VARIMIX_FULL is set. To
/// search elsewhere run RC_PARAMS="seed=1 max_success=1000" varimix_property_tests.
inline const bool kSeeded = [] {
  const bool is_short = kSanitized && std::getenv("VARIMIX_FULL") == nullptr;
  const char* cases = is_short ? "seed=20260101 max_success=20" : "seed=20260101 max_success=60";
  return ::setenv("RC_PARAMS", cases, 0) == 0;
}();

/// Checks a property, a function without arguments that draws what it needs. It serves tests with a type parameter, to
/// which RC_GTEST_PROP gives no access.
inline void check_property(const std::function<void()>& property) { ::rc::detail::checkGTest(property); }

/// Fails the property with the message of a failed comparison.
inline void hold(const ::testing::AssertionResult& result) {
  if (!result) RC_FAIL(result.message());
}

/// Fails the property with both models unless they are the same law.
template <Subordinator S>
void hold_same_law(const MeanVarianceMixture<S>& actual, const MeanVarianceMixture<S>& expected, double tolerance,
                   const std::string& what = "") {
  if (expected.same_law(actual, tolerance)) return;
  std::ostringstream text;
  text << what << ": " << actual << " for " << expected << ": apart by " << law_difference(expected, actual)
       << ", above " << tolerance;
  RC_FAIL(text.str());
}

/// Draws a number between 10^low and 10^high, evenly in its logarithm.
inline double any_scale(int low, int high) { return std::pow(10.0, 0.25 * *rc::gen::inRange(4 * low, 4 * high + 1)); }

inline std::int64_t any_seed() { return *rc::gen::inRange<std::int64_t>(0, 1'000'000); }

/// Draws a law of Y with finite moments: E[Y] = 1 and a tail weight from 0.03 to 3.
template <Subordinator S>
S any_finite_law() {
  return some_law<S>(3.0 * any_scale(-2, 0) + 1e-3, any_seed());
}

/// Draws any law of Y: e^m, with m the mode of log Y (for an inverse Gaussian E[Y]), is between 0.01 and 100. Shapes
/// are from 0.1 to 100, so that E[Y] or E[1/Y] may be infinite; a GIG lies on a face one time in eight.
template <Subordinator S>
S any_law() {
  const double shape = any_scale(-1, 2);
  const double mode = any_scale(-2, 2);
  if constexpr (std::same_as<S, InverseGaussian>) {
    return {mode, mode * shape};
  } else if constexpr (std::same_as<S, Gamma>) {
    return {shape, shape / mode};
  } else if constexpr (std::same_as<S, InverseGamma>) {
    return {shape, shape * mode};
  } else {
    const double p = 0.125 * *rc::gen::inRange(-80, 81);
    const bool on_a_face = p != 0.0 && *rc::gen::inRange(0, 8) == 0;
    const double z = on_a_face ? 0.0 : any_scale(-3, 2);
    const double larger = std::hypot(p, z) + std::abs(p);  // w + |p|, and w - |p| = z^2 / (w + |p|)
    return p < 0.0 ? S(p, z * z / larger / mode, larger * mode) : S(p, larger / mode, z * z / larger * mode);
  }
}

/// Draws a model whose moments are finite, with d from 1 to 5 and E[Y] = 1.
template <Subordinator S = InverseGaussian>
MeanVarianceMixture<S> any_model() {
  const auto d = *rc::gen::inRange<Index>(1, 6);
  return model_with_law(d, any_seed(), any_finite_law<S>());
}

/// Draws any model at all, with d from 1 to 5.
template <Subordinator S>
MeanVarianceMixture<S> any_model_at_all() {
  const auto d = *rc::gen::inRange<Index>(1, 6);
  return model_with_law(d, any_seed(), any_law<S>());
}

/// Draws a model for data on which EM is well-conditioned: it has heavy tails, and d from 1 to 3.
template <Subordinator S = InverseGaussian>
MeanVarianceMixture<S> any_heavy_model() {
  const auto d = *rc::gen::inRange<Index>(1, 4);
  return some_model<S>(d, any_seed(), 0.5 * any_scale(0, 1));
}

}  // namespace varimix::tests
