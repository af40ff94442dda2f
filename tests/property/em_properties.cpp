#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/complete_likelihood.hpp"
#include "support/eta.hpp"
#include "support/properties.hpp"
#include "support/rules.hpp"
#include "support/threads.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using NigState = OnlineEM<InverseGaussian>;

constexpr double kMonotone = 1e-12;    // of the likelihood's size
constexpr double kTrajectory = 1e-10;  // methods.md, section 7, point 9

/// Any start that the data do not suggest.
NormalInverseGaussian any_start(Index d) { return some_model(d, any_seed(), 0.5 * any_scale(0, 1)); }

RC_GTEST_PROP(BatchEMProperty, TheLikelihoodNeverFalls, ()) {
  const NormalInverseGaussian truth = any_heavy_model();
  const RowMatrix x = truth.rvs(120, Seed{any_seed()});
  NigState state(any_start(truth.d()), IdentityUpdate{});
  double before = state.update(x).log_likelihood;
  for (int k = 0; k < 25; ++k) {
    const double now = state.update(x).log_likelihood;
    RC_ASSERT(now >= before - kMonotone * std::abs(before));
    before = now;
  }
}

// In the gauge of the start, nothing rescaled, the penalised likelihood is one function; the state's law is the same.
RC_GTEST_PROP(BatchEMProperty, ThePenalisedLikelihoodNeverFallsUnderShrinkage, ()) {
  const NormalInverseGaussian truth = any_heavy_model();
  const RowMatrix x = truth.rvs(120, Seed{any_seed()});
  NormalInverseGaussian model = any_start(truth.d());
  const Expectations eta0 = eta0_isotropic(model, any_scale(-1, 1));
  const double tau = any_scale(-2, 1);
  NigState state(model, Shrinkage(IdentityUpdate{}, eta0, tau));
  double before = -1e300;
  for (int k = 0; k < 15; ++k) {
    const EStepResult result = model.e_step(x);
    const double now = result.log_lik + tau * expected_complete_likelihood(model, eta0);
    RC_ASSERT(now >= before - kMonotone * std::max(1.0, std::abs(before)));
    before = now;
    model = model.m_step(blend(result.eta, eta0, tau / (1.0 + tau)));
    (void)state.update(x);
    RC_ASSERT(model.same_law(state.model(), kTrajectory));
  }
}

RC_GTEST_PROP(MergeProperty, AnyPartitionGivesTheWhole, ()) {
  const NormalInverseGaussian model = any_model();
  constexpr Index kRows = 400;
  const RowMatrix x = model.rvs(kRows, Seed{any_seed()});
  std::vector<Index> cuts = *rc::gen::container<std::vector<Index>>(rc::gen::inRange<Index>(1, kRows));
  cuts.push_back(kRows);
  std::sort(cuts.begin(), cuts.end());
  Expectations merged = model.e_step(RowView(x).slice(0, cuts.front())).eta;
  for (std::size_t k = 1; k < cuts.size(); ++k) {
    if (cuts[k] == cuts[k - 1]) continue;
    merged = merge(merged, model.e_step(RowView(x).slice(cuts[k - 1], cuts[k] - cuts[k - 1])).eta);
  }
  hold(same_eta(merged, model.e_step(x).eta, 1e-13));
}

constexpr Index kBatches = 4;
constexpr Index kBatchSize = 80;

/// The models that a rule shows after each batch.
std::vector<NormalInverseGaussian> trajectory(const NamedRule& rule, const NormalInverseGaussian& init,
                                              const RowMatrix& x) {
  NigState state(init, rule.make(init));
  std::vector<NormalInverseGaussian> models;
  for (Index k = 0; k < kBatches; ++k) {
    (void)state.update(RowView(x).slice(k * kBatchSize, kBatchSize));
    models.push_back(state.model());
  }
  return models;
}

/// Every rule, from `init` on x and from the transformed start on the transformed rows.
void expect_equivariant(const NormalInverseGaussian& init, const RowMatrix& x, const Matrix& A, const Vector& b,
                        double s) {
  for (const NamedRule& rule : all_rules()) {
    const auto plain = trajectory(rule, init, x);
    const auto moved = trajectory(rule, transformed(init, A, b).rescale_y(s), transformed(x, A, b));
    for (std::size_t k = 0; k < plain.size(); ++k) {
      RC_LOG(rule.name + ", batch " + std::to_string(k));
      RC_ASSERT(transformed(plain[k], A, b).same_law(moved[k], kTrajectory));
    }
  }
}

/// Heavy-tailed rows in general position, and the model from which their fits start.
struct Stream {
  RowMatrix x;
  NormalInverseGaussian init;
};

Stream any_stream() {
  const NormalInverseGaussian truth = any_heavy_model();
  const RowMatrix x = truth.rvs(kBatches * kBatchSize, Seed{any_seed()});
  return {x, NormalInverseGaussian::default_init(x)};
}

RC_GTEST_PROP(TrajectoryProperty, ShiftsAndScalesOfTheRowsMoveIt, ()) {
  const auto [x, init] = any_stream();
  Vector scale(x.cols());
  for (double& factor : scale) factor = any_scale(-6, 6);
  const Vector shift = 10.0 * scale.cwiseProduct(gaussian_rows(1, x.cols(), any_seed()).transpose());
  expect_equivariant(init, x, Matrix(scale.asDiagonal()), shift, 1.0);
}

RC_GTEST_PROP(TrajectoryProperty, PermutedCoordinatesPermuteIt, ()) {
  const auto [x, init] = any_stream();
  expect_equivariant(init, x, Matrix::Identity(x.cols(), x.cols()).rowwise().reverse(), Vector::Zero(x.cols()), 1.0);
}

RC_GTEST_PROP(TrajectoryProperty, LinearMapsOfTheRowsMapIt, ()) {
  const auto [x, init] = any_stream();
  const Matrix lower = some_factor(x.cols(), any_seed());
  expect_equivariant(init, x, lower.transpose() * lower, Vector::Zero(x.cols()), 1.0);
}

RC_GTEST_PROP(TrajectoryProperty, TheGaugeOfTheStartDoesNotMatter, ()) {
  const auto [x, init] = any_stream();
  const Index d = x.cols();
  expect_equivariant(init, x, Matrix::Identity(d, d), Vector::Zero(d), any_scale(-8, 8));
}

RC_GTEST_PROP(FitProperty, AnyNumberOfThreadsGivesTheSameBits, ()) {
  const NormalInverseGaussian truth = any_heavy_model();
  const RowMatrix x = truth.rvs(1500, Seed{any_seed()});
  const auto init = NormalInverseGaussian::default_init(x);
  const IncrementalEMFitter fitter({.batch_size = 600, .max_steps = 4, .verbose = 1});
  const Key key{any_seed()};
  const auto all_cores = fitter.fit(init, x, key);
  for (const int count : {1, 2, 7}) {
    const ThreadLimit limit(count);
    const auto result = fitter.fit(NormalInverseGaussian::default_init(x), x, key);
    RC_ASSERT(result.model == all_cores.model);
    RC_ASSERT(result.log_likelihoods == all_cores.log_likelihoods);
    RC_ASSERT(result.param_changes == all_cores.param_changes);
  }
}

RC_GTEST_PROP(FitProperty, EveryRuleEndsInASoundModelWhateverTheBatches, ()) {
  const NormalInverseGaussian truth = any_model();
  const RowMatrix x = truth.rvs(*rc::gen::inRange<Index>(1, 200), Seed{any_seed()});
  const auto start = any_start(truth.d());
  const auto batch_size = *rc::gen::inRange<std::int64_t>(1, 60);
  for (const NamedRule& rule : all_rules()) {
    const IncrementalEMFitter fitter({.batch_size = batch_size, .max_steps = 12, .eta_update = rule.make(start)});
    const auto result = fitter.fit(start, x, Key{any_seed()});
    RC_LOG(rule.name);
    RC_ASSERT(is_sound(result.model));
    for (const double change : result.param_changes) RC_ASSERT(std::isfinite(change));
  }
}

}  // namespace
}  // namespace varimix::tests
