#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/checkpoints.hpp"
#include "support/close.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/checkpoint.hpp"
#include "varimix/stream/fit_stream.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using State = OnlineEM<NormalInverseGaussian>;

const RowMatrix& rows() {
  static const RowMatrix x = tutorial_model().rvs(330, Seed{4});
  return x;
}

OpenSource array() {
  return [](const SourcePosition& at) -> AnyBatchSource {
    ArraySource source(rows());
    source.skip(at.rows());
    return source;
  };
}

TEST(FitStreamEnds, ARegularEndAdvisesNothing) {
  State state(tutorial_model());
  const auto all = fit_stream(state, array(), {.batch_size = 100});
  EXPECT_TRUE(all.status.has(StatusCode::kCompleted));
  EXPECT_FALSE(all.status.has(StatusCode::kBudgetSpent));
  EXPECT_THAT(all.summary(), HasSubstr("completed (the source was read to its end)."));
  EXPECT_THAT(all.summary(), Not(HasSubstr("allow more")));
  State short_one(tutorial_model());
  EXPECT_THAT(fit_stream(short_one, array(), {.batch_size = 100, .max_steps = 2}).summary(),
              HasSubstr("completed (2 steps)."));
}

TEST(FitStreamEnds, TheSummaryHasTheMeanScoreOfAllRowsNotOfTheLastBatch) {
  for (const bool score : {true, false}) {
    State state(tutorial_model(), EWMAUpdate{}, Key{0}, {.score = score});
    const auto result = fit_stream(state, array(), {.batch_size = 100});  // the last batch has 30 rows
    ASSERT_TRUE(result.log_score.has_value());
    ASSERT_EQ(result.log_likelihoods.size(), 4U);
    double total = 0.0;
    for (std::size_t k = 0; k < 4; ++k) total += (k < 3 ? 100.0 : 30.0) * result.log_likelihoods[k];
    EXPECT_TRUE(is_close(*result.log_score, total / 330.0, 1e-13));
    if (score) {
      EXPECT_TRUE(is_close(*result.log_score, state.log_score().mean(), 1e-13));
    }
    EXPECT_THAT(result.summary(), HasSubstr("mean log score"));
  }
}

class CheckpointSettings : public ::testing::Test {
 protected:
  /// Returns the error of a stream that finds a checkpoint with the rule `saved` and is asked for the rule `asked`.
  [[nodiscard]] std::string error(const UpdateRule& saved, const UpdateRule& asked) const {
    std::filesystem::remove(path_);
    const StreamOptions options{.batch_size = 50, .max_steps = 2, .checkpoint = path_};
    State first(tutorial_model().rescale_y(3.0), saved);
    (void)fit_stream(first, array(), options);
    State second(tutorial_model().rescale_y(3.0), asked);
    const State before = second;
    std::string message = error_of([&] { (void)fit_stream(second, array(), options, rule_to_load(asked)); });
    if (!message.empty()) {
      EXPECT_EQ(second, before);
    }
    return message;
  }

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "state";
};

TEST_F(CheckpointSettings, OfAnotherSettingAreRefused) {
  const Eta eta0 = tutorial_model().rescale_y(3.0).compute_eta_from_model();
  const Eta other = eta0_isotropic(tutorial_model().rescale_y(3.0), 2.0);
  const auto pairs = std::vector<std::pair<UpdateRule, UpdateRule>>{
      {EWMAUpdate{.w = 0.1}, EWMAUpdate{.w = 0.9}},
      {EWMAUpdate{.half_life = 50.0}, EWMAUpdate{.half_life = 60.0}},
      {EWMAUpdate{.w = 0.1}, EWMAUpdate{.half_life = 60.0}},
      {RobbinsMonroUpdate{.tau0 = 10.0}, RobbinsMonroUpdate{.tau0 = 11.0}},
      {SampleWeightedUpdate{}, SampleWeightedUpdate{.n0 = 1.0}},
      {AffineUpdate{.b = 0.5, .c = 0.5}, AffineUpdate{.b = 0.4, .c = 0.6}},
      {AffineUpdate{.a = eta0, .b = 0.5, .c = 0.5}, AffineUpdate{.a = other, .b = 0.5, .c = 0.5}},
      {PolyakRuppertUpdate{}, PolyakRuppertUpdate{.exponent = 0.7}},
      {PolyakRuppertUpdate{}, PolyakRuppertUpdate{.n0 = 9.0}},
      {PolyakAverage{EWMAUpdate{}}, PolyakAverage{UpdateRule(EWMAUpdate{}), 3}},
      {PolyakAverage{EWMAUpdate{}}, PolyakAverage{EWMAUpdate{.w = 0.2}}},
      {BlockIncrementalUpdate{.blocks = 3}, BlockIncrementalUpdate{.blocks = 4}},
      {Shrinkage{EWMAUpdate{}, eta0, 0.5}, Shrinkage{EWMAUpdate{}, eta0, 0.6}},
      {Shrinkage{EWMAUpdate{}, eta0, 0.5}, Shrinkage{EWMAUpdate{}, other, 0.5}},
      {Shrinkage{EWMAUpdate{}, eta0, 0.5}, Shrinkage{EWMAUpdate{}, eta0, 0.5, true}},
      {Shrinkage{EWMAUpdate{}, eta0, 0.5}, Shrinkage{EWMAUpdate{.w = 0.2}, eta0, 0.5}}};
  for (const auto& [saved, asked] : pairs) {
    EXPECT_THAT(error(saved, asked),
                HasSubstr("checkpoint must be of a fit with the same settings of " + asked.name()));
    EXPECT_EQ(error(saved, saved), "") << saved.name();
  }
  EXPECT_EQ(error(EWMAUpdate{}, EWMAUpdate{.w = EWMAUpdate::kDefaultW}), "") << "the default, said in words";
  EXPECT_THAT(error(EWMAUpdate{}, IdentityUpdate{}), HasSubstr("the same update rule, IdentityUpdate"));
}

TEST_F(CheckpointSettings, OfTheSameSettingGoOnForEveryRule) {
  for (const NamedRule& rule : all_rules()) {
    const UpdateRule made = rule.make(tutorial_model().rescale_y(3.0));
    EXPECT_EQ(error(made, made), "") << rule.name;
  }
}

}  // namespace
}  // namespace varimix::tests
