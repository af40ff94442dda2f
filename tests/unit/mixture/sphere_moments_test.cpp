#include "mixture/natural_gradient/sphere_moments.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "support/close.hpp"
#include "varimix/core/types.hpp"

namespace varimix::tests {
namespace {

/// Succeeds if every moment is within 1e-11 of itself, or 1e-13.
::testing::AssertionResult are_close(const SphereMoments& actual, const SphereMoments& expected) {
  constexpr double kRelative = 1e-11;
  constexpr double kAbsolute = 1e-13;
  const auto values = [](const SphereMoments& m) {
    return std::array<double, 7>{m.v1, m.v2, m.v3, m.v4, m.across, m.across_squared, m.bessel_ratio};
  };
  constexpr std::array<const char*, 7> kNames = {"v1", "v2", "v3", "v4", "across", "across_squared", "bessel_ratio"};
  for (std::size_t k = 0; k < kNames.size(); ++k) {
    const double error = std::abs(values(actual)[k] - values(expected)[k]);
    if (!(error <= std::max(kAbsolute, kRelative * std::abs(values(expected)[k])))) {
      return ::testing::AssertionFailure()
             << kNames[k] << ": " << values(actual)[k] << " for " << values(expected)[k] << ", error " << error;
    }
  }
  return ::testing::AssertionSuccess();
}

SphereMoments sphere_moments(double kappa, Index d) {
  SphereMoments moments;
  varimix::sphere_moments({&kappa, 1}, d, &moments);
  return moments;
}

/// Returns the first kappa of the expansion about v = 0.
double first_far(Index d) { return 100.0 + static_cast<double>(d * d); }

TEST(SphereMoments, OfMoreThanALaneAreThoseOfEach) {
  constexpr std::array<double, 11> kKappa = {0.0, 5.0, 300.0, 0.1, 1e-9, 77.0, 104.0, 105.0, 2.0, 1e5, 3.0};
  std::array<SphereMoments, kKappa.size()> all;
  varimix::sphere_moments(kKappa, 2, all.data());
  for (std::size_t k = 0; k < kKappa.size(); ++k) {
    const SphereMoments alone = sphere_moments(kKappa[k], 2);
    EXPECT_EQ(all[k].v1, alone.v1) << kKappa[k];
    EXPECT_EQ(all[k].v4, alone.v4) << kKappa[k];
    EXPECT_EQ(all[k].across_squared, alone.across_squared) << kKappa[k];
  }
}

TEST(SphereMoments, InOneDimensionAreThoseOfASign) {
  for (const double kappa : {0.0, 1e-8, 0.3, 2.0, 17.0, 40.0, 101.0, 102.0, 1e4, 1e150}) {
    const double share = 1.0 / (1.0 + std::exp(2.0 * kappa));  // of t = -1, v = 2
    EXPECT_TRUE(are_close(sphere_moments(kappa, 1),
                          {.v1 = 2.0 * share,
                           .v2 = 4.0 * share,
                           .v3 = 8.0 * share,
                           .v4 = 16.0 * share,
                           .across = 0.0,
                           .across_squared = 0.0,
                           .bessel_ratio = std::sinh(std::min(kappa, 300.0)) / std::cosh(std::min(kappa, 300.0))}))
        << kappa;
  }
}

// t is uniform but for e^{kappa t}: Langevin's function, and v is an exponential variable below 2.
TEST(SphereMoments, InThreeDimensionsAreThoseOfLangevinsFunction) {
  for (const double kappa : {20.0, 50.0, 108.0, 110.0, 1e3, 1e6, 1e150}) {
    const double coth = 1.0 + 2.0 / std::expm1(2.0 * kappa);
    // v^k e^{-kappa v} from 0 to 2, by parts
    std::array<double, 5> v{1.0};
    for (std::size_t k = 1; k < v.size(); ++k) {
      v[k] = static_cast<double>(k) / kappa * v[k - 1] - std::exp2(static_cast<double>(k)) / std::expm1(2.0 * kappa);
    }
    EXPECT_TRUE(are_close(sphere_moments(kappa, 3), {.v1 = v[1],
                                                     .v2 = v[2],
                                                     .v3 = v[3],
                                                     .v4 = v[4],
                                                     .across = 2.0 * (coth - 1.0 / kappa) / kappa,
                                                     .across_squared = 4.0 * (v[2] - v[3]) + v[4],
                                                     .bessel_ratio = coth - 1.0 / kappa}))
        << kappa;
  }
}

TEST(SphereMoments, AtZeroAreThoseOfTheUniformLaw) {
  for (const Index d : {1, 2, 3, 4, 7, 20, 500}) {
    const auto n = static_cast<double>(d);
    const double t2 = 1.0 / n;
    const double t4 = 3.0 / (n * (n + 2.0));
    EXPECT_TRUE(are_close(sphere_moments(0.0, d), {.v1 = 1.0,
                                                   .v2 = 1.0 + t2,
                                                   .v3 = 1.0 + 3.0 * t2,
                                                   .v4 = 1.0 + 6.0 * t2 + t4,
                                                   .across = 1.0 - t2,
                                                   .across_squared = 1.0 - 2.0 * t2 + t4,
                                                   .bessel_ratio = 0.0}))
        << d;
  }
}

TEST(SphereMoments, AgreeOnBothSidesOfTheSwitch) {
  for (const Index d : {1, 2, 3, 4, 5, 8, 20, 50, 200}) {
    const double near = first_far(d);
    const double far = std::nextafter(near, std::numeric_limits<double>::infinity());
    EXPECT_TRUE(are_close(sphere_moments(near, d), sphere_moments(far, d))) << d;
  }
}

// By quadrature over the angle in mpmath, 40 digits.
TEST(SphereMoments, AreThoseOfTheQuadrature) {
  EXPECT_TRUE(are_close(sphere_moments(1.5, 2),
                        {0.40386676116870929, 0.41031136311655812, 0.55997102138444181, 0.87217954181590684,
                         0.39742215922086047, 0.27354090874437208, 0.59613323883129071}));
  EXPECT_TRUE(are_close(sphere_moments(2.0, 3),
                        {0.4626852792724519, 0.38805583781735571, 0.43282487381584119, 0.5671319818112976,
                         0.5373147207275481, 0.38805583781735571, 0.5373147207275481}));
  EXPECT_TRUE(are_close(sphere_moments(20.0, 5),
                        {0.097368421052631588, 0.014210526315789494, 0.0027631578947368859, 0.00067105263157903977,
                         0.18052631578947368, 0.046460526315789474, 0.90263157894736841}));
  EXPECT_TRUE(are_close(sphere_moments(120.0, 4),
                        {0.012473738911311022, 0.00025932129540481939, 7.5475126851735195e-6, 2.824295002814711e-7,
                         0.024688156527217224, 0.001007377560378865, 0.98752626108868898}));
  EXPECT_TRUE(are_close(sphere_moments(300.0, 20),
                        {0.03121665459521407, 0.0010770306481250316, 4.069751779341376e-5, 1.6715121427807249e-6,
                         0.061356278542303109, 0.0041470040334692522, 0.96878334540478593}));
  EXPECT_TRUE(are_close(sphere_moments(600.0, 20),
                        {0.015720999495973417, 0.00027316397598599146, 5.1984354791130608e-6, 1.0753045386540596e-7,
                         0.031168835015960842, 0.001071969692481379, 0.98427900050402658}));
}

}  // namespace
}  // namespace varimix::tests
