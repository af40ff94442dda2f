#include "inference/chi_square.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace varimix::tests {
namespace {

// With two degrees of freedom the survival function is exp(-x / 2).
TEST(ChiSquareSf, IsExponentialForTwoDegreesOfFreedom) {
  for (const double x : {0.1, 3.0, 40.0, 1000.0}) EXPECT_NEAR(chi_square_sf(x, 2.0) / std::exp(-0.5 * x), 1.0, 1e-12);
}

TEST(ChiSquareSf, IsThatOfANormalSquareForOneDegreeOfFreedom) {
  for (const double x : {0.1, 3.0, 40.0})
    EXPECT_NEAR(chi_square_sf(x, 1.0) / std::erfc(std::sqrt(0.5 * x)), 1.0, 1e-12);
}

TEST(ChiSquareSf, IsOneBelowZeroAndZeroAtInfinity) {
  EXPECT_EQ(chi_square_sf(-1.0, 3.0), 1.0);
  EXPECT_EQ(chi_square_sf(0.0, 3.0), 1.0);
  EXPECT_EQ(chi_square_sf(std::numeric_limits<double>::infinity(), 3.0), 0.0);
}

TEST(LogChiSquareSf, IsTheLogarithmOfTheSurvivalFunction) {
  EXPECT_EQ(log_chi_square_sf(-1.0, 3.0), 0.0);
  EXPECT_EQ(log_chi_square_sf(std::numeric_limits<double>::infinity(), 3.0), -std::numeric_limits<double>::infinity());
  for (const double x : {0.1, 3.0, 40.0, 1000.0, 1e5}) EXPECT_NEAR(log_chi_square_sf(x, 2.0), -0.5 * x, 1e-13 * x);
}

// By mpmath at 40 digits.
TEST(LogChiSquareSf, IsRightBelowTheLeastDouble) {
  EXPECT_NEAR(log_chi_square_sf(2000.0, 1.0), -1004.026741958951945, 1e-11);
  EXPECT_NEAR(log_chi_square_sf(5000.0, 7.0), -2481.6398584753529846, 1e-11);
  EXPECT_NEAR(log_chi_square_sf(3000.0, 300.0), -1010.2350943274379485, 1e-11);
}

}  // namespace
}  // namespace varimix::tests
