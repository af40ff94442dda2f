#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "support/close.hpp"
#include "support/csv.hpp"
#include "support/models.hpp"
#include "support/paths.hpp"
#include "varimix/mixture/normal_mixture.hpp"

namespace varimix::tests {
namespace {

NormalInverseGaussian model_of(const Table& table, std::size_t i) {
  return univariate(table.number(i, "mu"), table.number(i, "gamma"), table.number(i, "sigma"), table.number(i, "mu_ig"),
                    table.number(i, "lam"));
}

std::string place(const Table& table, std::size_t i) {
  std::ostringstream text;
  for (const char* name : {"mu", "gamma", "sigma", "mu_ig", "lam", "x"}) {
    text << (text.str().empty() ? "" : ", ") << name << " = " << table.text(i, name);
  }
  return text.str();
}

TEST(UnivariateAccuracy, BothTailsMeetMpmathDownToTenToMinusThreeHundred) {
  const Table table(data_file("univariate_tails.csv"));
  Worst cdf("cdf"), sf("sf");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const NormalInverseGaussian model = model_of(table, i);
    const double x = table.number(i, "x");
    const auto where = [&] { return place(table, i); };
    cdf.add(relative_error(model.cdf(x), table.number(i, "cdf")), model.cdf(x), table.number(i, "cdf"), where);
    sf.add(relative_error(model.sf(x), table.number(i, "sf")), model.sf(x), table.number(i, "sf"), where);
  }
  EXPECT_TRUE(cdf.within(kTailRelativeError));
  EXPECT_TRUE(sf.within(kTailRelativeError));
}

/// scipy's norminvgauss(a, b): density a K_1(a sqrt(1 + x^2)) exp(sqrt(a^2 - b^2) + b x) / (pi sqrt(1 + x^2)), which is
/// mu = 0, gamma = b, Sigma = 1, mu_ig = 1/sqrt(a^2 - b^2), lam = 1.
NormalInverseGaussian scipy_form(double a, double b) {
  return univariate(0.0, b, 1.0, 1.0 / std::sqrt((a - b) * (a + b)), 1.0);
}

TEST(UnivariateAccuracy, MeetsScipysForm) {
  struct Value {
    double x, published, mpmath;
  };
  // What is published was integrated to about 2e-9; mpmath gives the digits beyond.
  constexpr double kPublishedError = 3e-9;
  for (const Value& value :
       {Value{-7.0, 8.034920282e-07, 8.03491148272997342e-7}, Value{-5.0, 2.512671945e-05, 0.0000251266996118849095},
        Value{0.0, 0.3186661051, 0.318666105395521292}, Value{8.0, 0.9988650664, 0.998865064173918771},
        Value{15.0, 0.9999848769, 0.999984876547689393}}) {
    const double cdf = scipy_form(1.0, 0.5).cdf(value.x);
    EXPECT_LE(relative_error(cdf, value.mpmath), kTailRelativeError) << value.x;
    EXPECT_NEAR(cdf, value.published, kPublishedError) << value.x;
  }
  EXPECT_LE(relative_error(scipy_form(1.0, 0.0).sf(25.0), 1.1318690184042579e-13), kTailRelativeError);
  EXPECT_LE(relative_error(scipy_form(5.0, -1.5).sf(10.0), 2.308435233930669e-29), kTailRelativeError);
}

TEST(UnivariateAccuracy, QuantileInvertsCdfOnTheLeftAndSfOnTheRight) {
  const Table table(data_file("univariate_tails.csv"));
  Worst left("cdf(ppf(q))"), right("sf(ppf(q))");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const NormalInverseGaussian model = model_of(table, i);
    for (const double q : {1e-300, 1e-100, 1e-20, 1e-6, 0.01, 0.3, 0.499}) {
      const double back = model.cdf(model.ppf(q));
      left.add(relative_error(back, q), back, q, [&] { return place(table, i); });
    }
    for (const double q : {0.5, 0.7, 0.99, 1.0 - 1e-6, 1.0 - 1e-14}) {
      const double back = model.sf(model.ppf(q));
      right.add(relative_error(back, 1.0 - q), back, 1.0 - q, [&] { return place(table, i); });
    }
  }
  EXPECT_TRUE(left.within(kTailRelativeError));
  EXPECT_TRUE(right.within(kTailRelativeError));
}

TEST(UnivariateAccuracy, TheTwoTailsSumToOneAndMirrorEachOther) {
  for (const double gamma : {0.0, 0.4, -3.0, 20.0}) {
    for (const double lam : {0.1, 1.0, 30.0}) {
      const NormalInverseGaussian model = univariate(0.5, gamma, 1.5, 1.0, lam);
      const NormalInverseGaussian mirrored = univariate(-0.5, -gamma, 1.5, 1.0, lam);
      for (double x = -30.0; x <= 30.0; x += 1.5) {
        EXPECT_LE(std::abs(model.cdf(x) + model.sf(x) - 1.0), kTailRelativeError) << gamma << " " << lam << " " << x;
        EXPECT_EQ(model.cdf(x), mirrored.sf(-x)) << gamma << " " << lam << " " << x;
      }
    }
  }
}

TEST(UnivariateAccuracy, CdfIsMonotoneBetweenItsLimits) {
  const NormalInverseGaussian model = univariate(0.0, 0.5, 1.0, 1.0, 0.5);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(model.cdf(-kInfinity), 0.0);
  EXPECT_EQ(model.cdf(kInfinity), 1.0);
  EXPECT_EQ(model.sf(-kInfinity), 1.0);
  EXPECT_EQ(model.sf(kInfinity), 0.0);
  EXPECT_TRUE(std::isnan(model.cdf(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_TRUE(std::isnan(model.sf(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(model.cdf(-1e200), 0.0);
  EXPECT_EQ(model.sf(-1e200), 1.0);
  double before = 0.0;
  for (double x = -60.0; x <= 60.0; x += 0.25) {
    const double now = model.cdf(x);
    EXPECT_GE(now, before) << x;
    before = now;
  }
}

TEST(UnivariateAccuracy, FarTailsFallMonotonouslyToZero) {
  for (const double gamma : {0.0, 0.5, -0.5, 20.0}) {
    for (const double lam : {0.1, 1.0, 100.0}) {
      const NormalInverseGaussian model = univariate(0.0, gamma, 1.0, 1.0, lam);
      double left = 0.0;
      double right = 0.0;
      for (double exponent = 1.0; exponent <= 160.0; exponent += 1.0) {
        const double x = std::pow(10.0, exponent);
        ASSERT_LE(model.log_cdf(-x), left) << gamma << ", " << lam << ", x = " << -x;
        ASSERT_LE(model.log_sf(x), right) << gamma << ", " << lam << ", x = " << x;
        left = model.log_cdf(-x);
        right = model.log_sf(x);
      }
      EXPECT_EQ(model.cdf(-1e10), 0.0);
      EXPECT_EQ(model.sf(1e10), 0.0);
      EXPECT_NEAR(model.cdf(1e10), 1.0, kTailRelativeError);
      EXPECT_NEAR(model.sf(-1e10), 1.0, kTailRelativeError);
    }
  }
}

TEST(UnivariateAccuracy, QuantileHasTheRightEndsAndRefusesWhatIsNoProbability) {
  const NormalInverseGaussian model = univariate(2.0, 0.0, 3.0, 1.0, 1.0);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(model.ppf(0.0), -kInfinity);
  EXPECT_EQ(model.ppf(1.0), kInfinity);
  EXPECT_NEAR(model.ppf(0.5), 2.0, 1e-12);  // symmetric about mu
  for (const double q : {-0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_NE(error_of([&] { (void)model.ppf(q); }).find("q must be in [0, 1]"), std::string::npos) << q;
  }
}

}  // namespace
}  // namespace varimix::tests
