#include "varimix/mixture/default_init.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "support/integrate.hpp"
#include "support/models.hpp"
#include "support/statistics.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

/// Returns the initial model and its status.
std::pair<NormalInverseGaussian, Status> init_of(const RowMatrix& x) {
  Status status;
  NormalInverseGaussian model = NormalInverseGaussian::default_init(x, status);
  return {std::move(model), std::move(status)};
}

/// Mardia's b = mean(q^2) and t = mean(q v). Here v = S^{-1/2}(x - m), with m the mean and S^{1/2} the lower Cholesky
/// factor of the covariance, and q = v'v.
struct Mardia {
  double b;
  Vector t;
};

Mardia mardia_of(const RowMatrix& x) {
  const Matrix root = sample_covariance(x).llt().matrixL();
  const Matrix centred = (x.rowwise() - x.colwise().mean()).transpose();
  const Matrix v = root.triangularView<Eigen::Lower>().solve(centred);
  const Vector q = v.colwise().squaredNorm().transpose();
  return {q.squaredNorm() / static_cast<double>(x.rows()), v * q / static_cast<double>(x.rows())};
}

/// Returns b and t of a model with E[Y] = 1: the Gaussian moments given Y, integrated over Y.
Mardia mardia_of(const NormalInverseGaussian& model) {
  const Matrix root = model.cov().llt().matrixL();
  const Vector g = root.triangularView<Eigen::Lower>().solve(model.gamma());
  const Matrix factor = root.triangularView<Eigen::Lower>().solve(model.L_Sigma());
  const Matrix sigma = factor * factor.transpose();
  const double gg = g.squaredNorm();
  const auto integral = [&](auto&& f) {
    return integrate_positive([&](double y) { return f(y) * std::exp(model.subordinator().log_prob(y)); });
  };
  // Given y, v ~ N(c g, y Sigma) with c = y - 1.
  const double b = integral([&](double y) {
    const double c = y - 1.0;
    const double mean_q = c * c * gg + y * sigma.trace();
    return mean_q * mean_q + 2.0 * y * y * (sigma * sigma).trace() + 4.0 * y * c * c * g.dot(sigma * g);
  });
  const double along_g = integral([&](double y) {
    const double c = y - 1.0;
    return c * (c * c * gg + y * sigma.trace());
  });
  const double along_sigma_g = integral([&](double y) { return 2.0 * y * (y - 1.0); });
  return {b, along_g * g + along_sigma_g * sigma * g};
}

TEST(DefaultInit, ItsClosedFormHoldsForTheModelsOwnMoments) {
  for (const Index d : {1, 2, 5}) {
    for (const double v : {0.05, 0.8, 4.0}) {
      const NormalInverseGaussian model = some_model(d, 60 + d, v);
      const Mardia moments = mardia_of(model);
      const auto dimension = static_cast<double>(d);
      const Vector g = Matrix(model.cov().llt().matrixL()).triangularView<Eigen::Lower>().solve(model.gamma());
      EXPECT_TRUE(all_close(moments.t, (dimension + 2.0) * v * g, 1e-10)) << d << ", " << v;
      const double b = dimension * (dimension + 2.0) * (1.0 + v) + 4.0 * (dimension + 2.0) * v * v * g.squaredNorm();
      EXPECT_TRUE(is_close(moments.b, b, 1e-10)) << d << ", " << v;
    }
  }
}

TEST(DefaultInit, HasTheDatasMeanAndCovarianceExactly) {
  for (const Index d : {1, 2, 5}) {
    const RowMatrix x = some_model(d, 70 + d, 0.9).rvs(700, Seed{d});
    const auto [model, status] = init_of(x);
    EXPECT_TRUE(all_close(model.mean(), x.colwise().mean().transpose(), 1e-13)) << d;
    EXPECT_TRUE(all_close(model.cov(), sample_covariance(x), 1e-12)) << d;
    EXPECT_EQ(model.subordinator().E_Y(), 1.0);
  }
}

TEST(DefaultInit, HasTheDatasMardiaMomentsWhereTheyAreFeasibleAndTheSkewnessBeyondItsNoise) {
  for (const Index d : {1, 2, 5}) {
    const NormalInverseGaussian skewed = some_model(d, 80 + d, 0.3);
    constexpr Index kSample = 2000;
    const RowMatrix x = skewed.replace({.gamma = 0.3 * skewed.gamma()}).rvs(kSample, Seed{d});
    const auto [model, status] = init_of(x);
    ASSERT_TRUE(status.empty()) << status;
    const Mardia data = mardia_of(x);
    const Mardia own = mardia_of(model);
    EXPECT_TRUE(is_close(own.b, data.b, 1e-10)) << d;
    const auto dimension = static_cast<double>(d);
    const double noise = dimension * 2.0 * (dimension + 2.0) / static_cast<double>(kSample);
    EXPECT_LT(noise, data.t.squaredNorm()) << d;
    EXPECT_TRUE(all_close(own.t, (1.0 - noise / data.t.squaredNorm()) * data.t, 1e-10)) << d;
  }
}

TEST(DefaultInit, TakesASkewnessWithinItsNoiseForNone) {
  const RowMatrix x = some_model(5, 3, 0.05).replace({.gamma = Vector::Zero(5)}).rvs(512, Seed{5});
  const Mardia data = mardia_of(x);
  ASSERT_LT(data.t.squaredNorm(), 5.0 * 2.0 * 7.0 / 512.0);
  EXPECT_TRUE(init_of(x).first.gamma().isZero(0.0));
}

TEST(DefaultInit, ApproachesTheLawOfALargeSample) {
  const NormalInverseGaussian truth = NormalInverseGaussian::from_classical({.mu = Vector{{1.0, -2.0}},
                                                                             .gamma = Vector{{0.4, -0.3}},
                                                                             .sigma = Matrix{{1.0, 0.3}, {0.3, 1.0}},
                                                                             .mu_ig = 1.0,
                                                                             .lam = 5.0});
  constexpr Index kSample = 100'000;
  const RowMatrix x = truth.rvs(kSample, Seed{1});
  const auto [model, status] = init_of(x);
  EXPECT_TRUE(status.empty()) << status;
  // mean(q^2) / (d (d+2)) gives the tail weight; the data themselves tell its standard error.
  const Matrix root = sample_covariance(x).llt().matrixL();
  const Matrix v = root.triangularView<Eigen::Lower>().solve(Matrix((x.rowwise() - x.colwise().mean()).transpose()));
  const Eigen::ArrayXd q_squared = v.colwise().squaredNorm().array().square().transpose();
  const double error = std::sqrt((q_squared - q_squared.mean()).square().mean() / kSample) / 8.0;
  EXPECT_LT(error, 0.1 * truth.tail_weight()) << "the test would say nothing";
  EXPECT_NEAR(model.tail_weight(), truth.tail_weight(), kNormalCritical * error);
  // gamma = t / ((d+2) v) inherits that relative error.
  const double relative = kNormalCritical * error / truth.tail_weight();
  EXPECT_TRUE(close_in_scale(model.gamma(), truth.gamma(), relative, 1.0));
  EXPECT_TRUE(close_in_scale(model.mu(), truth.mu(), relative, 1.0));
}

TEST(DefaultInit, MovesWithShiftAndScale) {
  const RowMatrix x = some_model(2, 90, 0.5).rvs(1000, Seed{1});
  const NormalInverseGaussian model = init_of(x).first;
  const Vector scale{{1e-8, 1e8}};
  const Vector shift{{1e-5, -1e9}};
  const RowMatrix moved = (x * scale.asDiagonal()).rowwise() + shift.transpose();
  const auto [init, status] = init_of(moved);
  EXPECT_TRUE(status.empty()) << status;
  const NormalInverseGaussian expected(scale.asDiagonal() * model.mu() + shift, scale.asDiagonal() * model.gamma(),
                                       scale.asDiagonal() * model.L_Sigma(), model.subordinator());
  EXPECT_TRUE(expected.same_law(init, 1e-11));
}

TEST(DefaultInit, AnOffsetOfTenToTheEightLeavesSigmaToTenToTheMinusSeven) {
  const RowMatrix x = some_model(3, 91, 0.5).rvs(1000, Seed{1});
  const RowMatrix far = x.array() + 1e8;
  EXPECT_TRUE(all_close(init_of(far).first.sigma(), init_of(x).first.sigma(), 1e-7));
}

TEST(DefaultInit, BadRowsAreRefused) {
  EXPECT_THAT(error_of([] { (void)init_of(RowMatrix(0, 2)); }), HasSubstr("X must be"));
  EXPECT_THAT(error_of([] { (void)init_of(RowMatrix(5, 0)); }), HasSubstr("X must be"));
  RowMatrix x = gaussian_rows(10, 2, 1);
  x(7, 1) = std::nan("");
  EXPECT_THAT(error_of([&] { (void)init_of(x); }), HasSubstr("row 7, column 1"));
}

TEST(DefaultInitStatus, AConstantColumnIsNamedAndGetsASmallDeviation) {
  RowMatrix x = gaussian_rows(50, 3, 1);
  x.col(1).setConstant(0.1);
  const auto [model, status] = init_of(x);
  ASSERT_TRUE(status.has(StatusCode::kConstantColumn));
  EXPECT_THAT(status.sentence(), HasSubstr("column 1"));
  EXPECT_TRUE(is_sound(model));
  EXPECT_TRUE(is_close(std::sqrt(model.cov()(1, 1)), 1e-8 * 0.1, 1e-6));
  x.col(1).setZero();
  EXPECT_TRUE(is_close(std::sqrt(init_of(x).first.cov()(1, 1)), 1e-8, 1e-6));
}

TEST(DefaultInitStatus, EqualRowsAreAllConstantColumns) {
  for (const Index n : {2, 50}) {
    const RowMatrix x = Vector{{3.0, -1.0, 1e6}}.transpose().replicate(n, 1);
    const auto [model, status] = init_of(x);
    EXPECT_TRUE(status.has(StatusCode::kConstantColumn)) << n;
    EXPECT_EQ(status.has(StatusCode::kTooFewRows), n < 4) << n;
    EXPECT_TRUE(is_sound(model)) << n;
    EXPECT_TRUE(all_close(model.mean(), x.row(0).transpose(), 1e-7)) << n;
  }
}

TEST(DefaultInitStatus, FewerThanDPlusOneRowsAreSaidAndStillGiveAModel) {
  for (const Index n : {1, 2, 3, 4}) {
    const RowMatrix x = gaussian_rows(n, 4, 3);
    const auto [model, status] = init_of(x);
    EXPECT_TRUE(status.has(StatusCode::kTooFewRows)) << n;
    EXPECT_TRUE(is_sound(model)) << n;
    EXPECT_TRUE(all_close(model.mean(), x.colwise().mean().transpose(), 1e-7)) << n;
  }
  EXPECT_FALSE(init_of(gaussian_rows(5, 4, 3)).second.has(StatusCode::kTooFewRows));
}

TEST(DefaultInitStatus, LinearlyDependentColumnsAreSaid) {
  RowMatrix x = gaussian_rows(200, 3, 4);
  x.col(2) = 2.0 * x.col(0) - x.col(1);
  const auto [model, status] = init_of(x);
  EXPECT_TRUE(status.has(StatusCode::kCollinearColumns));
  EXPECT_TRUE(is_sound(model));
  EXPECT_TRUE(all_close(model.cov(), sample_covariance(x), 1e-5));
}

TEST(DefaultInitStatus, OneHugeRowIsCappedAndSaid) {
  for (const double huge : {1e160, 1e300, -1.7e308}) {
    RowMatrix x = gaussian_rows(100, 2, 5);
    x(40, 1) = huge;
    const auto [model, status] = init_of(x);
    EXPECT_TRUE(status.has(StatusCode::kScaleOverflow)) << huge << ": " << status;
    EXPECT_TRUE(is_sound(model)) << huge;
  }
}

TEST(DefaultInitStatus, OutliersSetTheTailWeightToItsUpperBound) {
  for (const double other : {1e6, 0.0}) {  // 1e6: a pair of outliers; 0: a single one
    RowMatrix x = gaussian_rows(500, 2, 6);
    x.row(3) << 1e6, -1e6;
    x.row(4) << -other, other;
    const auto [model, status] = init_of(x);
    EXPECT_TRUE(status.has(StatusCode::kTailWeightBound));
    EXPECT_TRUE(is_close(model.tail_weight(), kLargestInitialTailWeight, 1e-12)) << status;
    EXPECT_TRUE(all_close(model.cov(), sample_covariance(x), 1e-9));
  }
}

TEST(DefaultInitStatus, LighterTailsThanAGaussiansAreSetToTheGaussiansStandardError) {
  RowMatrix x(400, 2);  // filled with uniform numbers, whose kurtosis is below a Gaussian's
  CounterStream stream(Key{1}, StreamPurpose::kModelRows, 0);
  for (double& value : x.reshaped()) value = stream.uniform();
  const auto [model, status] = init_of(x);
  EXPECT_TRUE(status.has(StatusCode::kTailWeightBound));
  EXPECT_TRUE(is_close(model.tail_weight(), gaussian_tail_weight_error(400, 2), 1e-12));
  EXPECT_DOUBLE_EQ(gaussian_tail_weight_error(400, 2), std::sqrt(8.0 / (400.0 * 2.0 * 4.0)));
}

TEST(DefaultInitStatus, SkewnessBeyondItsShareOfTheVarianceIsShortened) {
  const RowMatrix x = gaussian_rows(2000, 1, 7).array().square();  // chi-square: skewness 2.8, kurtosis 15
  const auto [model, status] = init_of(x);
  EXPECT_TRUE(status.has(StatusCode::kSkewnessBound)) << status;
  const double share = model.tail_weight() * model.gamma()(0) * model.gamma()(0) / model.cov()(0, 0);
  EXPECT_TRUE(is_close(share, kLargestSkewnessShare, 1e-12));
  EXPECT_GT(model.gamma()(0), 0.0);
  EXPECT_TRUE(all_close(model.cov(), sample_covariance(x), 1e-12));
}

TEST(DefaultInitStatus, GaussianDataAreFeasibleAndNearlyGaussian) {
  for (const Index d : {1, 3, 20}) {
    const auto [model, status] = init_of(gaussian_rows(3000, d, 8 + d));
    EXPECT_TRUE(is_sound(model));
    EXPECT_LT(model.tail_weight(), 5.0 * gaussian_tail_weight_error(3000, d));
  }
}

}  // namespace
}  // namespace varimix::tests
