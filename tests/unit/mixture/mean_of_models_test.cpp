#include "mixture/natural_gradient/mean_of_models.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <optional>

#include "mixture/families.hpp"
#include "support/close.hpp"
#include "support/models.hpp"
#include "varimix/mixture/law_difference.hpp"

namespace varimix::tests {
namespace {

template <Subordinator S>
std::optional<MeanVarianceMixture<S>> mean_of_two(const MeanVarianceMixture<S>& a, double weight_a,
                                                  const MeanVarianceMixture<S>& b, double weight_b,
                                                  const MStepOptions<S>& options = {}) {
  return mean_of<S>(std::array{WeightedModel<S>{&a, weight_a}, WeightedModel<S>{&b, weight_b}}, options);
}

template <class S>
class MeanOfModels : public testing::Test {};
using Laws = testing::Types<InverseGaussian, Gamma, InverseGamma, GeneralizedInverseGaussian>;
TYPED_TEST_SUITE(MeanOfModels, Laws);

TYPED_TEST(MeanOfModels, OfOneModelIsThatModel) {
  const auto model = model_with_law(3, 5, some_law<TypeParam>(0.6, 4));
  const auto mean = mean_of_two(model, 2.0, model, 3.0);
  ASSERT_TRUE(mean);
  EXPECT_LT(law_difference(*mean, model), 1e-9);
}

TYPED_TEST(MeanOfModels, TakesAwayWhatItHasAdded) {
  const auto a = model_with_law(2, 5, some_law<TypeParam>(0.6, 4));
  const auto b = model_with_law(2, 6, some_law<TypeParam>(0.5, 5));
  const auto both = mean_of_two(a, 3.0, b, 1.0);
  ASSERT_TRUE(both);
  const auto again = mean_of_two(*both, 4.0, b, -1.0);
  ASSERT_TRUE(again);
  EXPECT_LT(law_difference(*again, a), 0.05);  // h of the mean shape is not the mean of h
}

TEST(MeanOfNearlyGaussianModels, TakesLittleOfAGammaThatRowsDoNotTellFromMu) {
  const auto model = [](double gamma, double tail_weight) {
    return univariate(-gamma, gamma, 1.0, 1.0, 1.0 / tail_weight);
  };
  const auto mean = mean_of_two(model(-30.0, 1e-3), 1.0, model(0.1, 0.05), 1.0);
  ASSERT_TRUE(mean);
  const double least = 1e-3 / 1.001;
  const double other = 0.05 / 1.05;
  EXPECT_TRUE(is_close(mean->gamma()(0), (0.1 * other - 30.0 * least) / (least + other), 1e-12));
  EXPECT_NEAR(mean->mean()(0), 0.0, 1e-14);
  const double variance = 1.0 + 0.5 * (0.01 * other + 900.0 * least);
  const double h = 0.5 * (least + other);
  EXPECT_TRUE(is_close(mean->sigma()(0, 0) + h * mean->gamma().squaredNorm(), variance, 1e-12));
}

TEST(MeanOfModelsWithFixedParameters, IsThePlainMeanOfTheOthers) {
  const NormalInverseGaussian a = univariate(1.0, 0.5, 1.0, 1.0, 2.0);
  const NormalInverseGaussian b = univariate(2.0, 0.5, 3.0, 1.0, 20.0);
  const MStepOptions<InverseGaussian> options{.fixed = fix_parameters(a, {"gamma"}, false)};
  const auto mean = mean_of_two(a, 1.0, b, 1.0, options);
  ASSERT_TRUE(mean);
  EXPECT_EQ(mean->gamma()(0), 0.5);
  EXPECT_DOUBLE_EQ(mean->mu()(0), 1.5);
  EXPECT_DOUBLE_EQ(mean->sigma()(0, 0), 5.0);  // of 1 and 9
}

TEST(MeanOfGeneralizedHyperbolics, HasTheMeanMomentsOfY) {
  const GeneralizedHyperbolic a = model_with_law(1, 3, gig_of_mean_one(2.0, 0.3));
  const GeneralizedHyperbolic b = model_with_law(1, 3, gig_of_mean_one(-0.5, 1.5));
  const auto mean = mean_of_two(a, 1.0, b, 1.0);
  ASSERT_TRUE(mean);
  const auto moments = [](const GeneralizedHyperbolic& model) {
    const auto y = model.subordinator().rescale_y(1.0 / model.subordinator().E_Y());
    return Eigen::Array2d(std::log(y.E_inv_Y()), y.E_log_Y());
  };
  EXPECT_TRUE(all_close(moments(*mean).matrix(), (0.5 * (moments(a) + moments(b))).matrix(), 1e-9));
}

TEST(MeanOfTwoModels, ThatIsNoModelIsNothing) {
  const NormalInverseGaussian wide = univariate(0.0, 0.1, 9.0, 1.0, 2.0);
  const NormalInverseGaussian narrow = univariate(0.0, 0.1, 1.0, 1.0, 2.0);
  EXPECT_FALSE(mean_of_two(narrow, 2.0, wide, -1.0));
}

}  // namespace
}  // namespace varimix::tests
