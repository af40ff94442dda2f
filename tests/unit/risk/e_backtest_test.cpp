#include "varimix/risk/e_backtest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "support/forecasts.hpp"

namespace varimix::tests {
namespace {

using testing::ThrowsMessage;

/// The e of these days are 0, 4, 0 and 8.
Days e_days() { return {0.25, {1.0, -3.0, -2.0, -5.0}, {2.0, 2.0, 2.0, 3.0}, {2.5, 3.0, 3.0, 4.0}}; }

TEST(EBacktest, OfAFixedStakeIsTheProduct) {
  const EBacktest of = e_backtest(e_days().view(), 0.1);
  ASSERT_EQ(of.log_e_process.size(), 4U);
  EXPECT_NEAR(std::exp(of.log_e_process[0]), 0.9, 1e-15);
  EXPECT_NEAR(std::exp(of.log_e_process[3]), 0.9 * 1.3 * 0.9 * 1.7, 1e-14);
  EXPECT_NEAR(of.p_value, 1.0 / (0.9 * 1.3 * 0.9 * 1.7), 1e-14);
  EXPECT_EQ(of.rejected_on, std::nullopt);
}

TEST(EBacktest, AdaptiveStakesAreOfTheDaysBefore) {
  const EBacktest of = e_backtest(e_days().view());
  EXPECT_EQ(of.log_e_process[0], 0.0);  // nothing is known
  EXPECT_EQ(of.log_e_process[1], 0.0);  // e - 1 was -1: no stake
  const double after_two = (-1.0 + 3.0) / (1.0 + 9.0);
  EXPECT_NEAR(of.log_e_process[2], std::log1p(-after_two), 1e-15);
  const double after_three = (-1.0 + 3.0 - 1.0) / (1.0 + 9.0 + 1.0);
  EXPECT_NEAR(of.log_e_process[3], std::log1p(-after_two) + std::log1p(7.0 * after_three), 1e-15);
}

TEST(EBacktest, AStakeDoesNotKnowItsOwnDay) {
  Days days = e_days();
  const EBacktest before = e_backtest(days.view());
  days.returns[3] = 9.0;
  const EBacktest after = e_backtest(days.view());
  EXPECT_TRUE(std::equal(before.log_e_process.begin(), before.log_e_process.begin() + 3, after.log_e_process.begin()));
}

TEST(EBacktest, RejectsOnTheFirstDayAtTheThreshold) {
  Days days = days_of(kNormalLaw, 40, 0.025);
  std::fill(days.returns.begin(), days.returns.end(), -3.0);
  const EBacktest of = e_backtest(days.view(), 0.1);
  ASSERT_TRUE(of.rejected_on.has_value());
  const auto day = static_cast<std::size_t>(*of.rejected_on);
  EXPECT_GE(of.log_e_process[day], std::log(20.0));
  EXPECT_LT(day == 0 ? 0.0 : of.log_e_process[day - 1], std::log(20.0));
  EXPECT_GE(e_backtest(days.view(), 0.1, 0.001).rejected_on.value(), *of.rejected_on);
}

TEST(EBacktest, WithoutAFailureItHasNoEvidence) {
  const EBacktest of = e_backtest(days_of(kNormalLaw, 100, 0.025).view());
  EXPECT_EQ(of.p_value, 1.0);
  EXPECT_EQ(of.log_largest, 0.0);
}

TEST(EBacktest, StaysFiniteForLossesBeyondAllBounds) {
  Days days = days_of(kNormalLaw, 100, 0.025);
  std::fill(days.returns.begin(), days.returns.end(), -1e48);
  for (const double process : e_backtest(days.view()).log_e_process) EXPECT_TRUE(std::isfinite(process));
}

TEST(EBacktest, RefusesSettingsOutsideTheirDomains) {
  const Days days = e_days();
  EXPECT_THAT([&] { (void)e_backtest(days.view(), 0.6); },
              ThrowsMessage<std::invalid_argument>("stake must be in [0, 0.5], got 0.6"));
  EXPECT_THAT([&] { (void)e_backtest(days.view(), -0.1); },
              ThrowsMessage<std::invalid_argument>("stake must be in [0, 0.5], got -0.1"));
  EXPECT_THAT([&] { (void)e_backtest(days.view(), {}, 0.0); },
              ThrowsMessage<std::invalid_argument>("test_level must be in (0, 1), got 0"));
}

}  // namespace
}  // namespace varimix::tests
