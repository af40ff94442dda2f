#include "varimix/risk/horizon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <complex>
#include <limits>
#include <string>
#include <variant>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/risk/simulated_horizon.hpp"

namespace varimix::tests {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
using ::testing::HasSubstr;

template <class Call>
std::string message_of(const Call& call) {
  try {
    (void)call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

/// Returns log E[e^{iu'X}] for Y ~ IG (p = -1/2) or Gamma (b = 0): the quadratic q = a + u'Sigma u - 2iu'gamma to the
/// power of either kind.
std::complex<double> log_characteristic(const AnyMeanVarianceMixture& any, const Vector& u) {
  return std::visit(
      [&](const auto& model) {
        const auto [p, a, b] = model.subordinator().gig();
        const std::complex<double> quadratic(a + u.dot(model.sigma() * u), -2.0 * u.dot(model.gamma()));
        const std::complex<double> of_y =
            b == 0.0 ? -p * std::log(quadratic / a) : std::sqrt(b) * (std::sqrt(a) - std::sqrt(quadratic));
        return of_y + std::complex<double>(0.0, u.dot(model.mu()));
      },
      any);
}

const std::vector<Vector> kPoints = {Vector{{0.3, -0.2, 0.1}}, Vector{{1.5, 2.0, -0.7}}, Vector{{-4.0, 0.0, 3.0}}};

void expect_sum(const AnyMeanVarianceMixture& sum, const AnyMeanVarianceMixture& first, double times,
                const AnyMeanVarianceMixture& second, double times_second) {
  for (const Vector& u : kPoints) {
    const auto expected = times * log_characteristic(first, u) + times_second * log_characteristic(second, u);
    EXPECT_LT(std::abs(log_characteristic(sum, u) - expected), 1e-12 * std::abs(expected));
  }
}

template <class S>
class HorizonOfFamily : public ::testing::Test {
 protected:
  MeanVarianceMixture<S> model_ = some_model<S>(3, 3, 0.6).with_columns(ColumnNames({"a", "b", "c"}));
};
using ClosedFamilies = ::testing::Types<InverseGaussian, Gamma>;
TYPED_TEST_SUITE(HorizonOfFamily, ClosedFamilies, FamilyNames);

TYPED_TEST(HorizonOfFamily, TheCharacteristicFunctionIsThatOfADayToThePowerOfDays) {
  for (const double days : {0.5, 1.0, 3.0, 250.0, 1e6}) {
    const AnyMeanVarianceMixture law = horizon_law(this->model_, days);
    ASSERT_TRUE(std::holds_alternative<MeanVarianceMixture<TypeParam>>(law));
    expect_sum(law, this->model_, days, this->model_, 0.0);
  }
}

TYPED_TEST(HorizonOfFamily, MeanAndCovarianceGrowWithTheDays) {
  const auto law = std::get<MeanVarianceMixture<TypeParam>>(horizon_law(this->model_, 21.0));
  EXPECT_TRUE(all_close(law.mean(), 21.0 * this->model_.mean(), 1e-13));
  EXPECT_TRUE(all_close(law.cov(), 21.0 * this->model_.cov(), 1e-13));
  EXPECT_EQ(law.columns(), this->model_.columns());
}

TYPED_TEST(HorizonOfFamily, HalvesMakeAWhole) {
  const AnyMeanVarianceMixture half = horizon_law(this->model_, 0.5);
  const auto whole = std::get<MeanVarianceMixture<TypeParam>>(convolution(half, half));
  EXPECT_TRUE(whole.same_law(this->model_, 1e-13));
  EXPECT_EQ(whole.columns(), this->model_.columns());
}

TYPED_TEST(HorizonOfFamily, ASumOfProportionalLawsIsOfTheFamilyInAnyGauge) {
  const AnyMeanVarianceMixture days = horizon_law(this->model_, 2.5);
  const auto other = std::get<MeanVarianceMixture<TypeParam>>(days).rescale_y(3.0);
  const AnyMeanVarianceMixture sum = convolution(this->model_, other);
  expect_sum(sum, this->model_, 1.0, other, 1.0);
  expect_sum(convolution(other, this->model_), this->model_, 1.0, other, 1.0);
}

TYPED_TEST(HorizonOfFamily, ASumOfOtherLawsIsRefusedWithTheReason) {
  const auto& m = this->model_;
  const auto other = [&](const Vector& gamma, const Matrix& factor, const TypeParam& y) {
    return message_of([&] { return convolution(m, MeanVarianceMixture<TypeParam>(m.mu(), gamma, factor, y)); });
  };
  const TypeParam& y = m.subordinator();
  EXPECT_EQ(other(m.gamma(), m.L_Sigma(), y), "");
  EXPECT_THAT(other(2.0 * m.gamma(), m.L_Sigma(), y), HasSubstr("the gamma of the second law must be that of the"))
      << "gamma parallel is not enough";
  EXPECT_THAT(other(m.gamma(), Matrix(2.0 * m.L_Sigma()), y), HasSubstr("the gamma of the second law"));
  Matrix skewed = m.L_Sigma();
  skewed(1, 0) += 1e-9;
  EXPECT_THAT(other(m.gamma(), skewed, y), HasSubstr("the Sigma of the second law must be proportional"));
  EXPECT_THAT(other(m.gamma(), m.L_Sigma(), y.rescale_y(1.1)), HasSubstr("the a of the second law must be"));
  const auto names = m.with_columns(ColumnNames({"a", "b", "d"}));
  EXPECT_THAT(message_of([&] { return convolution(m, names); }), HasSubstr("the columns of the second law"));
  EXPECT_THAT(message_of([&] { return convolution(m, some_model<TypeParam>(2, 3, 0.6)); }),
              HasSubstr("the second law must be of dimension 3, got 2"));
}

TYPED_TEST(HorizonOfFamily, DaysAreAPositiveNumber) {
  for (const double days : {0.0, -1.0, kNaN, kInfinity}) {
    EXPECT_THAT(message_of([&] { return horizon_law(this->model_, days); }), HasSubstr("days must be > 0 and finite"));
  }
  EXPECT_NE(message_of([&] { return horizon_law(this->model_, std::numeric_limits<double>::max()); }), "")
      << "parameters leave the doubles";
}

TEST(Horizon, OtherFamiliesAreClosedOnlyWhereTheyAreOneOfThese) {
  const Vector mu{{0.1, 0.2, 0.3}};
  const Vector gamma{{0.3, -0.2, 0.0}};
  const Matrix factor = some_factor(3, 5);
  const GeneralizedHyperbolic nig(mu, gamma, factor, GeneralizedInverseGaussian(-0.5, 2.0, 3.0));
  const GeneralizedHyperbolic vg(mu, gamma, factor, GeneralizedInverseGaussian(1.5, 2.0, 0.0));
  const NormalInverseGamma cauchy(mu, gamma, factor, InverseGamma(0.5, 2.0));
  EXPECT_TRUE(std::holds_alternative<NormalInverseGaussian>(horizon_law(nig, 4.0)));
  EXPECT_TRUE(std::holds_alternative<VarianceGamma>(horizon_law(vg, 4.0)));
  EXPECT_TRUE(std::holds_alternative<NormalInverseGamma>(horizon_law(cauchy, 4.0)));
  expect_sum(horizon_law(nig, 4.0), nig, 4.0, nig, 0.0);
  expect_sum(horizon_law(vg, 4.0), vg, 4.0, vg, 0.0);
  expect_sum(horizon_law(cauchy, 4.0), cauchy, 4.0, cauchy, 0.0);
  expect_sum(convolution(cauchy, cauchy), cauchy, 2.0, cauchy, 0.0);
  EXPECT_THAT(message_of([&] { return convolution(nig, vg); }), HasSubstr("both laws must be of one kind"));
}

TEST(Horizon, ALawThatIsNotClosedHasOneDayOnly) {
  const auto skewed_t = some_model<InverseGamma>(3, 3, 0.6);
  const auto hyperbolic = some_model<GeneralizedInverseGaussian>(3, 3, 0.6);
  EXPECT_EQ(std::get<NormalInverseGamma>(horizon_law(skewed_t, 1.0)), skewed_t);
  EXPECT_EQ(std::get<GeneralizedHyperbolic>(horizon_law(hyperbolic, 1.0)), hyperbolic);
  EXPECT_THAT(message_of([&] { return horizon_law(skewed_t, 2.0); }),
              HasSubstr("days must be 1 for a law that is not"));
  EXPECT_THAT(message_of([&] { return convolution(hyperbolic, hyperbolic); }), HasSubstr("the first law must be"));
}

}  // namespace
}  // namespace varimix::tests
