#include "varimix/mixture/mean_variance_mixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "support/close.hpp"
#include "support/integrate.hpp"
#include "support/models.hpp"

namespace varimix::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using Parameters = ClassicalParameters<InverseGaussian>;

Parameters tutorial_parameters() {
  return {.mu = Vector{{0.0, 0.0}},
          .gamma = Vector{{0.4, -0.3}},
          .sigma = Matrix{{1.0, 0.3}, {0.3, 1.0}},
          .mu_ig = 1.0,
          .lam = 1.5};
}

/// Returns the message of the error for the tutorial's parameters after `change`.
template <class Change>
std::string error_after(Change&& change) {
  Parameters parameters = tutorial_parameters();
  change(parameters);
  return error_of([&] { (void)NormalInverseGaussian::from_classical(parameters); });
}

TEST(FromClassical, KeepsTheParametersThatItIsGiven) {
  const Parameters given = tutorial_parameters();
  const auto model = NormalInverseGaussian::from_classical(given);
  EXPECT_EQ(model.d(), 2);
  EXPECT_EQ(model.mu(), given.mu);
  EXPECT_EQ(model.gamma(), given.gamma);
  EXPECT_TRUE(all_close(model.sigma(), given.sigma, 1e-15));
  EXPECT_EQ(model.subordinator(), InverseGaussian(1.0, 1.5));
  EXPECT_TRUE(is_close(model.log_det_sigma(), std::log(1.0 - 0.09), 1e-14));
  EXPECT_TRUE(is_close(model.tail_weight(), 1.0 / 1.5, 1e-15));
}

TEST(FromClassical, NamesArgumentValueAndConstraintOfBadInput) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(error_after([](Parameters& p) { p.mu_ig = -1.0; }), "mu_ig must be finite and > 0, got -1");
  EXPECT_EQ(error_after([](Parameters& p) { p.lam = 0.0; }), "lam must be finite and > 0, got 0");
  EXPECT_EQ(error_after([](Parameters& p) { p.gamma = Vector::Zero(3); }), "gamma must be of dimension 2, got 3");
  EXPECT_EQ(error_after([](Parameters& p) { p.mu = Vector(); }), "mu must be of dimension 1 or more, got 0");
  EXPECT_THAT(error_after([](Parameters& p) { p.mu(1) = kNan; }),
              AllOf(HasSubstr("mu must be finite"), HasSubstr("nan")));
  EXPECT_THAT(error_after([](Parameters& p) { p.gamma(0) = HUGE_VAL; }),
              AllOf(HasSubstr("gamma must be finite"), HasSubstr("inf")));
}

TEST(FromClassical, NamesWhatIsWrongWithSigma) {
  EXPECT_THAT(error_after([](Parameters& p) { p.sigma = Matrix::Identity(3, 3); }),
              AllOf(HasSubstr("sigma must be a d x d matrix with d = 2"), HasSubstr("3 x 3")));
  EXPECT_THAT(error_after([](Parameters& p) { p.sigma(0, 1) = 0.2; }),
              AllOf(HasSubstr("sigma must be symmetric"), HasSubstr("0.2"), HasSubstr("0.3")));
  EXPECT_THAT(error_after([](Parameters& p) { p.sigma(0, 1) = p.sigma(1, 0) = 1.5; }),
              AllOf(HasSubstr("sigma must be positive definite"), HasSubstr("1.5")));
  EXPECT_THAT(error_after([](Parameters& p) { p.sigma = Matrix::Ones(2, 2); }), HasSubstr("positive definite"));
  EXPECT_THAT(error_after([](Parameters& p) { p.sigma(1, 1) = std::nan(""); }), HasSubstr("sigma must be finite"));
  EXPECT_THAT(error_after([](Parameters& p) { p.sigma.setZero(); }), HasSubstr("positive definite"));
}

TEST(MeanVarianceMixtureConstruction, NeedsALowerFactorWithAPositiveDiagonal) {
  const Vector zero = Vector::Zero(2);
  const auto error_with = [&](const Matrix& factor) {
    return error_of([&] { (void)NormalInverseGaussian(zero, zero, factor, InverseGaussian(1.0, 1.0)); });
  };
  EXPECT_EQ(error_with(Matrix::Identity(2, 2)), "");
  EXPECT_THAT(error_with(Matrix{{1.0, 0.5}, {0.0, 1.0}}), HasSubstr("L_Sigma must be lower triangular"));
  EXPECT_THAT(error_with(Matrix{{1.0, 0.0}, {0.5, 0.0}}), HasSubstr("positive diagonal"));
  EXPECT_THAT(error_with(Matrix::Identity(3, 3)), HasSubstr("L_Sigma must be a d x d matrix"));
}

TEST(MeanVarianceMixtureRows, EveryFunctionOfRowsChecksThem) {
  const NormalInverseGaussian model = tutorial_model();
  const RowMatrix empty(0, 2);
  const RowMatrix wide = RowMatrix::Zero(4, 3);
  RowMatrix spoilt = RowMatrix::Zero(4, 2);
  spoilt(2, 1) = std::nan("");
  for (const RowMatrix& x : {empty, wide, spoilt}) {
    EXPECT_THAT(error_of([&] { (void)model.log_prob(x); }), HasSubstr("X must be"));
    EXPECT_THAT(error_of([&] { (void)model.pdf(x); }), HasSubstr("X must be"));
    EXPECT_THAT(error_of([&] { (void)model.marginal_log_likelihood(x); }), HasSubstr("X must be"));
    EXPECT_THAT(error_of([&] { (void)model.e_step(x); }), HasSubstr("X must be"));
  }
}

TEST(MeanVarianceMixtureRows, NaNIsAllowedWhereItIsMissing) {
  const NormalInverseGaussian model = tutorial_model();
  RowMatrix x = RowMatrix::Zero(4, 2);
  x(2, 1) = std::nan("");
  EXPECT_THAT(error_of([&] { (void)model.log_prob(x); }), HasSubstr("missing=\"exact\""));
  const Vector log_prob = model.log_prob(x, Missing::kExact);
  const auto shown = model.project(Vector{{1.0, 0.0}});
  EXPECT_NEAR(log_prob(2), shown.log_prob(RowMatrix(RowMatrix::Zero(1, 1)))(0), 1e-14);
  EXPECT_EQ(model.pdf(x, Missing::kExact)(2), std::exp(log_prob(2)));
  EXPECT_NEAR(model.marginal_log_likelihood(x, Missing::kExact), log_prob.mean(), 1e-14);
  EXPECT_NEAR(model.e_step(x, Missing::kExact).log_lik, log_prob.mean(), 1e-14);
  x(3, 0) = -std::numeric_limits<double>::infinity();
  EXPECT_THAT(error_of([&] { (void)model.log_prob(x, Missing::kExact); }), HasSubstr("X must be finite or NaN"));
  EXPECT_THAT(error_of([&] { (void)model.pdf(x, Missing::kExact); }), HasSubstr("X must be"));
  EXPECT_THAT(error_of([&] { (void)model.marginal_log_likelihood(x, Missing::kExact); }), HasSubstr("X must be"));
  EXPECT_THAT(error_of([&] { (void)model.e_step(x, Missing::kExact); }), HasSubstr("X must be"));
}

TEST(MeanVarianceMixtureMoments, AreThoseOfTheDensity) {
  for (const auto& model : {univariate(0.3, 0.8, 1.2, 1.0, 1.5), univariate(0.0, -2.0, 0.5, 2.0, 6.0)}) {
    const double centre = model.mean()(0);
    const double scale = std::sqrt(model.cov()(0, 0));
    const auto moment = [&](int power) {
      const auto integrand = [&](double x) {
        const double density = std::exp(model.log_prob(RowMatrix(RowMatrix::Constant(1, 1, x)))(0));
        return std::pow((x - centre) / scale, power) * density;
      };
      return integrate_line(integrand, centre, 0.2 * scale);
    };
    constexpr double kQuadrature = 1e-9;
    EXPECT_NEAR(moment(0), 1.0, kQuadrature);
    EXPECT_NEAR(moment(1), 0.0, kQuadrature);
    EXPECT_NEAR(moment(2), 1.0, kQuadrature);
    EXPECT_NEAR(moment(3), model.skewness()(0), kQuadrature * 10.0);
    EXPECT_NEAR(moment(4) - 3.0, model.kurtosis()(0), kQuadrature * 100.0);
  }
}

TEST(MeanVarianceMixtureMoments, AreTheSameInEveryGaugeAndInEveryProjection) {
  const NormalInverseGaussian model = some_model(3, 8, 0.9);
  const NormalInverseGaussian scaled = model.rescale_y(1e4);
  EXPECT_TRUE(all_close(scaled.mean(), model.mean(), 1e-14));
  EXPECT_TRUE(all_close(scaled.cov(), model.cov(), 1e-14));
  EXPECT_TRUE(all_close(scaled.skewness(), model.skewness(), 1e-14));
  EXPECT_TRUE(all_close(scaled.kurtosis(), model.kurtosis(), 1e-14));
  for (Index j = 0; j < 3; ++j) {
    const NormalInverseGaussian marginal = model.project(Vector::Unit(3, j));
    EXPECT_TRUE(is_close(marginal.skewness()(0), model.skewness()(j), 1e-14));
    EXPECT_TRUE(is_close(marginal.kurtosis()(0), model.kurtosis()(j), 1e-14));
  }
}

TEST(MeanVarianceMixtureProjection, HasTheMomentsOfWX) {
  const NormalInverseGaussian model = some_model(4, 3, 2.0);
  const Vector w{{0.5, -1.0, 2.0, 0.25}};
  const NormalInverseGaussian law = model.project(w);
  EXPECT_EQ(law.d(), 1);
  EXPECT_TRUE(is_close(law.mean()(0), w.dot(model.mean()), 1e-14));
  EXPECT_TRUE(is_close(law.cov()(0, 0), w.dot(model.cov() * w), 1e-14));
  EXPECT_TRUE(is_close(law.sigma()(0, 0), w.dot(model.sigma() * w), 1e-14));
  EXPECT_THAT(error_of([&] { (void)model.project(Vector::Zero(4)); }),
              HasSubstr("w must be not zero, got [0, 0, 0, 0]"));
  EXPECT_THAT(error_of([&] { (void)model.project(Vector::Zero(3)); }), HasSubstr("w must be of dimension 4, got 3"));
  EXPECT_THAT(error_of([&] { (void)model.project(Vector::Constant(4, std::nan(""))); }), HasSubstr("w must be finite"));
}

TEST(MeanVarianceMixtureProjection, TailsAskForOneDimension) {
  for (const auto& call :
       {error_of([] { (void)tutorial_model().cdf(0.0); }), error_of([] { (void)tutorial_model().sf(0.0); }),
        error_of([] { (void)tutorial_model().ppf(0.5); })}) {
    EXPECT_THAT(call, HasSubstr("one-dimensional"));
    EXPECT_THAT(call, HasSubstr("got 2"));
  }
}

TEST(MeanVarianceMixtureValue, ReplaceChangesWhatItIsGivenAndNothingElse) {
  const NormalInverseGaussian model = tutorial_model();
  EXPECT_EQ(model.replace({}), model);
  const auto moved = model.replace({.mu = Vector{{1.0, 2.0}}});
  EXPECT_EQ(moved.mu(), (Vector{{1.0, 2.0}}));
  EXPECT_EQ(moved.L_Sigma(), model.L_Sigma());
  const auto heavier = model.replace({.sigma = Matrix{{2.0, 0.0}, {0.0, 3.0}}, .lam = 0.5});
  EXPECT_EQ(heavier.subordinator(), InverseGaussian(1.0, 0.5));
  EXPECT_TRUE(all_close(heavier.sigma(), Matrix{{2.0, 0.0}, {0.0, 3.0}}, 1e-15));
  EXPECT_EQ(heavier.gamma(), model.gamma());
  EXPECT_THAT(error_of([&] { (void)model.replace({.lam = -1.0}); }), HasSubstr("lam must be finite and > 0, got -1"));
  EXPECT_THAT(error_of([&] { (void)model.replace({.sigma = Matrix::Ones(2, 2)}); }), HasSubstr("positive definite"));
  EXPECT_THAT(error_of([&] { (void)model.replace({.gamma = Vector::Zero(3)}); }),
              HasSubstr("gamma must be of dimension 2"));
}

TEST(MeanVarianceMixtureValue, SameLawSeesThroughTheGaugeAndEqualityDoesNot) {
  const NormalInverseGaussian model = tutorial_model();
  for (const double s : {1e-6, 0.3, 1e6}) {
    const NormalInverseGaussian scaled = model.rescale_y(s);
    EXPECT_TRUE(model.same_law(scaled, 1e-13)) << s;
    EXPECT_FALSE(model == scaled);
  }
  EXPECT_TRUE(model == tutorial_model());
  EXPECT_FALSE(model.same_law(model.replace({.lam = 1.51}), 1e-3));
  EXPECT_TRUE(model.same_law(model.replace({.lam = 1.51}), 1e-2));
  EXPECT_FALSE(model.same_law(model.replace({.mu = Vector{{0.01, 0.0}}}), 1e-3));
  EXPECT_FALSE(model.same_law(model.replace({.gamma = Vector{{0.4, -0.31}}}), 1e-3));
  EXPECT_FALSE(model.same_law(some_model(3, 1, 1.0), 1e9)) << "another dimension";
  EXPECT_FALSE(model == some_model(3, 1, 1.0)) << "another dimension";
  EXPECT_THAT(error_of([&] { (void)model.rescale_y(-2.0); }), HasSubstr("s must be finite and > 0, got -2"));
}

TEST(MeanVarianceMixtureValue, IsPrintedWithAllItsParameters) {
  std::ostringstream text;
  text << NormalInverseGaussian::from_classical({.mu = Vector{{1.0, 2.0}},
                                                 .gamma = Vector{{0.5, -0.25}},
                                                 .sigma = Matrix{{4.0, 0.0}, {0.0, 9.0}},
                                                 .mu_ig = 1.0,
                                                 .lam = 1.5});
  EXPECT_EQ(text.str(),
            "NormalInverseGaussian(mu=[1, 2], gamma=[0.5, -0.25], sigma=[[4, 0], [0, 9]], mu_ig=1, lam=1.5)");
}

TEST(MeanVarianceMixtureSampling, TheFirstRowsDoNotDependOnHowManyAreDrawn) {
  const NormalInverseGaussian model = some_model(3, 2, 1.0);
  const RowMatrix many = model.rvs(1500, Seed{9});
  for (const Index n : {0, 1, 255, 256, 257, 1499}) EXPECT_EQ(model.rvs(n, Seed{9}), many.topRows(n));
  EXPECT_NE(model.rvs(5, Seed{10}), many.topRows(5));
  EXPECT_EQ(error_of([&] { (void)model.rvs(-1, Seed{9}); }), "n must be >= 0, got -1");
}

}  // namespace
}  // namespace varimix::tests
