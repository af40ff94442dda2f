#include "varimix/em/log_score.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/close.hpp"
#include "varimix/em/drift_detector.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

TEST(LogScore, TotalIsTheSumOverRowsAndRecentForgetsByHalfLife) {
  LogScore score{.half_life = 100.0};
  EXPECT_EQ(score.mean(), 0.0);
  EXPECT_EQ(score.recent(), 0.0);
  score.add(-2.0, 300.0);
  score.add(-5.0, 100.0);
  EXPECT_DOUBLE_EQ(score.total, -1100.0);
  EXPECT_DOUBLE_EQ(score.mean(), -2.75);
  EXPECT_DOUBLE_EQ(score.recent(), (-2.0 * 150.0 - 500.0) / 250.0) << "300 rows of age one half-life count as 150";
}

TEST(DriftDetector, StaysFiniteWhateverTheScores) {
  DriftDetector detector;
  for (int row = 0; row < 200; ++row) {
    (void)detector.add((row % 2 == 0 ? -1.0 : 0.9) * std::pow(10.0, row), 1e6);
    EXPECT_TRUE(std::isfinite(detector.reference.mean) && std::isfinite(detector.reference.deviation)) << row;
    EXPECT_TRUE(std::isfinite(detector.level())) << row;
  }
}

TEST(EarlyStop, WaitsForItsPatienceSinceTheLastGain) {
  EarlyStop stop({.patience = 2, .min_gain = 0.1});
  EXPECT_FALSE(stop(-3.0));
  EXPECT_FALSE(stop(-2.95)) << "less than min_gain";
  EXPECT_FALSE(stop(-2.8)) << "a gain";
  EXPECT_FALSE(stop(-2.8));
  EXPECT_TRUE(stop(-2.75));
}

TEST(EarlyStop, NamesASettingOutsideItsDomain) {
  EXPECT_THAT(error_of([] { EarlyStopping{.patience = 0}.check(); }), HasSubstr("patience must be >= 1, got 0"));
  EXPECT_THAT(error_of([] { EarlyStopping{.min_gain = -1.0}.check(); }), HasSubstr("min_gain must be finite and >= 0"));
  EXPECT_THAT(error_of([] { EarlyStopping{.min_gain = std::numeric_limits<double>::quiet_NaN()}.check(); }),
              HasSubstr("min_gain"));
}

}  // namespace
}  // namespace varimix::tests
