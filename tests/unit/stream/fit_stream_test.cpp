#include "varimix/stream/fit_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "support/close.hpp"
#include "support/fit_streams.hpp"
#include "support/rules.hpp"
#include "varimix/stream/array_source.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

class FitStream : public FitStreamTest {};

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

TEST_F(FitStream, AnErrorBeforeTheFirstStepLeavesTheStateAsItWas) {
  State state(init());
  (void)fit_stream(state, array(), {.batch_size = 500, .max_steps = 1});
  const State before = state;
  const auto fails = [](const SourcePosition& /*at*/) -> AnyBatchSource { throw std::runtime_error("gone"); };
  EXPECT_THROW((void)fit_stream(state, fails), std::runtime_error);
  EXPECT_EQ(state, before);
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
