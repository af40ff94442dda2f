#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
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

/// Streams of rows of dimension 3 whose column 1 may be missing.
template <class S>
class UnseenColumnOf : public ::testing::Test {
 protected:
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
    const auto expected = with_marginal(this->start, marginal(model, {0, 2}), {0, 2});
    const double scale = std::sqrt(this->start.sigma()(kUnseen, kUnseen));
    EXPECT_NEAR(model.mu()(kUnseen), expected.mu()(kUnseen), 1e-9 * scale) << what;
    const Vector slope = model.sigma().row(kUnseen)(std::vector<Index>{0, 2});
    const Vector kept = expected.sigma().row(kUnseen)(std::vector<Index>{0, 2});
    EXPECT_TRUE(all_close(slope, kept, 1e-9)) << what;
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
