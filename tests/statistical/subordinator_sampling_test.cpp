#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "support/sanitizers.hpp"
#include "support/statistics.hpp"
#include "support/subordinators.hpp"

namespace varimix::tests {
namespace {

constexpr int kDraws = kSanitized ? 300 : 3000;

template <class S>
std::string describe(const S& law) {
  std::ostringstream text;
  text << S::kName;
  for (const double value : law.parameters()) text << " " << value;
  return text.str();
}

/// Returns laws of every combination of order and sqrt(ab), tiny and huge, in some unit.
std::vector<GeneralizedInverseGaussian> extreme_gigs() {
  std::vector<GeneralizedInverseGaussian> laws;
  double unit = 1e-3;
  for (const double p : {0.0, 1e-3, -0.5, 0.9, -3.0, 40.0, -1e4, 1e6}) {
    for (const double z : {1e-12, 1e-4, 0.3, 5.0, 300.0, 1e8}) {
      laws.emplace_back(p, z / unit, z * unit);
      unit = unit > 1e3 ? 1e-3 : 7.0 * unit;
    }
  }
  laws.emplace_back(1.5, 2.0, 0.0);
  laws.emplace_back(-0.4, 0.0, 3.0);
  return laws;
}

/// Returns the number of words of the stream that one draw takes, found by walking a copy to where the stream stands.
template <class S>
int words_of_draw(const S& law, CounterStream& stream) {
  CounterStream walker = stream;
  (void)law.sample(stream);
  CounterStream after = stream;
  const std::uint64_t next = after.bits();
  int words = 0;
  while (walker.bits() != next) ++words;
  return words;
}

template <class S>
void draws_have_the_law(const S& law, std::uint64_t index) {
  CounterStream stream(Key{20'260'101}, StreamPurpose::kSubordinatorRows, index);
  std::vector<double> transformed;
  for (int k = 0; k < kDraws; ++k) {
    const double y = law.sample(stream);
    ASSERT_TRUE(std::isnormal(y) && y > 0.0) << describe(law);
    transformed.push_back(law.cdf(y));
  }
  EXPECT_LT(kolmogorov_statistic(transformed), kolmogorov_critical()) << describe(law);
}

// Each of the 50 laws has the false-alarm rate kFalseAlarmRate.
TEST(SubordinatorSampling, GigDrawsHaveTheirLawAtEveryExtreme) {
  std::uint64_t index = 0;
  for (const GeneralizedInverseGaussian& law : extreme_gigs()) draws_have_the_law(law, index++);
}

TEST(SubordinatorSampling, GammaDrawsHaveTheirLawFromTinyToHugeShapes) {
  std::uint64_t index = 1000;
  for (const double alpha : {0.05, 0.4, 1.0, 1.3, 20.0, 1e4, 1e7, 1e12}) {
    draws_have_the_law(Gamma(alpha, 0.25), index++);
    draws_have_the_law(InverseGamma(alpha, 0.25), index++);
  }
}

TEST(SubordinatorSampling, InverseGaussianDrawsHaveTheirLaw) {
  std::uint64_t index = 2000;
  for (const double lam : {1e-4, 0.1, 1.0, 50.0, 1e6}) draws_have_the_law(InverseGaussian(2.0, lam), index++);
  draws_have_the_law(InverseGaussian(1e100, 1e-100), index++);
}

// Devroye's bound is on the mean number of trials, of three words each; its standard error here is below 0.02.
TEST(SubordinatorSampling, GigRejectionIsBoundedOverAllParameters) {
  double most = 0.0;
  std::string where;
  for (const GeneralizedInverseGaussian& law : extreme_gigs()) {
    if (law.a() == 0.0 || law.b() == 0.0) continue;
    CounterStream stream(Key{7}, StreamPurpose::kSubordinatorRows, 0);
    constexpr int kTrialDraws = 4000;
    constexpr double kWordsPerTrial = 3.0;
    double words = 0.0;
    for (int k = 0; k < kTrialDraws; ++k) words += words_of_draw(law, stream);
    const double trials = words / kWordsPerTrial / kTrialDraws;
    if (trials > most) {
      most = trials;
      where = describe(law);
    }
  }
  std::cout << "[  WORST   ] mean trials " << most << " at " << where << "\n";
  EXPECT_LT(most, kGigMeanTrials);
}

// At alpha = 0.01 a gamma variate is below the normal doubles with probability 8e-4; then the draw is the smallest of
// them.
TEST(SubordinatorSampling, DrawsBelowTheDoublesAreTheSmallestOfThem) {
  const Gamma law(0.01, 1.0);
  CounterStream stream(Key{9}, StreamPurpose::kSubordinatorRows, 0);
  constexpr int kManyDraws = 20'000;
  int smallest = 0;
  for (int k = 0; k < kManyDraws; ++k) {
    const double y = law.sample(stream);
    ASSERT_TRUE(std::isnormal(y));
    if (y == std::numeric_limits<double>::min()) ++smallest;
  }
  const double expected = kManyDraws * law.cdf(std::numeric_limits<double>::min());
  EXPECT_NEAR(smallest, expected, kNormalCritical * std::sqrt(expected));
}

}  // namespace
}  // namespace varimix::tests
