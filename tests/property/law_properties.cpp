#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "support/close.hpp"
#include "support/complete_likelihood.hpp"
#include "support/eta.hpp"
#include "support/properties.hpp"
#include "support/threads.hpp"
#include "varimix/mixture/normal_mixture.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::tests {
namespace {

constexpr double kDensityError = 1e-12;  // the promise of log_prob

/// Rows of the model itself, and some far outside.
RowMatrix any_rows(const NormalInverseGaussian& model, Index n) {
  RowMatrix x = model.rvs(n, Seed{any_seed()});
  for (Index i = 0; i < n; i += 3) x.row(i) *= 30.0;
  return x;
}

/// Whether log densities agree, relative to their own size but not below 1.
void same_log_density(const Vector& actual, const Vector& expected, double tolerance) {
  for (Index i = 0; i < expected.size(); ++i) {
    hold(close_in_scale(actual.segment(i, 1), expected.segment(i, 1), tolerance, std::max(1.0, std::abs(expected(i)))));
  }
}

RC_GTEST_PROP(NormalMixtureProperty, DensityDoesNotDependOnTheGauge, ()) {
  const NormalInverseGaussian model = any_model();
  const RowMatrix x = any_rows(model, 12);
  same_log_density(model.rescale_y(any_scale(-8, 8)).log_prob(x), model.log_prob(x), kDensityError);
}

RC_GTEST_PROP(NormalMixtureProperty, EtaMovesWithTheGauge, ()) {
  const NormalInverseGaussian model = any_model();
  const RowMatrix x = any_rows(model, 12);
  const double s = any_scale(-8, 8);
  hold(same_eta(model.rescale_y(s).e_step(x).eta, rescale_y(model.e_step(x).eta, s), 1e-11));
}

RC_GTEST_PROP(NormalMixtureProperty, DensityIsAffineEquivariant, ()) {
  const NormalInverseGaussian model = any_model();
  const Matrix A = any_scale(-6, 6) * some_factor(model.d(), any_seed());
  const Vector b = A.norm() * gaussian_rows(1, model.d(), any_seed()).transpose();
  const RowMatrix x = any_rows(model, 12);
  const double log_volume = A.diagonal().array().abs().log().sum();
  const Vector expected = model.log_prob(x).array() - log_volume;
  // b is of the size of the data: a row loses one rounding of it.
  same_log_density(transformed(model, A, b).log_prob(transformed(x, A, b)), expected, 10.0 * kDensityError);
}

RC_GTEST_PROP(NormalMixtureProperty, ProjectionsAreMarginals, ()) {
  const NormalInverseGaussian model = any_model();
  const Matrix A = some_factor(model.d(), any_seed());
  const Vector w = gaussian_rows(1, model.d(), any_seed()).transpose();
  const auto direct = transformed(model, A, Vector::Zero(model.d())).project(w);
  RC_ASSERT(direct.same_law(model.project(A.transpose() * w), 1e-11));
}

RC_GTEST_PROP(NormalMixtureProperty, PosteriorMomentsKeepJensensInequalitiesForEveryRow, ()) {
  const NormalInverseGaussian model = any_model().rescale_y(any_scale(-6, 6));
  const RowMatrix x = any_rows(model, 9);
  constexpr double kRounding = 1e-13;  // far out the three coincide
  for (Index i = 0; i < x.rows(); ++i) {
    const Expectations eta = model.e_step(RowView(x).slice(i, 1)).eta;
    RC_ASSERT(eta.inv_y > 0.0 && eta.y > 0.0);
    RC_ASSERT(eta.y * eta.inv_y >= 1.0 - kRounding);
    const double scale = std::max(1.0, std::abs(*eta.log_y));
    RC_ASSERT(-std::log(eta.inv_y) <= *eta.log_y + kRounding * scale);
    RC_ASSERT(*eta.log_y <= std::log(eta.y) + kRounding * scale);
  }
}

RC_GTEST_PROP(NormalMixtureProperty, TheMStepInvertsTheModelsEta, ()) {
  const NormalInverseGaussian model = any_model().rescale_y(any_scale(-6, 6));
  const Vector elsewhere = gaussian_rows(1, model.d(), any_seed()).transpose();
  const NormalInverseGaussian back = model.m_step(with_origin(model.compute_eta_from_model(), elsewhere));
  RC_ASSERT(model.same_law(back, 1e-10));  // quotients by a tail weight of 0.03 and more
  hold(is_close(back.subordinator().E_Y(), model.subordinator().E_Y(), 1e-13));
}

/// The model at distance t from `model` along a direction in all of its parameters.
NormalInverseGaussian moved(const NormalInverseGaussian& model, const RowMatrix& direction, double t) {
  const Index d = model.d();
  Matrix factor = model.L_Sigma() + t * direction.topRows(d);
  factor.triangularView<Eigen::StrictlyUpper>().setZero();
  return {model.mu() + t * direction.row(d).transpose(), model.gamma() + t * direction.row(d + 1).transpose(), factor,
          InverseGaussian(model.subordinator().mu_ig() * std::exp(t * direction(d + 2, 0)),
                          model.subordinator().lam() * std::exp(t * direction(d + 3, 0)))};
}

/// Derivative at 0 by central differences, extrapolated: the error is of order h^4.
template <class F>
double derivative(F&& f) {
  constexpr double h = 2e-3;
  const auto difference = [&](double step) { return (f(step) - f(-step)) / (2.0 * step); };
  return (16.0 * difference(0.25 * h) - difference(h)) / 15.0;
}

// Fisher's identity: the score of the observed data is the posterior mean of the complete data's score, which is linear
// in the posterior moments. It ties log_prob and e_step together.
RC_GTEST_PROP(NormalMixtureProperty, ScoreIsThePosteriorMeanOfTheCompleteScore, ()) {
  const NormalInverseGaussian model = any_model();
  const RowMatrix x = model.rvs(6, Seed{any_seed()});
  const RowMatrix direction = 0.3 * gaussian_rows(model.d() + 4, model.d(), any_seed());
  const Expectations eta = model.e_step(x).eta;
  const double observed = derivative([&](double t) { return moved(model, direction, t).marginal_log_likelihood(x); });
  const double complete =
      derivative([&](double t) { return expected_complete_likelihood(moved(model, direction, t), eta); });
  constexpr double kDifferencing = 1e-7;
  hold(close_in_scale(Vector::Constant(1, observed), Vector::Constant(1, complete), kDifferencing,
                      std::max(1.0, std::abs(complete))));
}

RC_GTEST_PROP(NormalMixtureProperty, AnyNumberOfThreadsGivesTheSameBits, ()) {
  const NormalInverseGaussian model = any_model();
  const auto n = *rc::gen::inRange<Index>(1, 3000);
  const Seed seed{any_seed()};
  const RowMatrix x = model.rvs(n, seed);
  const EStepResult all_cores = model.e_step(x);
  const Vector log_density = model.log_prob(x);
  for (const int count : {1, 2, 7}) {
    const ThreadLimit limit(count);
    RC_ASSERT(model.rvs(n, seed) == x);
    RC_ASSERT(model.e_step(x).eta == all_cores.eta);
    RC_ASSERT(model.e_step(x).log_lik == all_cores.log_lik);
    RC_ASSERT(model.log_prob(x) == log_density);
  }
}

}  // namespace
}  // namespace varimix::tests
