#include "varimix/stream/fit_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "support/streams.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/callback_source.hpp"
#include "varimix/stream/checkpoint.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using State = OnlineEM<NormalInverseGaussian>;

const RowMatrix& rows() {
  static const RowMatrix x = tutorial_model().rvs(1000, Seed{4});
  return x;
}

NormalInverseGaussian init() { return NormalInverseGaussian::default_init(rows()); }

/// Returns a source of the rows as one array.
OpenSource array() {
  return [](const SourcePosition& at) -> AnyBatchSource {
    ArraySource source(rows());
    source.skip(at.rows());
    return source;
  };
}

/// Returns a source of the rows in chunks of `size`.
OpenSource chunks(Index size) {
  return [size](const SourcePosition& at) -> AnyBatchSource {
    return CallbackSource(2, [size, next = static_cast<Index>(at.rows())]() mutable -> std::optional<Batch> {
      if (next >= rows().rows()) return std::nullopt;
      const Index first = next;
      next = std::min(rows().rows(), first + size);
      return Batch{.x = RowView(rows()).slice(first, next - first)};
    });
  };
}

class FitStream : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("varimix_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::filesystem::path checkpoint() const { return folder_ / "state"; }

 private:
  std::filesystem::path folder_;
};

TEST_F(FitStream, IsALoopOverUpdates) {
  State looped(init());
  for (Index first = 0; first < 1000; first += 64) {
    (void)looped.update(RowView(rows()).slice(first, std::min<Index>(64, 1000 - first)));
  }
  State streamed(init());
  const auto result = fit_stream(streamed, array(), {.batch_size = 64});
  EXPECT_EQ(result.n_iter, 16);
  EXPECT_EQ(streamed.model(), looped.model());
  EXPECT_EQ(streamed.log_score(), looped.log_score());
  EXPECT_EQ(result.model, streamed.model());
  EXPECT_TRUE(result.status.has(StatusCode::kCompleted));
  EXPECT_EQ(streamed.position(), (SourcePosition{0, {{"", 1000}}}));
}

TEST_F(FitStream, DoesNotDependOnHowTheSourceWasCut) {
  for (const NamedRule& rule : all_rules()) {
    State whole(init(), rule.make(init()));
    (void)fit_stream(whole, array(), {.batch_size = 100, .passes = 2, .shuffle_buffer = 300});
    for (const Index size : {1, 7, 100, 333}) {
      for (const std::int64_t read_ahead : {0, 3}) {
        State cut(init(), rule.make(init()));
        (void)fit_stream(cut, chunks(size),
                         {.batch_size = 100, .passes = 2, .shuffle_buffer = 300, .read_ahead = read_ahead});
        EXPECT_EQ(cut, whole) << rule.name << " in chunks of " << size;
      }
    }
  }
}

TEST_F(FitStream, StoppedAndResumedItHasTheBitsOfOneThatWasNot) {
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

TEST_F(FitStream, StopsWhereItIsAskedTo) {
  State state(init());
  const auto result = fit_stream(state, array(), {.batch_size = 50}, std::nullopt,
                                 [](const BatchReport& report) { return report.step < 3; });
  EXPECT_EQ(result.n_iter, 3);
  EXPECT_TRUE(result.status.has(StatusCode::kInterrupted));
  EXPECT_EQ(state.position(), (SourcePosition{0, {{"", 150}}}));
}

TEST_F(FitStream, StopsEarlyWhereTheScoreNoLongerRises) {
  State state(init(), PolyakRuppertUpdate{}, Key{0}, {.score_half_life = 100.0});
  const auto result = fit_stream(
      state, array(), {.batch_size = 50, .passes = 100, .stop_when = EarlyStopping{.patience = 5, .min_gain = 0.5}});
  EXPECT_TRUE(result.status.has(StatusCode::kEarlyStopped)) << result.status;
  EXPECT_LT(result.n_iter, 100);
}

TEST_F(FitStream, BadRowsAreNamedByTheirPlaceAndTheStateHoldsTheStepsBefore) {
  const auto spoilt = [](const SourcePosition& /*at*/) -> AnyBatchSource {
    static RowMatrix x;
    x = rows();
    x(130, 1) = std::numeric_limits<double>::quiet_NaN();
    return ArraySource(x);
  };
  State state(init());
  EXPECT_THAT(
      error_of([&] { (void)fit_stream(state, spoilt, {.batch_size = 50}); }),
      HasSubstr("source must be finite, got nan in row 130 of the source (counted from 0), column 1; missing="));
  EXPECT_EQ(state.step(), 2);
  EXPECT_EQ(state.position().rows(), 100);
}

TEST_F(FitStream, ARowIsNamedByItsNumberInTheSourceHoweverItCame) {
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

TEST_F(FitStream, ASourceThatHasGrownIsGoneOnWith) {
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

TEST_F(FitStream, AnErrorBeforeTheFirstStepLeavesTheStateAsItWas) {
  State state(init());
  (void)fit_stream(state, array(), {.batch_size = 500, .max_steps = 1});
  const State before = state;
  const auto fails = [](const SourcePosition& /*at*/) -> AnyBatchSource { throw std::runtime_error("gone"); };
  EXPECT_THROW((void)fit_stream(state, fails), std::runtime_error);
  EXPECT_EQ(state, before);
}

TEST_F(FitStream, ItemsAreCountedAsTheyCome) {
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

TEST_F(FitStream, ACheckpointThatAsksForOtherPassesOrBuffersIsRefused) {
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

TEST_F(FitStream, ACheckpointOfAnotherFitIsRefused) {
  State state(init());
  (void)fit_stream(state, array(), {.batch_size = 500, .checkpoint = checkpoint()});
  State other(tutorial_model());
  EXPECT_THAT(error_of([&] { (void)fit_stream(other, array(), {.checkpoint = checkpoint()}); }),
              HasSubstr("checkpoint must be of a fit that started from the same model"));
  State rule(init(), IdentityUpdate{});
  EXPECT_THAT(error_of([&] { (void)fit_stream(rule, array(), {.checkpoint = checkpoint()}); }),
              HasSubstr("the same update rule, IdentityUpdate"));
}

TEST_F(FitStream, OptionsOutsideTheirDomainAreNamed) {
  State state(init());
  const auto error = [&](const StreamOptions& options) {
    return error_of([&] { (void)fit_stream(state, array(), options); });
  };
  EXPECT_THAT(error({.batch_size = 0}), HasSubstr("batch_size must be >= 1, got 0"));
  EXPECT_THAT(error({.passes = 0}), HasSubstr("passes must be >= 1, got 0"));
  EXPECT_THAT(error({.max_steps = -1}), HasSubstr("max_steps must be >= 0, got -1"));
  EXPECT_THAT(error({.shuffle_buffer = -1}), HasSubstr("shuffle_buffer must be >= 0"));
  EXPECT_THAT(error({.read_ahead = -1}), HasSubstr("read_ahead must be >= 0"));
  EXPECT_THAT(error({.every = 0}), HasSubstr("every must be >= 1"));
  State unscored(init(), IdentityUpdate{}, Key{0}, {.score = false});
  EXPECT_THAT(error_of([&] { (void)fit_stream(unscored, array(), {.stop_when = EarlyStopping{}}); }),
              HasSubstr("stop_when must be left out"));
}

TEST_F(FitStream, TheLeastOptionsAreTaken) {
  State state(init());
  const auto result = fit_stream(state, array(),
                                 {.batch_size = 1,
                                  .passes = 1,
                                  .max_steps = 0,
                                  .shuffle_buffer = 0,
                                  .read_ahead = 0,
                                  .checkpoint = checkpoint(),
                                  .every = 1});
  EXPECT_TRUE(result.status.has(StatusCode::kNotStarted));
  EXPECT_EQ(fit_stream(state, array(), {.batch_size = 1, .max_steps = 3}).n_iter, 3);
}

TEST_F(FitStream, TimesAreTheUpdates) {
  std::vector<double> times(1000);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = 0.25 * static_cast<double>(i);
  const EWMAUpdate rule{.half_life = HalfLife::in_time(20.0)};
  State streamed(init(), rule);
  (void)fit_stream(streamed, [&](const SourcePosition&) -> AnyBatchSource { return ArraySource(rows(), {}, times); },
                   {.batch_size = 500});
  State updated(init(), rule);
  for (const Index first : {0, 500}) {
    (void)updated.update(RowView(rows()).slice(first, 500),
                         {.times = std::span(times).subspan(static_cast<std::size_t>(first), 500)});
  }
  EXPECT_EQ(streamed.eta(), updated.eta());
  times[700] = 1.0;
  State refused(init(), rule);
  EXPECT_THAT(error_of([&] {
                (void)fit_stream(
                    refused, [&](const SourcePosition&) -> AnyBatchSource { return ArraySource(rows(), {}, times); },
                    {.batch_size = 500});
              }),
              HasSubstr("no earlier than the row before"));
}

}  // namespace
}  // namespace varimix::tests
