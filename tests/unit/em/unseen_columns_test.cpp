#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <concepts>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "varimix/em/batch_em_fitter.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/mixture/marginal.hpp"

namespace varimix::tests {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Index kUnseen = 1;

/// What the law of the column given the others is made of: B, mu_m - B mu_o, gamma_m - B gamma_o, Sigma_mm - B Sigma_om.
template <class S>
std::vector<Matrix> conditional(const MeanVarianceMixture<S>& model) {
  const std::vector<Index> o{0, 2};
  const std::vector<Index> m{kUnseen};
  const Matrix sigma = model.sigma();
  const Matrix b = Matrix(sigma(o, o)).llt().solve(Matrix(sigma(o, m))).transpose();
  return {b, model.mu()(m) - b * model.mu()(o), model.gamma()(m) - b * model.gamma()(o),
          sigma(m, m) - b * Matrix(sigma(o, m))};
}

/// The unit of Y in which a step leaves the column as it is: E[Y], or 1/E[1/Y] of an inverse gamma law.
template <class S>
double shape_unit(const S& law) {
  return std::same_as<S, InverseGamma> ? 1.0 / law.E_inv_Y() : law.E_Y();
}

/// Streams of rows of dimension 3 whose column 1 may be missing.
template <class S>
struct UnseenColumnOf : ::testing::Test {
  using M = MeanVarianceMixture<S>;
  static constexpr Index kBatch = 100;

  const M truth = some_model<S>(3, 11, 0.6);
  /// Off by a standard deviation in column 0.
  const M start = M(truth.mu() + Vector{{1.0, 0.0, 0.0}}, truth.gamma(), Matrix(truth.L_Sigma()), truth.subordinator());

  [[nodiscard]] RowMatrix rows(Index n, Index first_missing, Index last_missing) const {
    RowMatrix x = truth.rvs(n, Seed{5});
    x.col(kUnseen).segment(first_missing, last_missing - first_missing).setConstant(kNan);
    return x;
  }
  /// Which columns miss all rows of a shard.
  [[nodiscard]] RowMatrix shard(Index n, std::int64_t seed, const std::vector<Index>& blind) const {
    RowMatrix x = truth.rvs(n, Seed{seed});
    for (const Index j : blind) x.col(j).setConstant(kNan);
    return x;
  }
  [[nodiscard]] static OnlineEM<M> after(const M& from, const RowMatrix& x, const UpdateRule& rule,
                                         OnlineEMOptions options = {}) {
    options.missing = Missing::kExact;
    OnlineEM<M> state(from, rule, Key{0}, options);
    for (Index first = 0; first < x.rows(); first += kBatch) (void)state.update(RowView(x).slice(first, kBatch));
    return state;
  }
};
TYPED_TEST_SUITE(UnseenColumnOf, Families, FamilyNames);

TYPED_TEST(UnseenColumnOf, ChangesNothingOfTheFitOfTheOthers) {
  const RowMatrix x = this->rows(2000, 0, 2000);
  const RowMatrix others = x(Eigen::all, std::vector<Index>{0, 2});
  const auto with = this->after(this->start, x, NaturalGradientUpdate{}).model();
  const auto without = this->after(marginal(this->start, {0, 2}), others, NaturalGradientUpdate{}).model();
  EXPECT_TRUE(marginal(with, {0, 2}).same_law(without, 1e-9)) << with << "\n" << without;
}

TYPED_TEST(UnseenColumnOf, KeepsItsLawGivenTheOthersWhateverIsFixed) {
  const RowMatrix x = this->rows(2000, 0, 2000);
  std::vector<std::vector<std::string>> held = {{}, {"mu"}, {"gamma"}, {"sigma"}, {"mu", "gamma"}};
  held.push_back({TypeParam::kParameterNames.front()});
  for (const auto& names : held) {
    const auto model = this->after(this->start, x, NaturalGradientUpdate{}, {.fixed = names}).model();
    const std::string what = names.empty() ? "nothing" : names.front();
    const auto before = conditional(this->start);
    const auto after = conditional(model);
    EXPECT_TRUE(all_close(after[0], before[0], 1e-9)) << what;
    EXPECT_TRUE(all_close(after[1], before[1], 1e-9)) << what;
    if (!names.empty()) continue;  // what ties the unit of Y moves these
    const double unit = shape_unit(model.subordinator()) / shape_unit(this->start.subordinator());
    EXPECT_TRUE(all_close(unit * after[2], before[2], 1e-9)) << what;
    EXPECT_TRUE(all_close(unit * after[3], before[3], 1e-9)) << what;
  }
}

TYPED_TEST(UnseenColumnOf, StaysWhereItWasForManyHalfLives) {
  constexpr Index kShown = 1000;
  const RowMatrix x = this->rows(20'000, kShown, 20'000);
  const auto rule = NaturalGradientUpdate{.half_life = HalfLife(300.0)};
  const auto last_shown = this->after(this->truth, x.topRows(kShown), rule).model();
  const auto later = this->after(this->truth, x, rule).model();
  const auto spread = [](const auto& model) {  // of the column given the others, where the middle of Y is 1
    const double middle = std::exp(model.subordinator().E_log_Y());
    return std::sqrt(middle) * with_marginal(model, marginal(model, {0, 2}), {0, 2}).L_Sigma().row(kUnseen).norm();
  };
  EXPECT_NEAR(std::log(spread(later) / spread(last_shown)), 0.0, 0.3);
  EXPECT_NEAR(later.mu()(kUnseen) + later.gamma()(kUnseen), last_shown.mu()(kUnseen) + last_shown.gamma()(kUnseen),
              0.5);
}

TYPED_TEST(UnseenColumnOf, IsLearnedWhenItArrives) {
  const RowMatrix x = this->rows(8000, 0, 4000);
  const auto late = this->after(this->start, x, NaturalGradientUpdate{}).model();
  const auto alone = this->after(this->start, x.bottomRows(4000), NaturalGradientUpdate{}).model();
  const RowMatrix fresh = this->truth.rvs(20'000, Seed{6});
  EXPECT_GT(late.marginal_log_likelihood(fresh), alone.marginal_log_likelihood(fresh) - 5e-4);
}

TYPED_TEST(UnseenColumnOf, IsAsTheStateHasItThatSawItWhenTwoMerge) {
  const RowMatrix x = this->rows(8000, 0, 4000);
  auto blind = this->after(this->start, x.topRows(4000), NaturalGradientUpdate{});
  auto seeing = this->after(this->start, x.bottomRows(4000), NaturalGradientUpdate{});
  const RowMatrix fresh = this->truth.rvs(20'000, Seed{6});
  const double of_seeing = seeing.model().marginal_log_likelihood(fresh);
  auto other_way = seeing;
  other_way.merge(blind);
  blind.merge(seeing);
  EXPECT_GT(blind.model().marginal_log_likelihood(fresh), of_seeing - 5e-4);
  EXPECT_TRUE(blind.model().same_law(other_way.model(), 1e-9));
}

TYPED_TEST(UnseenColumnOf, IsThatOfTheStateThatSawItInEveryOrderOfMerges) {
  const RowMatrix fresh = this->truth.rvs(20'000, Seed{6});
  const NaturalGradientUpdate rule;
  const auto seeing = this->after(this->start, this->shard(4000, 1, {}), rule);
  const auto blind = this->after(this->start, this->shard(4000, 2, {kUnseen}), rule);
  const auto other_blind = this->after(this->start, this->shard(4000, 3, {kUnseen}), rule);
  const double least = seeing.model().marginal_log_likelihood(fresh) - 5e-4;
  const auto merged = [&](auto first, const auto& second, const auto& third) {
    first.merge(second);
    first.merge(third);
    return first.model().marginal_log_likelihood(fresh);
  };
  EXPECT_GT(merged(seeing, blind, other_blind), least);
  EXPECT_GT(merged(blind, seeing, other_blind), least);
  EXPECT_GT(merged(blind, other_blind, seeing), least);
}

TYPED_TEST(UnseenColumnOf, KeepsItsMarginalWhereEachOfTwoStatesSawAnother) {
  const NaturalGradientUpdate rule;
  auto first = this->after(this->start, this->shard(4000, 1, {2}), rule);
  const auto second = this->after(this->start, this->shard(4000, 2, {0}), rule);
  const auto with_0 = marginal(first.model(), {0, 1});
  const auto with_2 = marginal(second.model(), {1, 2});
  first.merge(second);
  const RowMatrix fresh = this->truth.rvs(20'000, Seed{6});
  const auto deficit = [&](const auto& before, const std::vector<Index>& columns) {
    const RowMatrix x = fresh(Eigen::all, columns);
    return before.marginal_log_likelihood(x) - marginal(first.model(), columns).marginal_log_likelihood(x);
  };
  EXPECT_LT(deficit(with_0, {0, 1}), 2e-3);
  EXPECT_LT(deficit(with_2, {1, 2}), 2e-3);
}

TYPED_TEST(UnseenColumnOf, OfATrunkIsThatOfTheForkThatSawIt) {
  const NaturalGradientUpdate rule;
  auto trunk = this->after(this->start, this->shard(2000, 1, {kUnseen}), rule);
  auto fork = trunk.fork();
  const RowMatrix blind = this->shard(2000, 2, {kUnseen});
  const RowMatrix seeing = this->shard(4000, 3, {});
  for (Index first = 0; first < 2000; first += 100) (void)trunk.update(RowView(blind).slice(first, 100));
  for (Index first = 0; first < 4000; first += 100) (void)fork.update(RowView(seeing).slice(first, 100));
  const RowMatrix fresh = this->truth.rvs(20'000, Seed{6});
  const double least = fork.model().marginal_log_likelihood(fresh) - 1e-3;
  trunk.merge(fork);
  EXPECT_GT(trunk.model().marginal_log_likelihood(fresh), least);
}

TYPED_TEST(UnseenColumnOf, StaysWhateverTheWeightOfARowIs) {
  const RowMatrix x = this->rows(20'000, 2000, 20'000);
  for (const double weight : {1.0, 1e6}) {
    const std::vector<double> weights(static_cast<std::size_t>(this->kBatch), weight);
    const auto rule = NaturalGradientUpdate{.half_life = HalfLife(800.0 * weight)};
    OnlineEM<MeanVarianceMixture<TypeParam>> state(this->truth, rule, Key{0}, {.missing = Missing::kExact});
    for (Index first = 0; first < x.rows(); first += this->kBatch) {
      (void)state.update(RowView(x).slice(first, this->kBatch), {.weights = weights});
    }
    const double deviation = std::sqrt(conditional(this->truth)[3](0, 0));
    EXPECT_NEAR(conditional(state.model())[1](0, 0), conditional(this->truth)[1](0, 0), deviation) << weight;
    EXPECT_NEAR(std::log(conditional(state.model())[3](0, 0) / (deviation * deviation)), 0.0, 1.0) << weight;
  }
}

TYPED_TEST(UnseenColumnOf, StaysUnderATargetThatTellsNothingOfIt) {
  Eta tau = eta0_from_model(this->truth);
  tau = Eta(tau.layout, Vector::Zero(3));
  tau.values.head(2).setConstant(0.5);  // E[1/Y] and E[Y]
  const Shrinkage rule{NaturalGradientUpdate{.half_life = HalfLife(300.0)}, eta0_from_model(this->truth), tau};
  const auto model = this->after(this->truth, this->rows(20'000, 0, 20'000), rule).model();
  const double deviation = std::sqrt(conditional(this->truth)[3](0, 0));
  EXPECT_NEAR(conditional(model)[1](0, 0), conditional(this->truth)[1](0, 0), 0.1 * deviation);
}

TYPED_TEST(UnseenColumnOf, GoesNearATargetWhereThereIsOne) {
  const RowMatrix x = this->rows(8000, 0, 8000);
  const auto prior = some_model<TypeParam>(3, 40, 0.6);
  const Eta eta0 = eta0_from_model(prior);
  const auto once = this->after(this->start, x, Shrinkage{NaturalGradientUpdate{}, eta0, 0.5}).model();
  BatchEMOptions options;
  options.missing = Missing::kExact;
  options.max_iter = 4000;
  options.tol = 1e-12;
  options.eta_update = Shrinkage{IdentityUpdate{}, eta0, 0.5};
  const auto best = BatchEMFitter(options).fit(this->start, x).model;
  const Vector deviation = best.cov().diagonal().cwiseSqrt();
  EXPECT_LT((once.mean() - best.mean()).cwiseQuotient(deviation).cwiseAbs().maxCoeff(), 0.15) << once << "\n" << best;
  EXPECT_TRUE(all_close(once.cov(), best.cov(), 0.15)) << once << "\n" << best;
  EXPECT_FALSE(best.same_law(with_marginal(this->start, marginal(best, {0, 2}), {0, 2}), 0.5))
      << "the target does something";
}

TYPED_TEST(UnseenColumnOf, IsNamedByBatchEMToo) {
  const RowMatrix x = this->rows(300, 0, 300);
  const auto result = BatchEMFitter({.max_iter = 5, .missing = Missing::kExact}).fit(this->start, x);
  EXPECT_TRUE(result.status.has(StatusCode::kUnseenColumn)) << result.status;
  EXPECT_FALSE(
      BatchEMFitter({.max_iter = 5}).fit(this->start, this->rows(300, 0, 0)).status.has(StatusCode::kUnseenColumn));
}

TYPED_TEST(UnseenColumnOf, RowsThatShowNothingAreNoRowsToBatchEM) {
  const RowMatrix nothing = RowMatrix::Constant(50, 3, kNan);
  const auto result = BatchEMFitter({.missing = Missing::kExact}).fit(this->start, nothing);
  EXPECT_TRUE(result.status.has(StatusCode::kNoRows)) << result.status;
  EXPECT_FALSE(result.status.has(StatusCode::kStepReverted)) << result.status;
  EXPECT_EQ(result.model, this->start);
  EXPECT_FALSE(result.log_likelihood.has_value());
  EXPECT_EQ(result.n_iter, 0);
}

}  // namespace
}  // namespace varimix::tests
