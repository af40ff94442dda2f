#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <vector>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/properties.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/shrinkage_targets.hpp"

namespace varimix::tests {
namespace {

constexpr double kMonotone = 1e-12;  // relative to the log-likelihood, or to 1

/// Rows of a law and the model from which their fits start.
template <Subordinator S>
struct Sample {
  RowMatrix x;
  MeanVarianceMixture<S> init;
};

template <Subordinator S>
Sample<S> any_sample(Index rows) {
  const auto truth = any_heavy_model<S>();
  return {truth.rvs(rows, Seed{any_seed()}), some_model<S>(truth.d(), any_seed(), 0.5 * any_scale(0, 1))};
}

void hold_never_falls(const std::vector<double>& history) {
  for (std::size_t k = 1; k < history.size(); ++k) {
    RC_ASSERT(history[k] >= history[k - 1] - kMonotone * std::max(1.0, std::abs(history[k - 1])));
  }
}

template <class S>
class BatchEMProperty : public ::testing::Test {};
TYPED_TEST_SUITE(BatchEMProperty, Families, FamilyNames);

TYPED_TEST(BatchEMProperty, TheLikelihoodNeverFallsAcceleratedOrNot) {
  check_property([] {
    const auto [x, init] = any_sample<TypeParam>(120);
    for (const Acceleration acceleration : {Acceleration::kAnderson, Acceleration::kNone}) {
      const auto result = BatchEMFitter({.max_iter = 40, .acceleration = acceleration}).fit(init, x);
      hold_never_falls(result.log_likelihoods);
      hold(is_close(result.log_likelihoods.front(), init.marginal_log_likelihood(x), 1e-11));
      RC_ASSERT(result.model.marginal_log_likelihood(x) >=
                result.log_likelihoods.back() - kMonotone * std::max(1.0, std::abs(result.log_likelihoods.back())));
    }
  });
}

// A proposal of Anderson's method may be infeasible; then it is dropped and is no outcome of the fit.
TYPED_TEST(BatchEMProperty, AFitThatConvergedDidNotDiverge) {
  check_property([] {
    const auto truth = any_heavy_model<TypeParam>();
    const RowMatrix x = truth.rvs(*rc::gen::inRange<Index>(truth.d() + 2, 40), Seed{any_seed()});
    const auto result = BatchEMFitter({.max_iter = 200}).fit(MeanVarianceMixture<TypeParam>::default_init(x), x);
    RC_ASSERT(!(result.converged && result.diverged));
    RC_ASSERT(result.diverged == result.status.has(StatusCode::kStepReverted));
  });
}

TYPED_TEST(BatchEMProperty, ThePenalisedLikelihoodNeverFallsAcceleratedOrNot) {
  check_property([] {
    const auto [x, init] = any_sample<TypeParam>(120);
    const Shrinkage prior{IdentityUpdate{}, eta0_isotropic(init, any_scale(-1, 1)), any_scale(-2, 1)};
    for (const Acceleration acceleration : {Acceleration::kAnderson, Acceleration::kNone}) {
      const BatchEMFitter fitter({.max_iter = 40, .acceleration = acceleration, .eta_update = prior});
      hold_never_falls(fitter.fit(init, x).log_likelihoods);
    }
  });
}

TYPED_TEST(BatchEMProperty, PlainItIsIdentityOnAllRows) {
  check_property([] {
    const auto [x, init] = any_sample<TypeParam>(150);
    constexpr int kSteps = 6;
    const auto result =
        BatchEMFitter({.max_iter = kSteps, .tol = 0.0, .acceleration = Acceleration::kNone}).fit(init, x);
    OnlineEM<MeanVarianceMixture<TypeParam>> state(init, IdentityUpdate{});
    for (int k = 0; k < kSteps; ++k) {
      hold(is_close(state.update(x).log_likelihood, result.log_likelihoods.at(static_cast<std::size_t>(k)), 1e-11));
    }
    hold_same_law(result.model, state.model(), 1e-10);
  });
}

TYPED_TEST(BatchEMProperty, AcceleratedItEndsAtLeastAsHighAsPlainEM) {
  check_property([] {
    const auto [x, init] = any_sample<TypeParam>(200);
    const auto fast = BatchEMFitter().fit(init, x);
    const auto plain =
        BatchEMFitter({.max_iter = static_cast<int>(fast.n_iter), .acceleration = Acceleration::kNone}).fit(init, x);
    if constexpr (std::same_as<TypeParam, Gamma>) {  // below alpha = d/2 + 1 every row is a local maximum for mu
      if (fast.model.subordinator().alpha() < 0.5 * static_cast<double>(x.cols()) + 1.0) return;
    }
    constexpr double kStop = 1e-8;  // ten times the tolerance at which both may stop
    RC_ASSERT(fast.log_likelihoods.back() >= plain.log_likelihoods.back() - kStop);
  });
}

// Anderson's coefficients are those of a ridge regression, so that of accelerated EM only the end is equivariant; of
// plain EM, which is tested here, the whole trajectory is.
TYPED_TEST(BatchEMProperty, GaugesAndMapsOfTheRowsMoveTheFit) {
  check_property([] {
    const auto [x, init] = any_sample<TypeParam>(150);
    const Index d = x.cols();
    const Matrix lower = some_factor(d, any_seed());
    const Matrix A = (any_scale(-3, 3) * lower.transpose() * lower).rowwise().reverse();
    const Vector b = 10.0 * A.norm() * gaussian_rows(1, d, any_seed()).transpose();
    const BatchEMFitter fitter({.max_iter = 6, .tol = 0.0, .acceleration = Acceleration::kNone});
    const auto plain = fitter.fit(init, x);
    const auto moved = fitter.fit(transformed(init, A, b).rescale_y(any_scale(-6, 6)), transformed(x, A, b));
    hold_same_law(moved.model, transformed(plain.model, A, b), 1e-9);
  });
}

// A weight of zero counts as no row, an integer as a repeated row, and equal weights as no weights.
TYPED_TEST(BatchEMProperty, WeightsCountRows) {
  check_property([] {
    const auto [x, init] = any_sample<TypeParam>(60);
    const BatchEMFitter fitter({.max_iter = 5, .tol = 0.0});
    std::vector<double> weights(60, 1.0);
    std::vector<Index> rows;
    for (Index i = 0; i < x.rows(); ++i) {
      const int count = i < 10 ? 1 : *rc::gen::inRange(0, 4);
      weights[static_cast<std::size_t>(i)] = count;
      for (int k = 0; k < count; ++k) rows.push_back(i);
    }
    const RowMatrix repeated = x(rows, Eigen::all);
    const auto weighted = fitter.fit(init, x, weights);
    hold_same_law(weighted.model, fitter.fit(init, repeated).model, 1e-10);
    for (double& weight : weights) weight = weight > 0.0 ? 1.0 : 0.0;
    std::vector<Index> present;
    for (Index i = 0; i < x.rows(); ++i) {
      if (weights[static_cast<std::size_t>(i)] > 0.0) present.push_back(i);
    }
    const RowMatrix rest = x(present, Eigen::all);
    RC_ASSERT(fitter.fit(init, x, weights).model == fitter.fit(init, rest).model);
    const std::vector<double> equal(60, any_scale(-3, 3));
    hold_same_law(fitter.fit(init, x, equal).model, fitter.fit(init, x).model, 1e-10);
  });
}

}  // namespace
}  // namespace varimix::tests
