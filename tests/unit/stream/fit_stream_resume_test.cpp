#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <memory>
#include <vector>

#include "support/close.hpp"
#include "support/fit_streams.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "support/streams.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/checkpoint.hpp"
#include "varimix/stream/fit_stream.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

class FitStreamResume : public FitStreamTest {};

TEST_F(FitStreamResume, StoppedAndResumedItHasTheBitsOfOneThatWasNot) {
  for (const std::int64_t shuffle : {0, 150}) {
    for (const NamedRule& rule : all_rules()) {
      const StreamOptions plain{.batch_size = 70, .passes = 2, .shuffle_buffer = shuffle};
      State undisturbed(init(), rule.make(init()), Key{3});
      (void)fit_stream(undisturbed, chunks(33), plain);
      std::filesystem::remove(checkpoint());
      StreamOptions saved = plain;
      saved.checkpoint = checkpoint();
      saved.every = 2;
      saved.max_steps = 7;  // of 30: the run is cut off four times, twice in the second pass
      for (int run = 0; run < 5; ++run) {
        State state(init(), rule.make(init()), Key{3});
        (void)fit_stream(state, chunks(10 + run), saved, rule_to_load(rule.make(init())));
      }
      EXPECT_EQ(load<NormalInverseGaussian>(checkpoint(), rule_to_load(rule.make(init()))), undisturbed)
          << rule.name << ", shuffled in " << shuffle;
    }
  }
}

TEST_F(FitStreamResume, ARowIsNamedByItsNumberInTheSourceHoweverItCame) {
  constexpr std::int64_t kBad = 777;
  const auto spoilt = [](const SourcePosition& at) -> AnyBatchSource {
    static StreamRows all;
    all = {rows()};
    all.x(kBad, 0) = std::numeric_limits<double>::infinity();
    all.weights.assign(1000, 1.0);
    for (std::size_t i = 0; i < all.weights.size(); i += 3) all.weights[i] = 0.0;  // row 777 among them
    all.weights[kBad] = 1.0;
    ArraySource source(all.x, all.weights);
    source.skip(at.rows());
    return source;
  };
  for (const std::int64_t shuffle : {0, 90}) {
    for (const std::int64_t batch_size : {1, 70, 2000}) {
      std::filesystem::remove(checkpoint());
      StreamOptions options{
          .batch_size = batch_size, .max_steps = 3, .shuffle_buffer = shuffle, .checkpoint = checkpoint()};
      if (batch_size == 2000) options.max_steps = 0;
      State stopped(init());
      (void)fit_stream(stopped, spoilt, options);
      options.max_steps = std::numeric_limits<std::int64_t>::max();
      State resumed(init());
      EXPECT_THAT(error_of([&] { (void)fit_stream(resumed, spoilt, options); }),
                  HasSubstr("got inf in row 777 of the source (counted from 0), column 0"))
          << "batches of " << batch_size << ", shuffled in " << shuffle;
    }
  }
}

TEST_F(FitStreamResume, ASourceThatHasGrownIsGoneOnWith) {
  for (const std::int64_t shuffle : {0, 150}) {
    std::filesystem::remove(checkpoint());
    const auto grown_to = [](Index count) -> OpenSource {
      return [count](const SourcePosition& at) -> AnyBatchSource {
        ArraySource source(RowView(rows()).slice(0, count));
        source.skip(at.rows());
        return source;
      };
    };
    const StreamOptions options{.batch_size = 70, .shuffle_buffer = shuffle, .checkpoint = checkpoint()};
    for (const Index count : {400, 1000}) {
      State state(init());
      (void)fit_stream(state, grown_to(count), options);
      EXPECT_EQ(state.total_weight(), static_cast<double>(count)) << "shuffled in " << shuffle;
      EXPECT_EQ(state.position(), (SourcePosition{0, {{"", count}}}));
    }
    State again(init());
    const auto result = fit_stream(again, grown_to(1000), options);
    EXPECT_EQ(again.total_weight(), 1000.0);
    EXPECT_TRUE(result.status.has(StatusCode::kNoRows)) << result.status;
    EXPECT_FALSE(result.status.has(StatusCode::kNotStarted)) << result.status;
  }
}

TEST_F(FitStreamResume, ItemsAreCountedAsTheyCome) {
  const auto items = std::make_shared<SourceItems>();
  const auto open = [&](const SourcePosition& at) -> AnyBatchSource {
    const bool is_first = at.items.empty();
    items->begin(0, 0, "a", is_first);
    items->begin(100, is_first ? 1 : 2, is_first ? "c" : "b", true);
    return ArraySource(RowView(rows()).slice(0, 250));
  };
  StreamOptions options{.batch_size = 60, .checkpoint = checkpoint(), .items = items};
  State state(init());
  (void)fit_stream(state, open, options);
  EXPECT_EQ(state.position().items, (std::vector<SourceItem>{{"a", 100}, {"c", 150}}));
  (void)fit_stream(state, open, options);
  EXPECT_EQ(state.position().items, (std::vector<SourceItem>{{"a", 200}, {"c", 150}, {"b", 150}}));
}

TEST_F(FitStreamResume, ACheckpointThatAsksForOtherPassesOrBuffersIsRefused) {
  State state(init());
  (void)fit_stream(state, array(),
                   {.batch_size = 100, .passes = 2, .max_steps = 13, .shuffle_buffer = 50, .checkpoint = checkpoint()});
  const auto error = [&](const StreamOptions& options) {
    State other(init());
    return error_of([&] { (void)fit_stream(other, array(), options); });
  };
  EXPECT_THAT(error({.shuffle_buffer = 50, .checkpoint = checkpoint()}), HasSubstr("passes must be >= 2"));
  EXPECT_THAT(error({.passes = 2, .checkpoint = checkpoint()}), HasSubstr("shuffle_buffer must be 50"));
}

TEST_F(FitStreamResume, ACheckpointOfAnotherFitIsRefused) {
  State state(init());
  (void)fit_stream(state, array(), {.batch_size = 500, .checkpoint = checkpoint()});
  State other(tutorial_model());
  EXPECT_THAT(error_of([&] { (void)fit_stream(other, array(), {.checkpoint = checkpoint()}); }),
              HasSubstr("checkpoint must be of a fit that started from the same model"));
  State rule(init(), IdentityUpdate{});
  EXPECT_THAT(error_of([&] { (void)fit_stream(rule, array(), {.checkpoint = checkpoint()}); }),
              HasSubstr("the same update rule, IdentityUpdate"));
}

}  // namespace
}  // namespace varimix::tests
