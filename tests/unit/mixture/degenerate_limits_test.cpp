#include "mixture/fitting/degenerate_limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/core/constants.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr double kManyRows = 1e6;

Eta eta_of(double tail_weight) { return some_model(2, 3, tail_weight).compute_eta_from_model(); }

template <Subordinator S>
Status limits(ShapeLimit limit, double tail_weight, double rows) {
  MStepResult<S> fit;
  fit.shape_limit = limit;
  Status status;
  add_degenerate_limits(fit, eta_of(tail_weight), rows, status);
  return status;
}

TEST(Limits, AFitInsideItsFamilyHasNone) {
  EXPECT_TRUE(limits<GeneralizedInverseGaussian>(ShapeLimit::kNone, 0.5, kManyRows).empty());
}

TEST(Limits, AFaceIsCalledByTheLawThatItIs) {
  using S = GeneralizedInverseGaussian;
  EXPECT_TRUE(limits<S>(ShapeLimit::kInverseGammaFace, 0.5, kManyRows).has(StatusCode::kSkewedTFace));
  EXPECT_TRUE(limits<S>(ShapeLimit::kGammaFace, 0.5, kManyRows).has(StatusCode::kGammaFace));
  EXPECT_TRUE(limits<Gamma>(ShapeLimit::kParameterBound, 0.5, kManyRows).has(StatusCode::kShapeMinimum));
  EXPECT_TRUE(limits<Gamma>(ShapeLimit::kGaussian, 0.5, kManyRows).has(StatusCode::kGaussianLimit));
}

TEST(Limits, ATailWeightWithinThreeErrorsIsGaussian) {
  const double error = std::sqrt(8.0 / (1000.0 * 2.0 * 4.0));  // the standard error for 1000 Gaussian rows, d = 2
  EXPECT_TRUE(limits<InverseGaussian>(ShapeLimit::kNone, 2.9 * error, 1000.0).has(StatusCode::kGaussianLimit));
  EXPECT_FALSE(limits<InverseGaussian>(ShapeLimit::kNone, 3.1 * error, 1000.0).has(StatusCode::kGaussianLimit));
}

/// Returns rows of a chi-squared law with k degrees of freedom, whose skewness is sqrt(8 / k).
RowMatrix chi_squared_rows(Index n, double k, std::int64_t seed) {
  const Gamma law(0.5 * k, 0.5);
  CounterStream stream(Key{seed}, StreamPurpose::kModelRows, 0);
  RowMatrix x(n, 1);
  for (Index i = 0; i < n; ++i) x(i, 0) = law.sample(stream);
  return x;
}

double gaussian_log_likelihood(const RowMatrix& x) {
  const double variance = (x.array() - x.mean()).square().mean();
  return -0.5 * (kLogTwoPi + 1.0 + std::log(variance));
}

template <class Model>
class GaussianLimit : public ::testing::Test {};
TYPED_TEST_SUITE(GaussianLimit, Families, FamilyNames);

TYPED_TEST(GaussianLimit, IsNotSaidOfRowsThatGainByTheirSkewness) {
  using M = MeanVarianceMixture<TypeParam>;
  const RowMatrix x = chi_squared_rows(2000, 10.0, 1);
  const EMResult<MeanVarianceMixture<TypeParam>> fit = BatchEMFitter().fit(M::default_init(x), x);
  EXPECT_GT(2000.0 * (fit.model.marginal_log_likelihood(x) - gaussian_log_likelihood(x)), 100.0);
  EXPECT_FALSE(fit.status.has(StatusCode::kGaussianLimit)) << fit.status;
}

TYPED_TEST(GaussianLimit, IsSaidOfGaussianRows) {
  using M = MeanVarianceMixture<TypeParam>;
  for (const Index d : {1, 2, 4}) {
    const RowMatrix x = gaussian_rows(1000, d, 3);
    const EMResult<MeanVarianceMixture<TypeParam>> fit = BatchEMFitter().fit(M::default_init(x), x);
    EXPECT_TRUE(fit.status.has(StatusCode::kGaussianLimit)) << d << ": " << fit.status;
  }
}

TYPED_TEST(GaussianLimit, TheGainOfTheModelIsThatOfTheLikelihood) {
  using M = MeanVarianceMixture<TypeParam>;
  const RowMatrix x = chi_squared_rows(4000, 120.0, 5);
  const EMResult<MeanVarianceMixture<TypeParam>> fit = BatchEMFitter().fit(M::default_init(x), x);
  const double measured = 4000.0 * (fit.model.marginal_log_likelihood(x) - gaussian_log_likelihood(x));
  const Eta eta = fit.model.e_step(x).eta;
  const double gain = gain_over_gaussian(fit.model, std::fma(eta.E_inv_Y(), eta.E_Y(), -1.0), 4000.0);
  EXPECT_GT(measured, 10.0);
  EXPECT_NEAR(gain / measured, 1.0, 0.35);
}

/// Returns the sum of f(index)^2 over the d^order entries of a tensor of that order.
template <class F>
double squared_norm(int order, Index d, F&& f) {
  double sum = 0.0;
  std::vector<Index> at(static_cast<std::size_t>(order), 0);
  while (true) {
    const double value = f(at);
    sum += value * value;
    std::size_t k = 0;
    while (k < at.size() && ++at[k] == d) at[k++] = 0;
    if (k == at.size()) return sum;
  }
}

// The cumulants of a variance gamma law are polynomials in gamma; here they are those of the standardised law, entry by
// entry.
TEST(GainOverGaussian, IsComonsExpansionOfTheCumulantsOfAVarianceGamma) {
  constexpr double kAlpha = 6.0;
  constexpr double k2 = 1.0 / kAlpha;
  constexpr double k3 = 2.0 / (kAlpha * kAlpha);
  constexpr double k4 = 6.0 / (kAlpha * kAlpha * kAlpha);
  for (const Index d : {1, 2, 3}) {
    for (const double skewness : {0.0, 0.3, 2.0}) {
      Vector gamma = Vector::Zero(d);
      gamma(0) = skewness;
      const VarianceGamma model(Vector::Zero(d), gamma, Matrix::Identity(d, d), Gamma(kAlpha, kAlpha));
      Vector g = gamma;  // standardised below: the first column is divided by its deviation, the others have variance 1
      const double root = std::sqrt(1.0 + k2 * skewness * skewness);
      g(0) /= root;
      const auto delta = [&](Index i, Index j) { return i != j ? 0.0 : i == 0 ? 1.0 / (root * root) : 1.0; };
      const auto third = [&](const std::vector<Index>& at) {
        const Index i = at[0], j = at[1], k = at[2];
        return k3 * g(i) * g(j) * g(k) + k2 * (g(i) * delta(j, k) + g(j) * delta(i, k) + g(k) * delta(i, j));
      };
      const auto fourth = [&](const std::vector<Index>& at) {
        const Index i = at[0], j = at[1], k = at[2], l = at[3];
        return k4 * g(i) * g(j) * g(k) * g(l) +
               k3 * (g(i) * g(j) * delta(k, l) + g(i) * g(k) * delta(j, l) + g(i) * g(l) * delta(j, k) +
                     g(j) * g(k) * delta(i, l) + g(j) * g(l) * delta(i, k) + g(k) * g(l) * delta(i, j)) +
               k2 * (delta(i, j) * delta(k, l) + delta(i, k) * delta(j, l) + delta(i, l) * delta(j, k));
      };
      const double k111 = third({0, 0, 0});
      const double k1111 = fourth({0, 0, 0, 0});
      const double along = k1111 * k1111 - 6.0 * k111 * k111 * k1111 + 7.0 * k111 * k111 * k111 * k111;
      const double across = squared_norm(4, d, fourth) - k1111 * k1111;
      const double negentropy =
          squared_norm(3, d, third) / 12.0 + (std::max(along, 0.0) + across) / (48.0 * (1.0 + 2.0 * k2));
      EXPECT_TRUE(is_close(gain_over_gaussian(model, 1.0 / (kAlpha - 1.0), 100.0), 100.0 * negentropy, 1e-12))
          << d << ", " << skewness;
    }
  }
}

TEST(ChanceGain, IsHalfAChiSquaredQuantile) {
  EXPECT_NEAR(chance_gain(1), 0.5 * 13.22, 0.15);  // the quantile for 2 degrees of freedom at 1 - 1/741
  EXPECT_NEAR(chance_gain(10), 0.5 * 30.55, 0.15);
}

TEST(Limits, TheOrderNeedsSixOverLogOfTheTailWeightRows) {
  const double heavy = 9.0;  // S = log 10: 6 / S = 2.6 rows
  using S = GeneralizedInverseGaussian;
  EXPECT_TRUE(limits<S>(ShapeLimit::kNone, heavy, 2.5).has(StatusCode::kOrderNotIdentified));
  EXPECT_FALSE(limits<S>(ShapeLimit::kNone, heavy, 2.7).has(StatusCode::kOrderNotIdentified));
  EXPECT_FALSE(limits<InverseGaussian>(ShapeLimit::kNone, heavy, 2.5).has(StatusCode::kOrderNotIdentified));
}

TEST(LeastAlpha, IsOfTheGammaLawAlone) {
  EXPECT_EQ(least_alpha<Gamma>(AlphaMin::kNone, 3), 0.0);
  EXPECT_EQ(least_alpha<Gamma>(AlphaMin::kDensity, 3), 1.6);
  EXPECT_EQ(least_alpha<Gamma>(AlphaMin::kInverseMoment, 3), 2.6);
  EXPECT_EQ(least_alpha<InverseGaussian>(AlphaMin::kNone, 3), 0.0);
  EXPECT_THAT(error_of([] { (void)least_alpha<InverseGaussian>(AlphaMin::kDensity, 3); }),
              HasSubstr("alpha_min must be 'none' for NormalInverseGaussian, got 'density'"));
}

TEST(LeastAlpha, HoldsTheShapeOfAFitAndSaysSo) {
  const VarianceGamma truth(Vector{{0.1, 0.0}}, Vector{{0.3, -0.1}}, some_factor(2, 8), Gamma(0.8, 0.8));
  const RowMatrix x = truth.rvs(3000, Seed{5});
  OnlineEM<VarianceGamma> free(VarianceGamma::default_init(x), IdentityUpdate{});
  OnlineEM<VarianceGamma> bounded(VarianceGamma::default_init(x), IdentityUpdate{}, Key{0},
                                  {.alpha_min = AlphaMin::kInverseMoment});
  for (int k = 0; k < 30; ++k) {
    free.update(x);
    bounded.update(x);
  }
  EXPECT_LT(free.model().subordinator().alpha(), 1.0);
  EXPECT_EQ(bounded.model().subordinator().alpha(), 2.1);
  EXPECT_TRUE(bounded.status().has(StatusCode::kShapeMinimum));
  EXPECT_FALSE(free.status().has(StatusCode::kShapeMinimum));
}

}  // namespace
}  // namespace varimix::tests
