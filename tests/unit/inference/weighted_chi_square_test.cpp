#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "inference/chi_square.hpp"
#include "varimix/inference/distinguishability_test.hpp"

namespace varimix::tests {
namespace {

TEST(WeightedChiSquare, OfEqualWeightsIsAChiSquare) {
  for (const Index degrees : {1, 2, 5, 40, 500}) {
    for (const double ratio : {1e-12, 1e-3, 0.3, 0.999, 1.0, 1.001, 2.0, 5.0, 50.0}) {
      const double x = ratio * static_cast<double>(degrees);
      const double expected = chi_square_sf(x, static_cast<double>(degrees));
      const double found = weighted_chi_square_sf(3.0 * x, Vector::Constant(degrees, 3.0));
      EXPECT_NEAR(found, expected, ratio > 1.0 ? 1e-11 * expected : 1e-12) << degrees << " " << ratio;
    }
  }
}

// With each weight twice the sum is one of exponentials: P = (a e^{-x/2a} - b e^{-x/2b}) / (a - b).
TEST(WeightedChiSquare, OfWeightsInPairsIsASumOfExponentials) {
  for (const double b : {0.9, 0.1, 1e-3, 1e-9}) {
    const Vector weights{{1.0, b, b, 1.0}};
    for (const double x : {1e-3, 0.5, 2.0, 9.0, 80.0}) {
      const double expected = (std::exp(-0.5 * x) - b * std::exp(-0.5 * x / b)) / (1.0 - b);
      EXPECT_NEAR(weighted_chi_square_sf(x, weights), expected, 1e-12) << b << " " << x;
    }
    const double far = std::exp(-40.0) / (1.0 - b) - b / (1.0 - b) * std::exp(-40.0 / b);
    EXPECT_NEAR(weighted_chi_square_sf(80.0, weights) / far, 1.0, 1e-11);
  }
}

// Imhof (1961), Biometrika 48:419, table 1: Q1 = .6 X + .3 X + .1 X.
TEST(WeightedChiSquare, MeetsTheTableOfImhof) {
  const Vector weights{{0.6, 0.3, 0.1}};
  EXPECT_NEAR(weighted_chi_square_sf(0.1, weights), 0.9458, 5e-5);
  EXPECT_NEAR(weighted_chi_square_sf(0.7, weights), 0.5064, 5e-5);
  EXPECT_NEAR(weighted_chi_square_sf(2.0, weights), 0.1240, 5e-5);
}

TEST(WeightedChiSquare, IsASurvivalFunctionToTheEnds) {
  const double inf = std::numeric_limits<double>::infinity();
  const Vector weights{{2.0, 0.5, 0.0}};
  EXPECT_EQ(weighted_chi_square_sf(0.0, weights), 1.0);
  EXPECT_EQ(weighted_chi_square_sf(-1.0, weights), 1.0);
  EXPECT_EQ(weighted_chi_square_sf(inf, weights), 0.0);
  EXPECT_GT(weighted_chi_square_sf(2000.0, weights), 0.0);
  EXPECT_EQ(weighted_chi_square_sf(1e9, weights), 0.0);
  EXPECT_EQ(weighted_chi_square_sf(0.1, Vector::Zero(2)), 0.0);
  EXPECT_EQ(weighted_chi_square_sf(0.0, Vector::Zero(2)), 0.0);
  EXPECT_EQ(weighted_chi_square_sf(-0.1, Vector()), 1.0);
  double before = 1.0;
  for (double x = 1e-4; x < 100.0; x *= 1.1) {
    const double p = weighted_chi_square_sf(x, weights);
    EXPECT_LT(p, before);
    before = p;
  }
}

TEST(WeightedChiSquare, RefusesWhatHasNoLaw) {
  EXPECT_THROW((void)weighted_chi_square_sf(1.0, Vector{{1.0, -0.1}}), std::invalid_argument);
  EXPECT_THROW((void)weighted_chi_square_sf(1.0, Vector{{std::nan("")}}), std::invalid_argument);
  EXPECT_THROW((void)weighted_chi_square_sf(std::nan(""), Vector{{1.0}}), std::invalid_argument);
}

}  // namespace
}  // namespace varimix::tests
