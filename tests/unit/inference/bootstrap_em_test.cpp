#include "varimix/inference/bootstrap_em.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/bootstrap_states.hpp"
#include "support/threads.hpp"
#include "varimix/em/rules/update_rules.hpp"

namespace varimix::tests {
namespace {

using namespace bootstrap_states;

TEST(BootstrapWeights, ArePoissonAndDifferBetweenRowsReplicasStreamsAndKeys) {
  constexpr int kDraws = 40'000;
  double sum = 0.0, squares = 0.0, across = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double weight = bootstrap_weight(Key{5}, 0, 0, i) - 1.0;
    sum += weight;
    squares += weight * weight;
    across += weight * (bootstrap_weight(Key{5}, 0, 1, i) + bootstrap_weight(Key{5}, 1, 0, i) +
                        bootstrap_weight(Key{6}, 0, 0, i) + bootstrap_weight(Key{5}, 0, 0, i + 1) - 4.0);
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.02);  // 4 standard deviations
  EXPECT_NEAR(squares / kDraws, 1.0, 4.0 * std::sqrt(3.0 / kDraws));
  EXPECT_NEAR(across / kDraws, 0.0, 0.04);
}

TEST(BootstrapEM, FitsAsAStateWithoutReplicas) {
  OnlineEM<NormalInverseGaussian> alone = start();
  for (Index first = 0; first < kRows; first += 100) (void)alone.update(RowView(rows()).slice(first, 100));
  EXPECT_TRUE(learned().fit() == alone);
}

TEST(BootstrapEM, GivesEveryReplicaItsOwnWeights) {
  const Bootstrap state = learned({.replicas = 3, .key = Key{7}, .stream = 2});
  for (std::int64_t b = 0; b < 3; ++b) {
    auto replica = start(NaturalGradientUpdate{}, {.score = false});
    for (Index first = 0; first < kRows; first += 100) {
      std::vector<double> weights;
      for (Index i = first; i < first + 100; ++i) weights.push_back(bootstrap_weight(Key{7}, 2, b, i));
      (void)replica.update(RowView(rows()).slice(first, 100), {.weights = weights});
    }
    EXPECT_TRUE(state.replicas()[static_cast<std::size_t>(b)] == replica);
  }
}

TEST(BootstrapEM, DoesNotDependOnTheNumberOfThreads) {
  const auto with_threads = [](int count) {
    const ThreadLimit limit(count);
    return learned({.replicas = 9});
  };
  const Bootstrap one = with_threads(1);
  EXPECT_TRUE(one == with_threads(2));
  EXPECT_TRUE(one == with_threads(7));
}

TEST(BootstrapEM, GivesRowsTheSameWeightsHoweverTheyAreCut) {
  const UpdateRule averages = SampleWeightedUpdate{};
  const OnlineEMOptions frozen{.frozen = true};
  Bootstrap by_hundreds(start(averages, frozen), {.replicas = 3}), by_sevens(start(averages, frozen), {.replicas = 3});
  learn(by_hundreds, rows(), 100);
  learn(by_sevens, rows(), 7);
  for (std::size_t b = 0; b < 3; ++b) {
    EXPECT_DOUBLE_EQ(by_hundreds.replicas()[b].total_weight(), by_sevens.replicas()[b].total_weight());
    EXPECT_NEAR(law_difference(by_hundreds.replicas()[b].model(), by_sevens.replicas()[b].model()), 0.0, 1e-11);
  }
}

TEST(BootstrapEM, CountsARowOfWeightZeroAsAbsent) {
  RowMatrix with(kRows + 2, 2);
  with << RowMatrix::Constant(1, 2, 1e9), rows().topRows(50), RowMatrix::Constant(1, 2, -1e9), rows().bottomRows(1450);
  std::vector<double> weights(kRows + 2, 1.0);
  weights[0] = weights[51] = 0.0;
  Bootstrap state(start(), {.replicas = 3}), plain(start(), {.replicas = 3});
  (void)state.update(with, {.weights = weights});
  (void)plain.update(rows());
  EXPECT_TRUE(state == plain);
  EXPECT_EQ(state.rows().total, kRows);
}

TEST(BootstrapEM, MultipliesTheCallersWeights) {
  const std::vector<double> halves(kRows, 0.5);
  Bootstrap state(start(), {.replicas = 2}), plain(start(), {.replicas = 2});
  (void)state.update(rows(), {.weights = halves});
  (void)plain.update(rows());
  EXPECT_DOUBLE_EQ(state.replicas()[1].total_weight(), 0.5 * plain.replicas()[1].total_weight());
}

TEST(BootstrapEM, TakesMissingValues) {
  RowMatrix x = rows();
  for (Index i = 0; i < kRows; i += 3) x(i, i % 2) = std::nan("");
  Bootstrap state(start(NaturalGradientUpdate{}, {.missing = Missing::kExact}), {.replicas = 10});
  learn(state, x, 100);
  const StreamErrors errors = bootstrap_standard_errors(state, default_functionals(state.fit().model()));
  EXPECT_TRUE(errors.has_errors());
  EXPECT_GT(errors.bse.minCoeff(), 0.0);
}

TEST(BootstrapEM, LearnsBatchesOfOneRow) {
  Bootstrap state(start(), {.replicas = 4});
  learn(state, rows().topRows(60), 1);
  for (const auto& replica : state.replicas()) EXPECT_LT(replica.step(), 60);
  EXPECT_TRUE(bootstrap_standard_errors(state, default_functionals(state.fit().model())).has_errors());
}

TEST(BootstrapEM, TakesAStateThatTestsItsRowsAgainstAGaussian) {
  const OnlineEMOptions tested{.gaussian_test = true};
  Bootstrap state(start(NaturalGradientUpdate{}, tested), {.replicas = 3});
  learn(state, rows(), 100);
  EXPECT_TRUE(state.fit().state().gaussian_test.has_value());
  EXPECT_TRUE(state.replicas() == learned().replicas());
}

TEST(BootstrapEM, TakesRowsOfGivenNumbers) {
  Bootstrap state(start(), {.replicas = 2, .key = Key{7}});
  const std::vector<std::int64_t> numbers = {9, 2, 4};
  (void)state.update(rows().topRows(3), {}, numbers);
  double sum = 0.0;
  for (const std::int64_t number : numbers) sum += bootstrap_weight(Key{7}, 0, 1, number);
  EXPECT_EQ(state.replicas()[1].total_weight(), sum);
  EXPECT_EQ(state.rows().next, 10);
  (void)state.update(rows().topRows(3), {.repeats = true}, numbers);
  EXPECT_EQ(state.rows().total, 3);
  EXPECT_EQ(state.replicas()[1].total_weight(), 2.0 * sum);
}

TEST(BootstrapEM, RefusesNumbersThatRowsCannotHave) {
  Bootstrap state = learned();
  const Bootstrap before = state;
  const auto with = [&](const std::vector<std::int64_t>& numbers) {
    return refusal([&] { (void)state.update(rows().topRows(3), {}, numbers); });
  };
  EXPECT_NE(with({1, 2}).find("numbers must be one a row, got 2"), std::string::npos);
  EXPECT_NE(with({1, -1, 2}).find("got -1"), std::string::npos);
  EXPECT_NE(with({1, std::int64_t{1} << 53, 2}).find("2^53"), std::string::npos);
  EXPECT_TRUE(state == before);
}

TEST(BootstrapEM, ChangesNothingForRowsThatItRefuses) {
  Bootstrap state = learned();
  const Bootstrap before = state;
  RowMatrix bad = rows().topRows(3);
  bad(1, 1) = std::numeric_limits<double>::infinity();
  EXPECT_THROW((void)state.update(bad), std::invalid_argument);
  EXPECT_THROW((void)state.update(RowMatrix(0, 2)), std::invalid_argument);
  EXPECT_THROW((void)state.update(RowMatrix(RowMatrix::Zero(2, 3))), std::invalid_argument);
  EXPECT_THROW((void)state.update(rows(), {.weights = std::vector<double>(3, 1.0)}), std::invalid_argument);
  EXPECT_TRUE(state == before);
}

TEST(BootstrapEM, MergesWhatOtherStreamsLearned) {
  Bootstrap left(start(), {.replicas = 3, .stream = 0}), right(start(), {.replicas = 3, .stream = 1});
  learn(left, rows().topRows(800), 100);
  learn(right, rows().bottomRows(700), 100);
  OnlineEM<NormalInverseGaussian> fit = left.fit();
  fit.merge(right.fit());
  OnlineEM<NormalInverseGaussian> replica = left.replicas()[2];
  replica.merge(right.replicas()[2]);
  Bootstrap both = left;
  both.merge(right);
  EXPECT_TRUE(both.fit() == fit);
  EXPECT_TRUE(both.replicas()[2] == replica);
  EXPECT_EQ(both.rows().total, kRows);
  EXPECT_EQ(both.rows().next, 800);
  EXPECT_EQ(both.rows().streams, (std::vector<std::int64_t>{0, 1}));
  const Bootstrap before = both;
  EXPECT_NE(refusal([&] { both.merge(right); }).find("stream 1"), std::string::npos);
  EXPECT_TRUE(both == before);
}

TEST(BootstrapEM, IsNotMergedWithOneOfOtherDraws) {
  Bootstrap state = learned({.replicas = 3, .stream = 0});
  const auto merged_with = [&](const BootstrapOptions& options) {
    return refusal([&] { state.merge(learned(options)); });
  };
  EXPECT_NE(merged_with({.replicas = 4, .stream = 1}).find("3 replicas"), std::string::npos);
  EXPECT_NE(merged_with({.replicas = 3, .key = Key{1}, .stream = 1}).find("same key"), std::string::npos);
  EXPECT_NE(merged_with({.replicas = 3, .stream = 0}).find("stream 0"), std::string::npos);
}

TEST(BootstrapEM, RefusesOptionsOutsideTheirDomains) {
  EXPECT_NE(refusal([] { (void)Bootstrap(start(), {.replicas = 1}); }).find("replicas"), std::string::npos);
  EXPECT_NE(refusal([] { (void)Bootstrap(start(), {.stream = -1}); }).find("stream"), std::string::npos);
  EXPECT_NE(refusal([] { (void)Bootstrap(learned().fit(), {}); }).find("15 updates"), std::string::npos);
}

}  // namespace
}  // namespace varimix::tests
