#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/fit_streams.hpp"
#include "support/models.hpp"
#include "varimix/em/rules/update_rules.hpp"
#include "varimix/stream/bootstrap_checkpoint.hpp"
#include "varimix/stream/checkpoint.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr int kReplicas = 3;
const Key kKey{5};

class FitStreamBootstrap : public FitStreamTest {
 protected:
  using Bootstrap = BootstrapEM<NormalInverseGaussian>;

  static Bootstrap fresh(const UpdateRule& rule = NaturalGradientUpdate{},
                         const BootstrapOptions& options = {.replicas = kReplicas, .key = kKey}) {
    return Bootstrap(State(init(), rule, Key{3}), options);
  }
  static Bootstrap read_from(const std::filesystem::path& path) { return std::get<Bootstrap>(load_bootstrap(path)); }
  /// Returns the weight that the rows first, ..., first + 999 have in a replica together.
  static double drawn(std::int64_t b, std::int64_t first = 0) {
    double sum = 0.0;
    for (std::int64_t i = first; i < first + 1000; ++i) sum += bootstrap_weight(kKey, 0, b, i);
    return sum;
  }
};

TEST_F(FitStreamBootstrap, HasTheBitsOfALoopOfUpdates) {
  Bootstrap looped = fresh();
  for (Index first = 0; first < 1000; first += 70) {
    (void)looped.update(RowView(rows()).slice(first, std::min<Index>(70, 1000 - first)));
  }
  Bootstrap streamed = fresh();
  State alone(init(), NaturalGradientUpdate{}, Key{3});
  const StreamOptions options{.batch_size = 70};
  const auto result = fit_stream(streamed, chunks(33), options);
  const auto result_alone = fit_stream(alone, array(), options);
  EXPECT_TRUE(streamed.replicas() == looped.replicas());
  EXPECT_EQ(streamed.rows(), looped.rows());
  EXPECT_EQ(streamed.fit(), alone);
  EXPECT_EQ(result.model, streamed.fit().model());
  EXPECT_EQ(result.log_likelihoods, result_alone.log_likelihoods);
  EXPECT_EQ(result.n_iter, 15);
  EXPECT_TRUE(result.status.has(StatusCode::kCompleted));
}

TEST_F(FitStreamBootstrap, StoppedAndResumedItHasTheBitsOfOneThatWasNot) {
  for (const std::int64_t shuffle : {0, 150}) {
    for (const UpdateRule& rule :
         {UpdateRule(NaturalGradientUpdate{}), UpdateRule(EWMAUpdate{.w = 0.2}), UpdateRule(PolyakRuppertUpdate{})}) {
      const StreamOptions plain{.batch_size = 70, .passes = 2, .shuffle_buffer = shuffle};
      Bootstrap undisturbed = fresh(rule);
      (void)fit_stream(undisturbed, chunks(33), plain);
      std::filesystem::remove(checkpoint());
      StreamOptions saved = plain;
      saved.checkpoint = checkpoint();
      saved.every = 2;
      saved.max_steps = 7;  // of 30: the run is cut off four times, twice in the second pass
      for (int run = 0; run < 5; ++run) {
        Bootstrap state = fresh(rule);
        (void)fit_stream(state, chunks(10 + run), saved);
      }
      EXPECT_TRUE(read_from(checkpoint()) == undisturbed) << called(rule) << ", shuffled in " << shuffle;
    }
  }
}

TEST_F(FitStreamBootstrap, GivesARowOneWeightInAllPassesAndBatches) {
  for (const std::int64_t shuffle : {0, 150}) {
    for (const std::int64_t batch_size : {1, 70, 2000}) {
      Bootstrap state = fresh(SampleWeightedUpdate{});
      (void)fit_stream(state, chunks(33), {.batch_size = batch_size, .passes = 3, .shuffle_buffer = shuffle});
      for (std::int64_t b = 0; b < kReplicas; ++b) {
        EXPECT_EQ(state.replicas()[static_cast<std::size_t>(b)].total_weight(), 3.0 * drawn(b))
            << "batches of " << batch_size << ", shuffled in " << shuffle;
      }
      EXPECT_EQ(state.rows().total, 1000);
      EXPECT_EQ(state.rows().next, 1000);
    }
  }
}

// The statistics are the sums of all rows with their weights, so that each row must have its own in any order.
TEST_F(FitStreamBootstrap, GivesAShuffledRowTheWeightOfItsPlace) {
  const auto learned = [&](std::int64_t shuffle) {
    Bootstrap state(State(init(), SampleWeightedUpdate{}, Key{3}, {.frozen = true}),
                    {.replicas = kReplicas, .key = kKey});
    (void)fit_stream(state, array(), {.batch_size = 70, .shuffle_buffer = shuffle});
    return state;
  };
  const Bootstrap in_order = learned(0), shuffled = learned(200);
  for (std::size_t b = 0; b < kReplicas; ++b) {
    EXPECT_NEAR(law_difference(in_order.replicas()[b].model(), shuffled.replicas()[b].model()), 0.0, 1e-11);
  }
}

TEST_F(FitStreamBootstrap, CountsRowsOfWeightZeroAmongTheNumbers) {
  std::vector<double> weights(1000, 1.0);
  for (std::size_t i = 0; i < weights.size(); i += 3) weights[i] = 0.0;
  Bootstrap state = fresh(SampleWeightedUpdate{});
  (void)fit_stream(state, [&](const SourcePosition&) -> AnyBatchSource { return ArraySource(rows(), weights); },
                   {.batch_size = 70});
  double sum = 0.0;
  for (std::int64_t i = 0; i < 1000; ++i) sum += i % 3 == 0 ? 0.0 : bootstrap_weight(kKey, 0, 1, i);
  EXPECT_EQ(state.replicas()[1].total_weight(), sum);
  EXPECT_EQ(state.rows().total, 666);
  EXPECT_EQ(state.rows().next, 999);
  EXPECT_TRUE(std::get<Bootstrap>(bootstrap_from_bytes(to_bytes(state))) == state);
}

TEST_F(FitStreamBootstrap, TakesTheRowsOfAnotherCallAsOthers) {
  Bootstrap state = fresh(SampleWeightedUpdate{});
  const StreamOptions options{.batch_size = 70, .passes = 2};
  (void)fit_stream(state, array(), options);
  (void)fit_stream(state, array(), options);
  EXPECT_EQ(state.replicas()[2].total_weight(), 2.0 * (drawn(2) + drawn(2, 1000)));
  EXPECT_EQ(state.rows().total, 2000);
  EXPECT_EQ(state.rows().first, 1000);
  EXPECT_TRUE(std::get<Bootstrap>(bootstrap_from_bytes(to_bytes(state))) == state);
}

TEST_F(FitStreamBootstrap, GoesOnWithASourceThatHasGrown) {
  const auto grown_to = [](Index count) -> OpenSource {
    return [count](const SourcePosition& at) -> AnyBatchSource {
      ArraySource source(RowView(rows()).slice(0, count));
      source.skip(at.rows());
      return source;
    };
  };
  for (const std::int64_t shuffle : {0, 150}) {
    std::filesystem::remove(checkpoint());
    for (const Index count : {400, 1000}) {
      Bootstrap state = fresh(SampleWeightedUpdate{});
      (void)fit_stream(state, grown_to(count),
                       {.batch_size = 70, .shuffle_buffer = shuffle, .checkpoint = checkpoint()});
    }
    EXPECT_EQ(read_from(checkpoint()).replicas()[0].total_weight(), drawn(0)) << "shuffled in " << shuffle;
  }
}

TEST_F(FitStreamBootstrap, StopsWhereTheCallbackSays) {
  Bootstrap state = fresh();
  int steps = 0;
  const auto result = fit_stream(state, array(), {.batch_size = 70}, [&](const BatchReport&) { return ++steps < 4; });
  EXPECT_TRUE(result.status.has(StatusCode::kInterrupted));
  EXPECT_EQ(state.fit().step(), 4);
  EXPECT_EQ(state.rows().total, 280);
}

TEST_F(FitStreamBootstrap, ChangesNothingForASourceThatItRefuses) {
  RowMatrix bad = rows();
  bad(30, 1) = std::numeric_limits<double>::infinity();
  Bootstrap state = fresh();
  const Bootstrap before = state;
  EXPECT_THAT(error_of([&] {
                (void)fit_stream(state, [&](const SourcePosition&) -> AnyBatchSource { return ArraySource(bad); },
                                 {.batch_size = 70});
              }),
              HasSubstr("got inf in row 30 of the source (counted from 0), column 1"));
  EXPECT_TRUE(state == before);
}

TEST_F(FitStreamBootstrap, RefusesTheCheckpointOfAnotherFit) {
  Bootstrap state = fresh();
  const StreamOptions options{.batch_size = 500, .checkpoint = checkpoint()};
  (void)fit_stream(state, array(), options);
  const auto error_for = [&](Bootstrap other) { return error_of([&] { (void)fit_stream(other, array(), options); }); };
  EXPECT_THAT(error_for(fresh(NaturalGradientUpdate{}, {.replicas = kReplicas, .key = Key{6}})),
              HasSubstr("checkpoint must be of a bootstrap with the same key and stream"));
  EXPECT_THAT(error_for(fresh(NaturalGradientUpdate{}, {.replicas = kReplicas, .key = kKey, .stream = 1})),
              HasSubstr("the same key and stream"));
  EXPECT_THAT(error_for(fresh(NaturalGradientUpdate{}, {.replicas = 4, .key = kKey})),
              HasSubstr("checkpoint must be of a bootstrap of 4 replicas, got 3"));
  EXPECT_THAT(error_for(fresh(EWMAUpdate{})), HasSubstr("the same update rule, EWMAUpdate"));
  BootstrapEM<VarianceGamma> family(OnlineEM(VarianceGamma::default_init(rows())),
                                    {.replicas = kReplicas, .key = kKey});
  EXPECT_THAT(error_of([&] { (void)fit_stream(family, array(), options); }),
              HasSubstr("checkpoint must be of a bootstrap of VarianceGamma"));
  State alone(init(), NaturalGradientUpdate{}, Key{3});
  EXPECT_THROW((void)fit_stream(alone, array(), options), CheckpointError);
}

}  // namespace
}  // namespace varimix::tests
