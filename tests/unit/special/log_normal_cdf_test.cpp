#include "varimix/special/log_normal_cdf.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(LogNormalCdf, TakesItsLimits) {
  EXPECT_EQ(log_normal_cdf(-kInfinity), -kInfinity);
  EXPECT_EQ(log_normal_cdf(kInfinity), 0.0);
  EXPECT_TRUE(std::isnan(log_normal_cdf(kNan)));
  EXPECT_EQ(log_normal_cdf(0.0), std::log(0.5));
  EXPECT_LT(log_normal_cdf(30.0), 0.0);  // it is not rounded to 0, which is certainty
}

TEST(LogNormalCdf, IsMonotoneAcrossItsSeam) {
  double before = log_normal_cdf(-20.01);
  for (double u = -20.01; u < -19.99; u += 1e-5) {
    EXPECT_GE(log_normal_cdf(u), before) << u;
    before = log_normal_cdf(u);
  }
}

}  // namespace
}  // namespace varimix::tests
