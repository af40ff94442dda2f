#include "varimix/subordinator/fit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/subordinators.hpp"
#include "varimix/subordinator/draw.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using Gig = GeneralizedInverseGaussian;

std::vector<double> some_data(Index n = 400) {
  const Vector y = draw(InverseGaussian(1.2, 2.0), n, Seed{5});
  return {y.begin(), y.end()};
}

TEST(FitSubordinator, HasTheMeanLogDensityOfItsLawAndItsMoments) {
  const std::vector<double> y = some_data();
  double s1 = 0.0;
  double s2 = 0.0;
  double s3 = 0.0;
  for (const double v : y) {
    s1 += 1.0 / v / 400.0;
    s2 += v / 400.0;
    s3 += std::log(v) / 400.0;
  }
  const auto fit = fit_subordinator<Gig>(y);
  EXPECT_EQ(fit.limit, ShapeLimit::kNone);
  EXPECT_TRUE(is_close(fit.law.E_inv_Y(), s1, 1e-13));
  EXPECT_TRUE(is_close(fit.law.E_Y(), s2, 1e-13));
  EXPECT_NEAR(fit.law.E_log_Y(), s3, 1e-13);
  double log_likelihood = 0.0;
  for (const double v : y) log_likelihood += fit.law.log_prob(v);
  EXPECT_TRUE(is_close(fit.log_likelihood, log_likelihood, 1e-13));
  EXPECT_EQ(fit.total_weight, 400.0);
  for (const double other :
       {fit_subordinator<Gamma>(y).log_likelihood, fit_subordinator<InverseGamma>(y).log_likelihood,
        fit_subordinator<InverseGaussian>(y).log_likelihood}) {
    EXPECT_LE(other, fit.log_likelihood) << "the other families are parts of this one";
  }
}

TEST(FitSubordinator, AZeroWeightIsAnAbsentDatumAndAnIntegerARepeatedOne) {
  const std::vector<double> y = some_data(30);
  std::vector<double> weights(30, 1.0);
  const auto plain = fit_subordinator<Gig>(y);
  EXPECT_EQ(fit_subordinator<Gig>(y, weights).law, plain.law);
  weights[3] = 0.0;
  weights[7] = 2.0;
  std::vector<double> repeated = y;
  repeated.insert(repeated.begin() + 7, y[7]);
  repeated.erase(repeated.begin() + 3);
  const auto weighted = fit_subordinator<Gamma>(y, weights);
  const auto copied = fit_subordinator<Gamma>(repeated);
  EXPECT_TRUE(is_close(weighted.law.alpha(), copied.law.alpha(), 1e-13));
  EXPECT_TRUE(is_close(weighted.log_likelihood, copied.log_likelihood, 1e-13));
  std::vector<double> shorter = y;
  shorter.erase(shorter.begin() + 3);
  weights[7] = 1.0;
  EXPECT_EQ(fit_subordinator<Gamma>(y, weights).law, fit_subordinator<Gamma>(shorter).law);
}

TEST(FitSubordinator, BadDataAreRefusedByElement) {
  const auto error_for = [](std::vector<double> y, std::vector<double> weights) {
    return error_of([&] { (void)fit_subordinator<Gamma>(y, weights); });
  };
  EXPECT_THAT(error_for({}, {}), HasSubstr("y must be of one or more elements"));
  EXPECT_EQ(error_for({1.0, 0.0}, {}), "y[1] must be finite and > 0, got 0");
  EXPECT_THAT(error_for({std::nan("")}, {}), HasSubstr("y[0] must be finite and > 0"));
  EXPECT_THAT(error_for({1.0, std::numeric_limits<double>::infinity()}, {}), HasSubstr("y[1] must be"));
  EXPECT_THAT(error_for({1.0, 2.0}, {1.0}), HasSubstr("weights must be of as many elements as y, got 1"));
  EXPECT_EQ(error_for({1.0, 2.0}, {1.0, -1.0}), "weights[1] must be finite and >= 0, got -1");
  EXPECT_EQ(error_for({1.0, 2.0}, {0.0, 0.0}), "weights must be not all zero, got 0");
}

TEST(FitSubordinator, EqualDataAreTheGaussianLimit) {
  for (const std::vector<double>& y : {std::vector<double>{3.0}, std::vector<double>(7, 0.3)}) {
    EXPECT_EQ(fit_subordinator<Gamma>(y).limit, ShapeLimit::kGaussian);
    EXPECT_EQ(fit_subordinator<InverseGamma>(y).limit, ShapeLimit::kGaussian);
    EXPECT_EQ(fit_subordinator<InverseGaussian>(y).limit, ShapeLimit::kGaussian);
    const auto gig = fit_subordinator<Gig>(y);
    EXPECT_EQ(gig.limit, ShapeLimit::kGaussian);
    EXPECT_TRUE(is_close(gig.law.E_Y(), y[0], 1e-14));
  }
}

TEST(FitSubordinator, FewDataDoNotIdentifyTheOrder) {
  EXPECT_EQ(fit_subordinator<Gig>(std::vector<double>{0.8, 1.0, 1.25}).limit, ShapeLimit::kOrderNotIdentified);
}

TEST(FitSubordinator, MovesWithTheUnitToTheEndsOfTheDoubles) {
  const std::vector<double> y = some_data(50);
  const auto plain = fit_subordinator<Gig>(y);
  for (const double s : {1e-290, 1e-150, 1e150, 1e290}) {
    std::vector<double> scaled = y;
    for (double& v : scaled) v *= s;
    const auto fit = fit_subordinator<Gig>(scaled);
    EXPECT_TRUE(is_close(fit.law.p(), plain.law.p(), 1e-10)) << s;
    EXPECT_TRUE(is_close(fit.law.E_Y(), s * plain.law.E_Y(), 1e-12)) << s;
  }
}

TEST(FitSubordinator, DataFartherApartThanDoublesHoldAreRefused) {
  EXPECT_THAT(error_of([] {
                (void)fit_subordinator<Gamma>(std::vector<double>{1e300, 1e-300, 1e-300});
              }),
              ::testing::HasSubstr("within the range of doubles, got inf"));
}

TEST(FitSubordinator, HoldsWhatItIsTold) {
  const std::vector<double> y = some_data(100);
  const auto fit = fit_subordinator<Gig>(y, {}, {{-0.5, std::nullopt, std::nullopt}});
  const auto inverse_gaussian = fit_subordinator<InverseGaussian>(y);
  EXPECT_EQ(fit.law.p(), -0.5);
  EXPECT_TRUE(is_close(fit.log_likelihood, inverse_gaussian.log_likelihood, 1e-12));
  EXPECT_TRUE(is_close(fit.law.b(), inverse_gaussian.law.lam(), 1e-11));
}

}  // namespace
}  // namespace varimix::tests
