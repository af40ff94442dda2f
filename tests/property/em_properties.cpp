#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/complete_likelihood.hpp"
#include "support/families.hpp"
#include "support/properties.hpp"
#include "support/rules.hpp"
#include "support/sanitizers.hpp"
#include "support/threads.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/mixture/e_step.hpp"

namespace varimix::tests {
namespace {

constexpr double kMonotone = 1e-12;    // relative to the log-likelihood, or to 1
constexpr double kTrajectory = 1e-10;  // the law_difference allowed along a trajectory
// The same for a rule that moves the model: near the Gaussian limit its score is a small difference of moments, and
// rounds on a batch stop where a step is small.
constexpr double kMovedTrajectory = 1e-5;

/// Draws a start that the data do not suggest.
template <Subordinator S>
MeanVarianceMixture<S> any_start(Index d) {
  return some_model<S>(d, any_seed(), 0.5 * any_scale(0, 1));
}

template <class S>
class EMProperty : public ::testing::Test {};
TYPED_TEST_SUITE(EMProperty, Families, FamilyNames);

TYPED_TEST(EMProperty, TheLikelihoodNeverFalls) {
  check_property([] {
    const auto truth = any_heavy_model<TypeParam>();
    const RowMatrix x = truth.rvs(120, Seed{any_seed()});
    OnlineEM<MeanVarianceMixture<TypeParam>> state(any_start<TypeParam>(truth.d()), IdentityUpdate{});
    double before = state.update(x).log_likelihood;
    for (int k = 0; k < 25; ++k) {
      const double now = state.update(x).log_likelihood;
      RC_ASSERT(now >= before - kMonotone * std::max(1.0, std::abs(before)));
      before = now;
    }
  });
}

// In the gauge of the start, where nothing is rescaled, the penalised likelihood is the same function at every step.
// The state, which rescales, has the same law.
TYPED_TEST(EMProperty, ThePenalisedLikelihoodNeverFallsUnderShrinkage) {
  check_property([] {
    const auto truth = any_heavy_model<TypeParam>();
    const RowMatrix x = truth.rvs(120, Seed{any_seed()});
    auto model = any_start<TypeParam>(truth.d());
    const Eta eta0 = eta0_isotropic(model, any_scale(-1, 1));
    const double tau = any_scale(-2, 1);
    OnlineEM<MeanVarianceMixture<TypeParam>> state(model, Shrinkage{IdentityUpdate{}, eta0, tau});
    double before = -1e300;
    for (int k = 0; k < 15; ++k) {
      const EStepResult result = model.e_step(x);
      const double now = result.log_lik + tau * expected_complete_likelihood(model, eta0);
      RC_ASSERT(now >= before - kMonotone * std::max(1.0, std::abs(before)));
      before = now;
      model = model.m_step(blend(result.eta, eta0, tau / (1.0 + tau)));
      (void)state.update(x);
      const bool is_floored = state.status().has(StatusCode::kModeTrap);  // fits floor distances, e_step does not
      if (!is_floored) hold_same_law(state.model(), model, kTrajectory);
    }
  });
}

constexpr Index kBatches = 4;
constexpr Index kBatchSize = 80;

/// Returns the models that a rule shows after each batch.
template <Subordinator S>
std::vector<MeanVarianceMixture<S>> trajectory(const RuleOf<S>& rule, const MeanVarianceMixture<S>& init,
                                               const RowMatrix& x) {
  OnlineEM<MeanVarianceMixture<S>> state(init, rule.make(init));
  std::vector<MeanVarianceMixture<S>> models;
  for (Index k = 0; k < kBatches; ++k) {
    (void)state.update(RowView(x).slice(k * kBatchSize, kBatchSize));
    models.push_back(state.model());
  }
  return models;
}

/// Expects of every rule that from the transformed start it fits the transformed rows as it fits x from `init`.
template <Subordinator S>
void expect_equivariant(const MeanVarianceMixture<S>& init, const RowMatrix& x, const Matrix& A, const Vector& b,
                        double s) {
  for (const RuleOf<S>& rule : all_rules<S>()) {
    const auto plain = trajectory(rule, init, x);
    const auto moved = trajectory(rule, transformed(init, A, b).rescale_y(s), transformed(x, A, b));
    for (std::size_t k = 0; k < plain.size(); ++k) {
      const double tolerance = rule.make(init).moves_model() ? kMovedTrajectory : kTrajectory;
      hold_same_law(moved[k], transformed(plain[k], A, b), tolerance, rule.name + ", batch " + std::to_string(k));
    }
  }
}

/// Heavy-tailed rows and the model from which their fits start.
template <Subordinator S>
struct Stream {
  RowMatrix x;
  MeanVarianceMixture<S> init;
};

template <Subordinator S>
Stream<S> any_stream() {
  const auto truth = any_heavy_model<S>();
  const RowMatrix x = truth.rvs(kBatches * kBatchSize, Seed{any_seed()});
  return {x, MeanVarianceMixture<S>::default_init(x)};
}

TYPED_TEST(EMProperty, ShiftsAndScalesOfTheRowsMoveTheTrajectory) {
  check_property([] {
    const auto [x, init] = any_stream<TypeParam>();
    Vector scale(x.cols());
    for (double& factor : scale) factor = any_scale(-6, 6);
    const Vector shift = 10.0 * scale.cwiseProduct(gaussian_rows(1, x.cols(), any_seed()).transpose());
    expect_equivariant(init, x, Matrix(scale.asDiagonal()), shift, 1.0);
  });
}

TYPED_TEST(EMProperty, PermutedCoordinatesPermuteTheTrajectory) {
  check_property([] {
    const auto [x, init] = any_stream<TypeParam>();
    expect_equivariant(init, x, Matrix::Identity(x.cols(), x.cols()).rowwise().reverse(), Vector::Zero(x.cols()), 1.0);
  });
}

TYPED_TEST(EMProperty, LinearMapsOfTheRowsMapTheTrajectory) {
  check_property([] {
    const auto [x, init] = any_stream<TypeParam>();
    const Matrix lower = some_factor(x.cols(), any_seed());
    expect_equivariant(init, x, lower.transpose() * lower, Vector::Zero(x.cols()), 1.0);
  });
}

TYPED_TEST(EMProperty, TheGaugeOfTheStartDoesNotMatterToTheTrajectory) {
  check_property([] {
    const auto [x, init] = any_stream<TypeParam>();
    const Index d = x.cols();
    expect_equivariant(init, x, Matrix::Identity(d, d), Vector::Zero(d), any_scale(-8, 8));
  });
}

TYPED_TEST(EMProperty, AnyNumberOfThreadsGivesTheSameBits) {
  check_property([] {
    const auto truth = any_heavy_model<TypeParam>();
    const RowMatrix x = truth.rvs(1500, Seed{any_seed()});
    const auto init = MeanVarianceMixture<TypeParam>::default_init(x);
    const IncrementalEMFitter fitter({.batch_size = 600, .max_steps = 4, .verbose = 1});
    const Key key{any_seed()};
    const auto all_cores = fitter.fit(init, x, key);
    for (const int count : kSanitized ? std::vector{7} : std::vector{1, 2, 7}) {
      const ThreadLimit limit(count);
      const auto result = fitter.fit(MeanVarianceMixture<TypeParam>::default_init(x), x, key);
      RC_ASSERT(result.model == all_cores.model);
      RC_ASSERT(result.log_likelihoods == all_cores.log_likelihoods);
      RC_ASSERT(result.param_changes == all_cores.param_changes);
    }
  });
}

TYPED_TEST(EMProperty, EveryRuleEndsInASoundModelWhateverTheBatches) {
  check_property([] {
    const auto truth = any_model<TypeParam>();
    const RowMatrix x = truth.rvs(*rc::gen::inRange<Index>(1, 200), Seed{any_seed()});
    const auto start = any_start<TypeParam>(truth.d());
    const auto batch_size = *rc::gen::inRange<std::int64_t>(1, 60);
    for (const RuleOf<TypeParam>& rule : all_rules<TypeParam>()) {
      const IncrementalEMFitter fitter({.batch_size = batch_size, .max_steps = 12, .eta_update = rule.make(start)});
      const auto result = fitter.fit(start, x, Key{any_seed()});
      RC_LOG(rule.name);
      RC_ASSERT(is_sound(result.model));
      for (const double change : result.param_changes) RC_ASSERT(std::isfinite(change));
    }
  });
}

}  // namespace
}  // namespace varimix::tests
