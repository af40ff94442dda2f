#include "varimix/mixture/e_step.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <thread>
#include <vector>

#include "support/close.hpp"
#include "support/eta.hpp"
#include "support/integrate.hpp"
#include "support/models.hpp"

namespace varimix::tests {
namespace {

constexpr double kQuadrature = 1e-12;

/// Returns the density of (x, y): the Gaussian density of x given Y = y, times the density of y.
double joint_density(const NormalInverseGaussian& model, const Vector& x, double y) {
  const Vector whitened = model.L_Sigma().triangularView<Eigen::Lower>().solve(x - model.mu() - y * model.gamma());
  const auto d = static_cast<double>(model.d());
  const double log_gauss =
      -0.5 * (d * std::log(2.0 * std::numbers::pi * y) + model.log_det_sigma() + whitened.squaredNorm() / y);
  return std::exp(log_gauss + model.subordinator().log_prob(y));
}

TEST(EStep, DensityAndPosteriorMomentsAreTheIntegralsThatDefineThem) {
  for (const Index d : {1, 2, 4}) {
    for (const double tail_weight : {0.02, 0.7, 8.0}) {
      const NormalInverseGaussian model = some_model(d, 40 + d, tail_weight);
      const RowMatrix x = model.rvs(4, Seed{d});
      for (Index i = 0; i < x.rows(); ++i) {
        const Vector row = x.row(i).transpose();
        const auto mean_of = [&](auto&& f) {
          return integrate_positive([&](double y) { return f(y) * joint_density(model, row, y); });
        };
        const double density = mean_of([](double) { return 1.0; });
        const EStepResult result = model.e_step(RowView(x).slice(i, 1));
        EXPECT_NEAR(result.log_lik, std::log(density), kQuadrature * 10.0);
        EXPECT_TRUE(is_close(result.eta.E_inv_Y(), mean_of([](double y) { return 1.0 / y; }) / density, kQuadrature));
        EXPECT_TRUE(is_close(result.eta.E_Y(), mean_of([](double y) { return y; }) / density, kQuadrature));
        EXPECT_NEAR(result.eta.E_log_Y().value(), mean_of([](double y) { return std::log(y); }) / density, kQuadrature);
      }
    }
  }
}

TEST(EStep, DoesNotDependOnThePassesBeforeIt) {
  const NormalInverseGaussian small = some_model(2, 7, 1.5);
  const NormalInverseGaussian large = some_model(6, 8, 0.5);
  const RowMatrix x = small.rvs(300, Seed{2});
  const RowMatrix z = large.rvs(300, Seed{3});
  const auto first_of_thread = [](const NormalInverseGaussian& model, const RowView& rows) {
    std::optional<EStepResult> result;
    std::thread([&] { result = model.e_step(rows); }).join();
    return *result;
  };
  for (const Index rows : {1, 300, 2, 40, 41, 1, 255}) {
    for (const NormalInverseGaussian* model : {&small, &large}) {
      const RowView some = RowView(model == &small ? x : z).slice(0, rows);
      const EStepResult result = model->e_step(some);
      const EStepResult expected = first_of_thread(*model, some);
      EXPECT_EQ(result.eta, expected.eta) << rows;
      EXPECT_EQ(result.log_lik, expected.log_lik) << rows;
    }
  }
}

TEST(EStep, EtaIsTheMeanOfTheRowsStatisticsAboutTheOrigin) {
  const NormalInverseGaussian model = some_model(3, 6, 1.5);
  const RowMatrix x = model.rvs(613, Seed{2});
  const Vector origin{{10.0, -5.0, 0.5}};
  const EStepResult all = e_step(model, x, origin, {.log_y = LogY::kCompute});
  MixtureStatistics sum{0.0, 0.0, 0.0, Vector::Zero(3), Vector::Zero(3), Matrix::Zero(3, 3)};
  double log_lik = 0.0;
  for (Index i = 0; i < x.rows(); ++i) {
    const EStepResult one = model.e_step(RowView(x).slice(i, 1));
    const Vector deviation = x.row(i).transpose() - origin;
    const double inv_y = one.eta.E_inv_Y();
    sum.inv_y += inv_y;
    sum.y += one.eta.E_Y();
    *sum.log_y += one.eta.E_log_Y().value();
    sum.x += deviation;
    sum.x_inv_y += inv_y * deviation;
    sum.xx_inv_y += inv_y * deviation * deviation.transpose();
    log_lik += one.log_lik;
  }
  const auto n = static_cast<double>(x.rows());
  Eta mean = to_eta(sum, origin, n);
  mean.values /= n;
  EXPECT_TRUE(same_eta(all.eta, mean, 1e-13));
  EXPECT_TRUE(is_close(all.log_lik, log_lik / n, 1e-13));
}

TEST(EStep, TheModelsOwnEStepIsAboutItsLocation) {
  const NormalInverseGaussian model = some_model(2, 6, 1.5);
  const RowMatrix x = model.rvs(300, Seed{2});
  EXPECT_EQ(model.e_step(x).eta, e_step(model, x, model.mu(), {.log_y = LogY::kCompute}).eta);
}

TEST(EStep, LeavingOutLogYChangesNothingElse) {
  const NormalInverseGaussian model = some_model(2, 6, 1.5);
  const RowMatrix x = model.rvs(300, Seed{2});
  const Eta with = e_step(model, x, model.mu(), {.log_y = LogY::kCompute}).eta;
  const Eta without = e_step(model, x, model.mu(), {.log_y = LogY::kLeaveOut}).eta;
  EXPECT_FALSE(without.E_log_Y().has_value());
  EXPECT_EQ(without_log_y(with), without);
}

TEST(EStep, LikelihoodsOfAllThreeFunctionsAgree) {
  const NormalInverseGaussian model = some_model(3, 7, 0.4);
  const RowMatrix x = model.rvs(777, Seed{2});
  const double mean = model.log_prob(x).mean();
  EXPECT_TRUE(is_close(model.marginal_log_likelihood(x), mean, 1e-13));
  EXPECT_TRUE(is_close(model.e_step(x).log_lik, mean, 1e-13));
  EXPECT_TRUE(all_close(model.pdf(x), model.log_prob(x).array().exp().matrix(), 1e-14));
  EXPECT_EQ(model.pdf(RowMatrix(RowMatrix::Constant(1, 3, 1e6)))(0), 0.0) << "below the smallest double";
}

TEST(EStep, EveryLayoutOfTheSameRowsGivesTheSameBits) {
  const NormalInverseGaussian model = some_model(2, 7, 0.4);
  const RowMatrix x = model.rvs(600, Seed{3}).cast<float>().cast<double>();
  const Matrix column_major = x;
  const Eigen::MatrixXf floats = x.cast<float>();
  const std::array<const float*, 2> columns = {&floats(0, 0), &floats(0, 1)};
  const Eta expected = model.e_step(x).eta;
  EXPECT_EQ(model.e_step(column_major).eta, expected);
  EXPECT_EQ(model.e_step(RowView::from_columns<float>(columns, 600)).eta, expected);
  const RowMatrix backwards = x.colwise().reverse();
  EXPECT_EQ(model.e_step(RowView::strided(&backwards(599, 0), 600, 2, -2, 1)).eta, expected);
}

TEST(EStep, RowsThatAreNotFiniteMakeStatisticsThatAreNotFinite) {
  const NormalInverseGaussian model = tutorial_model();
  RowMatrix x = model.rvs(100, Seed{3});
  x(50, 1) = std::nan("");
  EXPECT_FALSE(e_step(model, x, model.mu(), {.log_y = LogY::kLeaveOut}).eta.is_finite());
  x(50, 1) = 1e300;
  const EStepResult far = model.e_step(x);
  EXPECT_FALSE(far.eta.is_finite());
  EXPECT_EQ(far.eta.first_not_finite(), "E[Y]");
  EXPECT_EQ(far.log_lik, -std::numeric_limits<double>::infinity());
}

// Far out the posterior of Y concentrates at sqrt((b + q) / (a + gamma' Sigma^-1 gamma)).
TEST(EStep, PosteriorMomentsTendToTheirFarLimit) {
  const NormalInverseGaussian model = univariate(0.0, 0.5, 1.0, 1.0, 2.0);
  const RowMatrix x = RowMatrix::Constant(1, 1, 1e12);
  const Eta eta = model.e_step(x).eta;
  const double limit = 1e12 / std::sqrt(2.0 + 0.25);
  EXPECT_TRUE(is_close(eta.E_Y(), limit, 1e-11));
  EXPECT_TRUE(is_close(eta.E_inv_Y(), 1.0 / limit, 1e-11));
  EXPECT_TRUE(is_close(eta.E_log_Y().value(), std::log(limit), 1e-11));
}

}  // namespace
}  // namespace varimix::tests
