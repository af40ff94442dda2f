#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "support/close.hpp"
#include "support/complete_likelihood.hpp"
#include "support/eta.hpp"
#include "support/families.hpp"
#include "support/integrate.hpp"
#include "support/properties.hpp"
#include "support/threads.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix::tests {
namespace {

constexpr double kDensityError = 1e-12;  // the error that log_prob promises

/// Draws rows of the model itself, a third of them moved far out.
template <Subordinator S>
RowMatrix any_rows(const MeanVarianceMixture<S>& model, Index n) {
  RowMatrix x = model.rvs(n, Seed{any_seed()});
  for (Index i = 0; i < n; i += 3) x.row(i) *= 30.0;
  return x;
}

/// Returns the rows with those nearer to mu than half a Mahalanobis unit moved out to that distance, because densities
/// may be unbounded at mu.
template <Subordinator S>
RowMatrix off_the_mode(const MeanVarianceMixture<S>& model, RowMatrix x) {
  constexpr double kNearest = 0.5;
  for (Index i = 0; i < x.rows(); ++i) {
    Vector u = model.L_Sigma().template triangularView<Eigen::Lower>().solve(x.row(i).transpose() - model.mu());
    if (u.norm() >= kNearest) continue;
    u = u.norm() > 0.0 ? Vector(u.stableNormalized()) : Vector(Vector::Unit(u.size(), 0));
    x.row(i) = model.mu() + kNearest * model.L_Sigma() * u;
  }
  return x;
}

/// Fails the property unless log densities agree, relative to the larger of their own size and 1.
void same_log_density(const Vector& actual, const Vector& expected, double tolerance) {
  for (Index i = 0; i < expected.size(); ++i) {
    hold(close_in_scale(actual.segment(i, 1), expected.segment(i, 1), tolerance, std::max(1.0, std::abs(expected(i)))));
  }
}

template <class S>
class LawProperty : public ::testing::Test {};
TYPED_TEST_SUITE(LawProperty, Families, FamilyNames);

// The laws have finite moments: rows of laws without them lie so far out along gamma that the rounding of the rescaled
// gamma and L shows: by 1e-6 at 1e20 standard deviations.
TYPED_TEST(LawProperty, DensityDoesNotDependOnTheGauge) {
  check_property([] {
    const auto model = any_model<TypeParam>();
    const RowMatrix x = any_rows(model, 12);
    same_log_density(model.rescale_y(any_scale(-8, 8)).log_prob(x), model.log_prob(x), kDensityError);
  });
}

TYPED_TEST(LawProperty, DensityOfAnyLawDoesNotDependOnAGaugeThatRoundsNothing) {
  check_property([] {
    const auto model = any_model_at_all<TypeParam>();
    const RowMatrix x = any_rows(model, 12);
    const double power_of_four = std::ldexp(1.0, 2 * *rc::gen::inRange(-13, 14));
    same_log_density(model.rescale_y(power_of_four).log_prob(x), model.log_prob(x), kDensityError);
  });
}

// Rows are checked by what comes of them.
TYPED_TEST(LawProperty, NoPassTakesAValueThatIsNotFinite) {
  check_property([] {
    const auto model = any_model_at_all<TypeParam>();
    const auto n = *rc::gen::inRange<Index>(1, 40);
    RowMatrix x = any_rows(model, n);
    constexpr double kInf = std::numeric_limits<double>::infinity();
    const double bad = *rc::gen::element(kInf, -kInf, std::numeric_limits<double>::quiet_NaN());
    x(*rc::gen::inRange<Index>(0, n), *rc::gen::inRange<Index>(0, model.d())) = bad;
    for (const Missing missing : {Missing::kError, Missing::kExact}) {
      if (missing == Missing::kExact && std::isnan(bad)) continue;
      RC_ASSERT_THROWS_AS((void)model.log_prob(x, missing), std::invalid_argument);
      RC_ASSERT_THROWS_AS((void)model.marginal_log_likelihood(x, missing), std::invalid_argument);
      RC_ASSERT_THROWS_AS((void)model.e_step(x, missing), std::invalid_argument);
    }
  });
}

TYPED_TEST(LawProperty, EtaMovesWithTheGauge) {
  check_property([] {
    const auto model = any_model_at_all<TypeParam>();
    const RowMatrix x = off_the_mode(model, any_rows(model, 12));
    const double s = any_scale(-8, 8);
    hold(same_eta(model.rescale_y(s).e_step(x).eta, rescale_y(model.e_step(x).eta, s), 1e-11));
  });
}

// The laws have finite moments: rows of laws without them lie so far out along gamma that their rounding would show.
TYPED_TEST(LawProperty, DensityIsAffineEquivariant) {
  check_property([] {
    const auto model = any_model<TypeParam>();
    const Matrix A = any_scale(-6, 6) * some_factor(model.d(), any_seed());
    const Vector b = A.norm() * gaussian_rows(1, model.d(), any_seed()).transpose();
    const RowMatrix x = off_the_mode(model, any_rows(model, 12));
    const double log_volume = A.diagonal().array().abs().log().sum();
    const Vector expected = model.log_prob(x).array() - log_volume;
    // b is of the size of the data, so that a row has one rounding of it.
    same_log_density(transformed(model, A, b).log_prob(transformed(x, A, b)), expected, 10.0 * kDensityError);
  });
}

TYPED_TEST(LawProperty, ProjectionsOfMapsAreProjections) {
  check_property([] {
    const auto model = any_model_at_all<TypeParam>();
    const Matrix A = some_factor(model.d(), any_seed());
    const Vector w = gaussian_rows(1, model.d(), any_seed()).transpose();
    const auto direct = transformed(model, A, Vector::Zero(model.d())).project(w);
    hold_same_law(model.project(A.transpose() * w), direct, 1e-11);
  });
}

// The first coordinate's law has the joint density, integrated over the second, as its density. The model has alpha >
// 1, so that the joint density is finite but for a logarithm at mu, of which the rows keep away.
TYPED_TEST(LawProperty, ProjectionsAreMarginals) {
  check_property([] {
    const auto model = some_model<TypeParam>(2, any_seed(), 0.3 + 0.5 * any_scale(-1, 0));
    const auto first = model.project(Vector{{1.0, 0.0}});
    const double deviation = std::sqrt(model.sigma()(1, 1));
    RowMatrix x(1, 2);
    for (const double at : {-2.0, 0.8, 5.0}) {
      x(0, 0) = model.mu()(0) + at * model.L_Sigma()(0, 0);
      const auto joint = [&](double x1) {
        x(0, 1) = x1;
        return model.pdf(x)(0);
      };
      constexpr int kIntervals = 400;
      const double slope = model.sigma()(1, 0) / model.sigma()(0, 0);  // that of the ridge of the joint density
      const double ridge = model.mu()(1) + slope * (x(0, 0) - model.mu()(0));
      const double marginal = integrate_line(joint, ridge, deviation, kIntervals);
      hold(is_close(marginal, first.pdf(RowMatrix(RowMatrix::Constant(1, 1, x(0, 0))))(0), 1e-9));
    }
  });
}

TYPED_TEST(LawProperty, PosteriorMomentsKeepJensensInequalitiesForEveryRow) {
  check_property([] {
    const auto model = any_model_at_all<TypeParam>().rescale_y(any_scale(-6, 6));
    const RowMatrix x = off_the_mode(model, any_rows(model, 9));
    constexpr double kRounding = 1e-13;  // far out the three numbers coincide
    for (Index i = 0; i < x.rows(); ++i) {
      const Eta eta = model.e_step(RowView(x).slice(i, 1)).eta;
      RC_ASSERT(eta.E_inv_Y() > 0.0 && eta.E_Y() > 0.0);
      RC_ASSERT(eta.E_Y() * eta.E_inv_Y() >= 1.0 - kRounding);
      const double scale = std::max(1.0, std::abs(*eta.E_log_Y()));
      RC_ASSERT(-std::log(eta.E_inv_Y()) <= *eta.E_log_Y() + kRounding * scale);
      RC_ASSERT(*eta.E_log_Y() <= std::log(eta.E_Y()) + kRounding * scale);
    }
  });
}

/// Returns the model at distance t from `model` along a direction in all of its parameters; positive parameters of Y
/// move in their logarithms, a GIG's order p does not.
template <Subordinator S>
MeanVarianceMixture<S> moved(const MeanVarianceMixture<S>& model, const RowMatrix& direction, double t) {
  const Index d = model.d();
  Matrix factor = model.L_Sigma() + t * direction.topRows(d);
  factor.template triangularView<Eigen::StrictlyUpper>().setZero();
  auto shape = model.subordinator().parameters();
  for (std::size_t k = 0; k < shape.size(); ++k) {
    const double step = t * direction(d + 2 + static_cast<Index>(k), 0);
    const bool is_order = std::string_view(S::kParameterNames[k]) == "p";
    shape[k] = is_order ? shape[k] + step : shape[k] * std::exp(step);
  }
  return {model.mu() + t * direction.row(d).transpose(), model.gamma() + t * direction.row(d + 1).transpose(), factor,
          S::from_parameters(shape)};
}

/// Returns the derivative of f at 0 by central differences, extrapolated: the error is of order h^4.
template <class F>
double derivative(F&& f) {
  constexpr double h = 2e-3;
  const auto difference = [&](double step) { return (f(step) - f(-step)) / (2.0 * step); };
  return (16.0 * difference(0.25 * h) - difference(h)) / 15.0;
}

// Fisher's identity: the score of the observed data is the posterior mean of the complete data's score, which is linear
// in the posterior moments. It ties log_prob and e_step together.
TYPED_TEST(LawProperty, ScoreIsThePosteriorMeanOfTheCompleteScore) {
  check_property([] {
    const auto model = any_model<TypeParam>();
    const RowMatrix x = off_the_mode(model, model.rvs(6, Seed{any_seed()}));
    const RowMatrix direction = 0.3 * gaussian_rows(model.d() + 5, model.d(), any_seed());
    const Eta eta = model.e_step(x).eta;
    const double observed = derivative([&](double t) { return moved(model, direction, t).marginal_log_likelihood(x); });
    const double complete =
        derivative([&](double t) { return expected_complete_likelihood(moved(model, direction, t), eta); });
    constexpr double kDifferencing = 1e-7;
    hold(close_in_scale(Vector::Constant(1, observed), Vector::Constant(1, complete), kDifferencing,
                        std::max(1.0, std::abs(complete))));
  });
}

TYPED_TEST(LawProperty, AnyNumberOfThreadsGivesTheSameBits) {
  check_property([] {
    const auto model = any_model_at_all<TypeParam>();
    const auto n = *rc::gen::inRange<Index>(1, 3000);
    const Seed seed{any_seed()};
    const RowMatrix x = off_the_mode(model, model.rvs(n, seed));
    const EStepResult all_cores = model.e_step(x);
    const Vector log_density = model.log_prob(x);
    for (const int count : {1, 2, 7}) {
      const ThreadLimit limit(count);
      RC_ASSERT(off_the_mode(model, model.rvs(n, seed)) == x);
      RC_ASSERT(model.e_step(x).eta == all_cores.eta);
      RC_ASSERT(model.e_step(x).log_lik == all_cores.log_lik);
      RC_ASSERT(model.log_prob(x) == log_density);
    }
  });
}

}  // namespace
}  // namespace varimix::tests
