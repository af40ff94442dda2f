#include "univariate/mixture_sum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "support/close.hpp"
#include "support/simd_targets.hpp"
#include "varimix/special/bessel_k.hpp"

namespace varimix::tests {
namespace {

using simd::MixtureFactor;

constexpr double kRounding = 4e-15;

TEST(MixtureSum, OfOneIsBesselsIntegral) {
  // With slope 0 and a = b = z/2 the integral over v of e^{-z (cosh v - 1)} is 2 e^z K_0(z).
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    for (const double z : {1e-3, 0.5, 4.0, 300.0, 1e8}) {
      const double step = std::min(0.1, 0.5 / std::sqrt(z));
      const auto [sum, nodes] =
          simd::mixture_sum(MixtureFactor::kOne,
                            {.slope = 0.0, .a = 0.5 * z, .b = 0.5 * z, .c = 0.0, .g = 0.0, .delta = 0.0, .step = step});
      EXPECT_LE(relative_error(step * sum, 2.0 * std::exp(bessel_k(0.0, z).log_scaled)), kRounding)
          << target_name(target) << ", z = " << z;
    }
  }
}

TEST(MixtureSum, ClosesAGeometricTailExactly) {
  // The integral over v of e^{p (v - e^v + 1)} is e^p p^-p Gamma(p). Without the closed form the sum would run over
  // 40/p units of v.
  for (const double p : {1e-9, 1e-3, 0.05, 1.0}) {
    constexpr double kStep = 0.1;
    for (const double mirrored : {0.0, 1.0}) {
      const auto [sum, nodes] = simd::mixture_sum(MixtureFactor::kOne, {.slope = 0.0,
                                                                        .a = p * (1.0 - mirrored),
                                                                        .b = p * mirrored,
                                                                        .c = 0.0,
                                                                        .g = 0.0,
                                                                        .delta = 0.0,
                                                                        .step = kStep,
                                                                        .left_rate = p * (1.0 - mirrored),
                                                                        .right_rate = p * mirrored});
      const double expected = std::exp(p - p * std::log(p) + std::lgamma(p));
      EXPECT_LE(relative_error(kStep * sum, expected), kRounding) << p;
      EXPECT_LE(nodes, 800U) << p;
    }
  }
}

/// Returns the factor at u, as the sum with a weight so narrow that only its point v = 0 counts.
double factor_at(MixtureFactor factor, double u) {
  constexpr double kNarrow = 1e12;
  return simd::mixture_sum(factor,
                           {.slope = 0.0, .a = kNarrow, .b = kNarrow, .c = u, .g = 0.0, .delta = u, .step = 1.0})
             .sum *
         (u < 0.0 ? std::exp(-0.5 * u * u) : 1.0);
}

TEST(MixtureSum, ItsFactorsAreTheNormalTailAndItsIntegral) {
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    for (double u = -37.0; u < 12.0; u += 0.37) {
      const double rounded_argument = 4e-16 * u * u;  // the error of erfc and of the exponential by it
      EXPECT_LE(relative_error(factor_at(MixtureFactor::kProbability, u), 0.5 * std::erfc(-u / std::sqrt(2.0))),
                kRounding + rounded_argument)
          << u;
    }
    // These values of u Phi(u) + phi(u), with phi the standard normal density, are from mpmath.
    EXPECT_LE(relative_error(factor_at(MixtureFactor::kExcess, 0.0), 0.39894228040143267794), kRounding);
    EXPECT_LE(relative_error(factor_at(MixtureFactor::kExcess, 2.0), 2.0084907026168296375), kRounding);
    EXPECT_LE(relative_error(factor_at(MixtureFactor::kExcess, -1.0), 0.083315470587686298), kRounding);
    EXPECT_LE(relative_error(factor_at(MixtureFactor::kExcess, -30.0), 1.6319567340914011894e-199), 1e-13);
  }
}

}  // namespace
}  // namespace varimix::tests
