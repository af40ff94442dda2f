#include "varimix/inference/distinguishability_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/close.hpp"
#include "support/models.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/inference/vuong_test.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
constexpr Index kRows = 600;

const RowMatrix& rows() {
  static const RowMatrix x = tutorial_model().rvs(kRows, Seed{4});
  return x;
}

template <class M>
LawOfRows fitted(const RowMatrix& x, const BatchEMOptions& options = {.max_iter = 2000}) {
  const auto result = M::fit(x, options);
  return {result.model, RowView(x), result.held};
}

TEST(DistinguishabilityTest, TellsLawsApartThatDiffer) {
  const LawOfRows nig = fitted<NormalInverseGaussian>(rows()), vg = fitted<VarianceGamma>(rows());
  const DistinguishabilityTest test = distinguishability_test(nig, vg);
  EXPECT_EQ(test.status, DistinguishabilityStatus::kOk);
  EXPECT_LT(test.p_value, 0.01);
  EXPECT_EQ(test.rows, kRows);
  EXPECT_EQ(test.weights.size(), 16);
  EXPECT_GE(test.weights.minCoeff(), 0.0);
  const Vector a = std::get<NormalInverseGaussian>(nig.model).log_prob(rows());
  const Vector b = std::get<VarianceGamma>(vg.model).log_prob(rows());
  const VuongTest vuong = vuong_test({a.data(), kRows}, {b.data(), kRows});
  EXPECT_NEAR(test.variance, vuong.variance, 1e-12);
  EXPECT_NEAR(test.statistic, kRows * vuong.variance, 1e-9);
}

TEST(DistinguishabilityTest, DoesNotDependOnTheOrderOfTheLaws) {
  const LawOfRows nig = fitted<NormalInverseGaussian>(rows()), vg = fitted<VarianceGamma>(rows());
  const DistinguishabilityTest test = distinguishability_test(nig, vg), other = distinguishability_test(vg, nig);
  EXPECT_NEAR(test.statistic, other.statistic, 1e-12);
  EXPECT_NEAR(test.p_value, other.p_value, 1e-9);
  EXPECT_NEAR((test.weights - other.weights).cwiseAbs().maxCoeff(), 0.0, 1e-7);
}

// One law that holds no more than the other: the scores are the same, and so is every density.
TEST(DistinguishabilityTest, DoesNotTellALawFromItself) {
  const LawOfRows nig = fitted<NormalInverseGaussian>(rows());
  const DistinguishabilityTest test = distinguishability_test(nig, nig);
  EXPECT_EQ(test.statistic, 0.0);
  EXPECT_EQ(test.p_value, 1.0);
}

// Where the smaller of two nested laws is true, n omega^2 is asymptotically the likelihood ratio: the weights are 1 as
// often as parameters are held, and 0.
TEST(DistinguishabilityTest, OfNestedLawsIsTheLikelihoodRatios) {
  constexpr Index kMany = 20'000;
  const NormalInverseGaussian truth(Vector::Zero(2), Vector::Zero(2), Matrix::Identity(2, 2), {1.0, 1.0});
  const RowMatrix x = truth.rvs(kMany, Seed{1});
  const DistinguishabilityTest test =
      distinguishability_test(fitted<NormalInverseGaussian>(x, {.symmetric = true}), fitted<NormalInverseGaussian>(x));
  EXPECT_NEAR(test.weights(0), 1.0, 0.2);
  EXPECT_NEAR(test.weights(1), 1.0, 0.2);
  EXPECT_LT(test.weights(2), 1e-2);
}

TEST(DistinguishabilityTest, SaysThatTwoLawsAreOneInTheGaussianLimit) {
  const RowMatrix x = gaussian_rows(500, 2, 3);
  const DistinguishabilityTest test =
      distinguishability_test(fitted<NormalInverseGaussian>(x), fitted<VarianceGamma>(x));
  EXPECT_EQ(test.status, DistinguishabilityStatus::kGaussianLimit);
  EXPECT_EQ(test.p_value, 1.0);
  EXPECT_EQ(test.weights.size(), 0);
}

TEST(DistinguishabilityTest, SaysWhereALawIsNoMaximum) {
  const LawOfRows nig = fitted<NormalInverseGaussian>(rows());
  const LawOfRows poor = fitted<NormalInverseGamma>(rows(), {.max_iter = 1});
  EXPECT_EQ(distinguishability_test(nig, poor).status, DistinguishabilityStatus::kNotAMaximum);
}

TEST(DistinguishabilityTest, TakesMissingValues) {
  RowMatrix x = rows();
  for (Index i = 0; i < kRows; i += 5) x(i, i % 2) = std::nan("");
  const BatchEMOptions options{.max_iter = 2000, .missing = Missing::kExact};
  const LawOfRows nig = fitted<NormalInverseGaussian>(x, options), vg = fitted<VarianceGamma>(x, options);
  EXPECT_LT(distinguishability_test(nig, vg, Missing::kExact).p_value, 0.05);
  EXPECT_THAT(error_of([&] { (void)distinguishability_test(nig, vg); }), HasSubstr("X"));
}

TEST(DistinguishabilityTest, RefusesWhatItCannotTest) {
  const LawOfRows nig = fitted<NormalInverseGaussian>(rows()), vg = fitted<VarianceGamma>(rows());
  const auto error = [&](const LawOfRows& a, const LawOfRows& b) {
    return error_of([&] { (void)distinguishability_test(a, b); });
  };
  LawOfRows fewer = vg;
  fewer.x = RowView(rows()).slice(0, 10);
  EXPECT_THAT(error(nig, fewer), HasSubstr("rows of model_b must be as many as those of model_a, 600"));
  LawOfRows one = nig;
  one.x = RowView(rows()).slice(0, 1);
  EXPECT_THAT(error(one, vg), HasSubstr("two rows"));
  RowMatrix far = rows();
  far(7, 0) = 1e200;
  const LawOfRows a{nig.model, RowView(far), {}}, b{vg.model, RowView(far), {}};
  EXPECT_THAT(error(a, b), HasSubstr("in row 7"));
  RowMatrix infinite = rows();
  infinite(3, 1) = std::numeric_limits<double>::infinity();
  EXPECT_THAT(error({nig.model, RowView(infinite), {}}, vg), HasSubstr("row 3"));
  EXPECT_THAT(error({nig.model, nig.x, {"beta"}}, vg), HasSubstr("beta"));
  const VarianceGamma peaked(Vector::Zero(2), Vector::Zero(2), Matrix::Identity(2, 2), Gamma(0.8, 0.8));
  EXPECT_THAT(error(nig, {peaked, nig.x, {}}), HasSubstr("model_b must be a law with a finite information"));
}

}  // namespace
}  // namespace varimix::tests
