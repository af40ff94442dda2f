#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

template <class S>
class OnlineEMBatchOf : public ::testing::Test {
 public:
  RowMatrix x = some_model(2, 17, 0.8).rvs(400, Seed{9});
  MeanVarianceMixture<S> init = MeanVarianceMixture<S>::default_init(x);
};
TYPED_TEST_SUITE(OnlineEMBatchOf, Families, FamilyNames);

TYPED_TEST(OnlineEMBatchOf, AZeroWeightIsAnAbsentRowToTheLastBit) {
  for (const auto& rule : all_rules<TypeParam>()) {
    OnlineEM<MeanVarianceMixture<TypeParam>> weighted(this->init, rule.make(this->init));
    OnlineEM<MeanVarianceMixture<TypeParam>> without(this->init, rule.make(this->init));
    std::vector<double> weights(400, 1.0);
    std::fill(weights.begin() + 100, weights.end(), 0.0);
    const BatchReport report = weighted.update(this->x, {.weights = weights});
    (void)without.update(RowView(this->x).slice(0, 100));
    EXPECT_EQ(report.rows, 100);
    EXPECT_EQ(weighted.eta(), without.eta()) << rule.name;
    EXPECT_EQ(weighted.model(), without.model()) << rule.name;
    EXPECT_EQ(weighted.log_score(), without.log_score()) << rule.name;
  }
}

TYPED_TEST(OnlineEMBatchOf, WeightsOfOneAreNoWeightsToTheLastBit) {
  for (const auto& rule : all_rules<TypeParam>()) {
    OnlineEM<MeanVarianceMixture<TypeParam>> weighted(this->init, rule.make(this->init));
    OnlineEM<MeanVarianceMixture<TypeParam>> plain(this->init, rule.make(this->init));
    (void)weighted.update(this->x, {.weights = std::vector<double>(400, 1.0)});
    (void)plain.update(this->x);
    EXPECT_EQ(weighted, plain) << rule.name;
  }
}

TYPED_TEST(OnlineEMBatchOf, AnIntegerWeightIsARepeatedRow) {
  OnlineEM<MeanVarianceMixture<TypeParam>> weighted(this->init, EWMAUpdate{.w = 0.5});
  OnlineEM<MeanVarianceMixture<TypeParam>> repeated(this->init, EWMAUpdate{.w = 0.5});
  (void)weighted.update(this->x, {.weights = std::vector<double>(400, 3.0)});
  (void)repeated.update(RowMatrix(this->x.replicate(3, 1)));
  EXPECT_TRUE(weighted.model().same_law(repeated.model(), 1e-12));
  EXPECT_EQ(weighted.total_weight(), 1200.0);
  EXPECT_TRUE(is_close(weighted.log_score().total, repeated.log_score().total, 1e-12));
}

TYPED_TEST(OnlineEMBatchOf, ABatchWithoutWeightIsNoStep) {
  OnlineEM<MeanVarianceMixture<TypeParam>> state(this->init);
  const OnlineEM<MeanVarianceMixture<TypeParam>> before = state;
  const BatchReport report = state.update(this->x, {.weights = std::vector<double>(400, 0.0)});
  EXPECT_EQ(report.rows, 0);
  EXPECT_EQ(report.weight, 0.0);
  EXPECT_EQ(state, before);
}

TYPED_TEST(OnlineEMBatchOf, ScoresABatchByTheModelShownBeforeItLearns) {
  OnlineEM<MeanVarianceMixture<TypeParam>> state(this->init);
  double total = 0.0;
  for (Index k = 0; k < 4; ++k) {
    const RowView batch = RowView(this->x).slice(100 * k, 100);
    const double expected = state.model().marginal_log_likelihood(batch);
    const BatchReport report = state.update(batch);
    EXPECT_TRUE(is_close(report.log_likelihood, expected, 1e-13)) << k;
    total += 100.0 * expected;
  }
  EXPECT_TRUE(is_close(state.log_score().total, total, 1e-13));
  EXPECT_EQ(state.log_score().weight, 400.0);
}

TYPED_TEST(OnlineEMBatchOf, AHalfLifeInTimeDoesNotDependOnHowTheRowsAreCut) {
  std::vector<double> times;
  times.reserve(400);
  for (int i = 0; i < 400; ++i) times.push_back(0.01 * i * i);  // the gaps between times grow
  const auto state_after = [&](const std::vector<Index>& sizes) {
    OnlineEM<MeanVarianceMixture<TypeParam>> state(this->init, EWMAUpdate{.half_life = HalfLife::in_time(200.0)},
                                                   Key{0}, {.frozen = true});
    Index first = 0;
    for (const Index size : sizes) {
      const auto part =
          std::span<const double>(times).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size));
      (void)state.update(RowView(this->x).slice(first, size), {.times = part});
      first += size;
    }
    return state.model();
  };
  EXPECT_TRUE(state_after({400}).same_law(state_after({1, 99, 57, 143, 100}), 1e-11));
}

struct BadBatch {
  std::vector<double> weights, times;
  std::string message;
};

TEST(OnlineEMBatch, BadWeightsAndTimesChangeNothing) {
  const auto init = tutorial_model();
  const RowMatrix x = init.rvs(3, Seed{1});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  OnlineEM<NormalInverseGaussian> by_time(init, EWMAUpdate{.half_life = HalfLife::in_time(10.0)});
  (void)by_time.update(x, {.times = std::vector<double>{1.0, 1.0, 5.0}});
  const OnlineEM<NormalInverseGaussian> before = by_time;
  for (const BadBatch& bad : std::vector<BadBatch>{
           {{1.0, 1.0}, {5, 6, 7}, "weights must be one a row, 3, got 2"},
           {{1.0, -1.0, 1.0}, {5, 6, 7}, "weights[1] must be finite and >= 0, got -1"},
           {{1.0, 1.0, nan}, {5, 6, 7}, "weights[2] must be finite and >= 0, got nan"},
           {{1e308, 1e308, 1e308}, {5, 6, 7}, "the sum of weights must be finite"},
           {{}, {}, "times must be given"},
           {{}, {5, 6}, "times must be one a row, 3, got 2"},
           {{}, {5, nan, 7}, "times[1] must be finite"},
           {{}, {5, 7, 6}, "times[2] must be no earlier than the row before, got 6"},
           {{}, {4, 5, 6}, "times[0] must be no earlier than the row before, got 4"},
       }) {
    EXPECT_THAT(error_of([&] { (void)by_time.update(x, {.weights = bad.weights, .times = bad.times}); }),
                HasSubstr(bad.message));
    EXPECT_EQ(by_time, before) << bad.message;
  }
  OnlineEM<NormalInverseGaussian> by_rows(init);
  EXPECT_THAT(error_of([&] {
                (void)by_rows.update(x, {.times = std::vector<double>{1, 2, 3}});
              }),
              HasSubstr("times must be left out"));
}

}  // namespace
}  // namespace varimix::tests
