#include "inference/kolmogorov_smirnov.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace varimix::tests {
namespace {

// By hand: F_n jumps to 1/4, 2/4, 3/4, 1 at .1, .2, .7, .8; the largest distance is 2/4 - .2 or .7 - 2/4.
TEST(KolmogorovSmirnov, IsTheLargestDistanceOnEitherSideOfAJump) {
  EXPECT_NEAR(kolmogorov_smirnov(std::array{0.1, 0.2, 0.7, 0.8}), 2.0 * 0.3, 1e-15);
  EXPECT_NEAR(kolmogorov_smirnov(std::array{0.1, 0.45, 0.9, 0.95}), 2.0 * 0.4, 1e-15);
}

TEST(KolmogorovSmirnov, CountsTiesOnce) {
  EXPECT_NEAR(kolmogorov_smirnov(std::array{0.5, 0.5, 0.5, 0.5}), 2.0 * 0.5, 1e-15);
}

TEST(KolmogorovSmirnov, OfTheEndsIsThatOfAPointMass) {
  EXPECT_EQ(kolmogorov_smirnov(std::array{0.0}), 1.0);
  EXPECT_EQ(kolmogorov_smirnov(std::array{1.0}), 1.0);
  EXPECT_EQ(kolmogorov_smirnov(std::array{0.0, 0.0}), std::sqrt(2.0));
}

}  // namespace
}  // namespace varimix::tests
