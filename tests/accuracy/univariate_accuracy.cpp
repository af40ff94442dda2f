#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <sstream>
#include <string>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/models.hpp"
#include "support/paths.hpp"
#include "support/simd_targets.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::tests {
namespace {

const Table& tails_table() {
  static const Table table(data_file("univariate_tails.csv"));
  return table;
}

UnivariateLaw law_of(std::size_t i) {
  const Table& table = tails_table();
  const auto number = [&](const char* name) { return table.number(i, name); };
  return {{number("p"), number("a"), number("b")}, number("mu"), number("gamma"), number("sigma")};
}

std::string place(std::size_t i) {
  std::ostringstream text;
  for (const char* name : {"family", "p", "a", "b", "mu", "gamma", "sigma", "x"}) {
    text << (text.str().empty() ? "" : ", ") << name << " = " << tails_table().text(i, name);
  }
  return text.str();
}

/// A Worst for each family.
class WorstByFamily {
 public:
  explicit WorstByFamily(std::string what) : what_(std::move(what)) {}

  void add(std::size_t i, double error, double actual, double expected) {
    const std::string& family = tails_table().text(i, "family");
    worst_.try_emplace(family, what_ + " of " + family).first->second.add(error, actual, expected, [&] {
      return place(i);
    });
  }

  void expect_within(double tolerance) const {
    EXPECT_EQ(worst_.size(), 4U);
    for (const auto& [family, worst] : worst_) EXPECT_TRUE(worst.within(tolerance));
  }

 private:
  std::string what_;
  std::map<std::string, Worst> worst_;
};

/// Returns the relative error of a probability p divided by max(1, |log p|), in which the accuracy is promised.
double tail_error(double actual, double expected) {
  return relative_error(actual, expected) / std::max(1.0, std::abs(std::log(expected)));
}

/// Adds the error of a tail. Where a tail is no normal double, the table has 0.
void add_tail(WorstByFamily& worst, std::size_t i, double actual, double expected) {
  constexpr double kNothing = 1e-306;
  if (expected > 0.0) {
    worst.add(i, tail_error(actual, expected), actual, expected);
  } else {
    EXPECT_LE(actual, kNothing) << place(i);
  }
}

void expect_tails_meet_the_table(const std::string& where) {
  WorstByFamily lower("cdf" + where), upper("sf" + where);
  for (std::size_t i = 0; i < tails_table().rows(); ++i) {
    const UnivariateLaw law = law_of(i);
    const double x = tails_table().number(i, "x");
    add_tail(lower, i, cdf(law, x), tails_table().number(i, "cdf"));
    add_tail(upper, i, sf(law, x), tails_table().number(i, "sf"));
  }
  lower.expect_within(kTailRelativeError);
  upper.expect_within(kTailRelativeError);
}

TEST(UnivariateAccuracy, BothTailsOfAllFamiliesMeetMpmathDownToTenToMinusThreeHundred) {
  expect_tails_meet_the_table("");
}

TEST(UnivariateAccuracy, EveryTargetMeetsMpmath) {
  for (const std::int64_t target : simd_targets()) {
    const ForcedTarget forced(target);
    expect_tails_meet_the_table(", " + target_name(target));
  }
}

// The probabilities are from e^-1e-300 down to e^-1e5. Near 1 the logarithm is minus the other tail, to as many digits.
TEST(UnivariateAccuracy, LogarithmsKeepTheDigitsOfBothEnds) {
  WorstByFamily lower("log_cdf"), upper("log_sf");
  const auto add = [](WorstByFamily& worst, std::size_t i, double actual, double expected) {
    constexpr double kNearOne = -0.5;
    if (expected == 0.0) {  // the other tail is no double
      EXPECT_LE(std::abs(actual), std::numeric_limits<double>::min()) << place(i);
    } else {
      const double error = expected < kNearOne ? logarithm_error(actual, expected) : tail_error(-actual, -expected);
      worst.add(i, error, actual, expected);
    }
  };
  for (std::size_t i = 0; i < tails_table().rows(); ++i) {
    const double x = tails_table().number(i, "x");
    add(lower, i, log_cdf(law_of(i), x), tails_table().number(i, "log_cdf"));
    add(upper, i, log_sf(law_of(i), x), tails_table().number(i, "log_sf"));
  }
  lower.expect_within(kTailRelativeError);
  upper.expect_within(kTailRelativeError);
}

TEST(UnivariateAccuracy, QuantilesInvertTheSmallerTail) {
  WorstByFamily left("ppf(cdf(x))"), right("isf(sf(x))");
  for (std::size_t i = 0; i < tails_table().rows(); ++i) {
    const UnivariateLaw law = law_of(i);
    const double x = tails_table().number(i, "x");
    const double scale = std::max(std::abs(x - law.mu), law.sigma);
    const double below = tails_table().number(i, "cdf"), above = tails_table().number(i, "sf");
    if (below == 0.0 || above == 0.0) continue;
    if (below <= 0.5) {
      const double back = ppf(law, cdf(law, x));
      left.add(i, error_in(scale, back, x), back, x);
    } else {
      const double back = isf(law, sf(law, x));
      right.add(i, error_in(scale, back, x), back, x);
    }
  }
  left.expect_within(kQuantileRelativeError);
  right.expect_within(kQuantileRelativeError);
}

TEST(UnivariateAccuracy, TailsMeetTheLevelsOfTheirQuantiles) {
  WorstByFamily left("cdf(ppf(q))"), right("sf(isf(q))");
  std::string before;
  for (std::size_t i = 0; i < tails_table().rows(); ++i) {
    const UnivariateLaw law = law_of(i);
    const std::string name = tails_table().text(i, "p") + " " + tails_table().text(i, "gamma");
    if (name == before) continue;  // each law once
    // Where the density is unbounded at mu, an ulp of x moves the tail by more than any tolerance.
    constexpr double kBoundedFrom = 0.5;
    if (law.gig.b == 0.0 && law.gig.p <= kBoundedFrom) continue;
    before = name;
    for (const double q : {1e-300, 1e-100, 1e-20, 1e-6, 0.01, 0.3, 0.5}) {
      // A quantile beyond all doubles is infinite, and the tail at the largest double is still larger than q.
      constexpr double kLargest = std::numeric_limits<double>::max();
      const double low = ppf(law, q), high = isf(law, q);
      if (std::isinf(low)) {
        EXPECT_GT(cdf(law, -kLargest), q) << place(i);
      } else {
        left.add(i, tail_error(cdf(law, low), q), cdf(law, low), q);
      }
      if (std::isinf(high)) {
        EXPECT_GT(sf(law, kLargest), q) << place(i);
      } else {
        right.add(i, tail_error(sf(law, high), q), sf(law, high), q);
      }
    }
  }
  left.expect_within(kQuantileRelativeError);
  right.expect_within(kQuantileRelativeError);
}

/// Returns the law of scipy's norminvgauss(a, b), whose density is a K_1(a sqrt(1 + x^2)) exp(sqrt(a^2 - b^2) + b x) /
/// (pi sqrt(1 + x^2)), that is, mu = 0, gamma = b, Sigma = 1, mu_ig = 1/sqrt(a^2 - b^2), lam = 1.
NormalInverseGaussian scipy_form(double a, double b) {
  return univariate(0.0, b, 1.0, 1.0 / std::sqrt((a - b) * (a + b)), 1.0);
}

TEST(UnivariateAccuracy, MeetsScipysForm) {
  struct Value {
    double x, published, mpmath;
  };
  // The published values were integrated to about 2e-9; mpmath gives the digits beyond.
  constexpr double kPublishedError = 3e-9;
  // 1 / sqrt(a^2 - b^2) is rounded, to half an ulp of mu_ig; its effect on the tail is below this.
  constexpr double kRoundedParameter = 1e-14;
  for (const Value& value :
       {Value{-7.0, 8.034920282e-07, 8.03491148272997342e-7}, Value{-5.0, 2.512671945e-05, 0.0000251266996118849095},
        Value{0.0, 0.3186661051, 0.318666105395521292}, Value{8.0, 0.9988650664, 0.998865064173918771},
        Value{15.0, 0.9999848769, 0.999984876547689393}}) {
    const double actual = cdf(scipy_form(1.0, 0.5).univariate_law(), value.x);
    EXPECT_LE(relative_error(actual, value.mpmath), kTailRelativeError) << value.x;
    EXPECT_NEAR(actual, value.published, kPublishedError) << value.x;
  }
  // These values are from mpmath, where scipy 1.16's sf gives 0 or noise.
  EXPECT_LE(tail_error(sf(scipy_form(1.0, 0.0).univariate_law(), 25.0), 1.1318690184042579e-13), kRoundedParameter);
  EXPECT_LE(tail_error(sf(scipy_form(5.0, -1.5).univariate_law(), 10.0), 2.308435233930669e-29), kRoundedParameter);
}

TEST(UnivariateAccuracy, AModelsFunctionsAreThoseOfItsLaw) {
  const NormalInverseGaussian model = scipy_form(5.0, -1.5);
  const UnivariateLaw law = model.univariate_law();
  for (const double x : {-3.0, -0.3, 0.0, 1.0, 10.0}) {
    EXPECT_LE(tail_error(model.cdf(x), cdf(law, x)), kTailRelativeError);
    EXPECT_LE(tail_error(model.sf(x), sf(law, x)), kTailRelativeError);
  }
  EXPECT_EQ(model.ppf(0.01), ppf(law, 0.01));
}

}  // namespace
}  // namespace varimix::tests
