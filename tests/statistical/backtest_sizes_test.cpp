#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "support/forecasts.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/risk/backtest.hpp"
#include "varimix/risk/e_backtest.hpp"
#include "varimix/risk/shortfall_backtest.hpp"

namespace varimix::tests {
namespace {

/// How often a test at 5% rejects days whose law was forecast.
class Size {
 public:
  void add(const std::optional<double>& p_value) {
    if (!p_value) return;
    ++tested_;
    if (*p_value <= 0.05) ++rejected_;
  }
  [[nodiscard]] double value() const { return static_cast<double>(rejected_) / static_cast<double>(tested_); }

 private:
  std::int64_t tested_ = 0;
  std::int64_t rejected_ = 0;
};

/// A size of 5% is seen outside of [.03, .07] with 2000 replicates once in 25,000 seeds.
void expect_size_of_five_percent(const Size& size, const char* name, std::size_t n) {
  EXPECT_GE(size.value(), 0.03) << name << ", n = " << n;
  EXPECT_LE(size.value(), 0.07) << name << ", n = " << n;
}

constexpr int kReplicates = 2000;

bool is_full() { return std::getenv("VARIMIX_FULL") != nullptr; }

TEST(BacktestSizes, OfTestsOfFailuresAreFivePercent) {
  for (const std::size_t n : {std::size_t{500}, std::size_t{2000}}) {
    Days days = days_of(kNormalLaw, n, 0.05);
    Size coverage;
    Size both;
    Size durations;
    for (int replicate = 0; replicate < kReplicates; ++replicate) {
      draw_normal(days, static_cast<std::uint64_t>(replicate));
      BacktestCounts counts;
      counts.add(days.returns, days.value_at_risk);
      coverage.add(kupiec(counts, days.alpha).p_value);
      both.add(christoffersen_coverage(counts, days.alpha).p_value);
      durations.add(duration_test(counts).test.p_value);
    }
    expect_size_of_five_percent(coverage, "kupiec", n);
    expect_size_of_five_percent(both, "christoffersen_coverage", n);
    expect_size_of_five_percent(durations, "duration_test", n);
  }
}

TEST(BacktestSizes, OfMcNeilFreyIsFivePercent) {
  constexpr std::int64_t kResamples = 199;  // 5% of 200 is a whole number
  for (const std::size_t n : {std::size_t{500}, std::size_t{2000}}) {
    Days days = days_of(kNormalLaw, n, 0.05);
    Size size;
    for (int replicate = 0; replicate < kReplicates; ++replicate) {
      draw_normal(days, static_cast<std::uint64_t>(replicate));
      size.add(mcneil_frey(days.view(), Key(replicate), kResamples).p_value);
    }
    expect_size_of_five_percent(size, "mcneil_frey", n);
  }
}

TEST(BacktestSizes, OfAcerbiAndSzekelyIsFivePercent) {
  constexpr std::size_t kDays = 500;
  Days days = days_of(kNormalLaw, kDays, 0.05);
  const NullSimulation simulation{.key = Key(4), .replicates = 20'000};
  const AcerbiSzekely critical = acerbi_szekely(days.view(), std::vector{kNormalLaw}, simulation);
  days.returns[0] = -3.0;  // Z1 has a critical value where a day fails
  const AcerbiSzekely one = acerbi_szekely(days.view(), std::vector{kNormalLaw}, simulation);
  Size z1;
  Size z2;
  for (int replicate = 0; replicate < kReplicates; ++replicate) {
    draw_normal(days, static_cast<std::uint64_t>(replicate));
    const AcerbiSzekely of = acerbi_szekely(days.view());
    z1.add(of.z1.test.statistic < one.z1.critical_value.value() ? 0.0 : 1.0);
    z2.add(of.z2.test.statistic < critical.z2.critical_value.value() ? 0.0 : 1.0);
  }
  expect_size_of_five_percent(z1, "Z1", kDays);
  expect_size_of_five_percent(z2, "Z2", kDays);
}

/// Returns how often the e-process of right forecasts ever reaches 20 in 1000 days.
double crossing_rate(std::optional<double> stake, int replicates) {
  Days days = days_of(kNormalLaw, 1000, 0.025);
  int crossed = 0;
  for (int replicate = 0; replicate < replicates; ++replicate) {
    draw_normal(days, static_cast<std::uint64_t>(replicate));
    if (e_backtest(days.view(), stake).rejected_on) ++crossed;
  }
  return static_cast<double>(crossed) / replicates;
}

TEST(BacktestSizes, TheEProcessOfRightForecastsSeldomReachesTwenty) {
  // A rate of .05 is seen above .066 with 4000 replicates once in 500,000 seeds.
  EXPECT_LE(crossing_rate(std::nullopt, 4000), 0.066);
  EXPECT_LE(crossing_rate(0.02, 4000), 0.066);
}

TEST(BacktestSizes, TheEProcessReachesTwentyAsOftenAsRecorded) {
  if (!is_full()) GTEST_SKIP() << "long: VARIMIX_FULL=1";
  constexpr int kMany = 20'000;  // standard errors of .0005 and .0014
  EXPECT_NEAR(crossing_rate(std::nullopt, kMany), 0.005, 0.003);
  EXPECT_NEAR(crossing_rate(0.02, kMany), 0.038, 0.008);
}

TEST(BacktestSizes, TheEProcessFindsLowForecastsAsOftenAsRecorded) {
  if (!is_full()) GTEST_SKIP() << "long: VARIMIX_FULL=1";
  constexpr int kMany = 1000;  // standard error .015; recorded .69
  const NormalInverseGaussian model(Vector::Zero(1), Vector::Zero(1), Matrix::Ones(1, 1), InverseGaussian(1.0, 1.0));
  Days days = days_of(model.univariate_law(), 1000, 0.025);
  for (double& value : days.value_at_risk) value *= 0.85;
  for (double& value : days.expected_shortfall) value *= 0.8;
  int found = 0;
  for (int replicate = 0; replicate < kMany; ++replicate) {
    const RowMatrix rows = model.rvs(1000, Seed{replicate});
    days.returns.assign(rows.data(), rows.data() + rows.size());
    if (e_backtest(days.view()).rejected_on) ++found;
  }
  EXPECT_NEAR(static_cast<double>(found) / kMany, 0.69, 0.07);
}

}  // namespace
}  // namespace varimix::tests
