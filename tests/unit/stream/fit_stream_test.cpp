#include "varimix/stream/fit_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/callback_source.hpp"
#include "varimix/stream/checkpoint.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using State = OnlineEM<InverseGaussian>;

const RowMatrix& rows() {
  static const RowMatrix x = tutorial_model().rvs(1000, Seed{4});
  return x;
}

NormalInverseGaussian init() { return NormalInverseGaussian::default_init(rows()); }

/// The rows as one array.
OpenSource array() {
  return [](const SourcePosition& at) -> AnyBatchSource {
    ArraySource source(rows());
    source.skip(at.rows);
    return source;
  };
}

/// The rows in chunks of `size`.
OpenSource chunks(Index size) {
  return [size](const SourcePosition& at) -> AnyBatchSource {
    return CallbackSource(2, [size, next = static_cast<Index>(at.rows)]() mutable -> std::optional<Batch> {
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
  EXPECT_EQ(streamed.position(), (SourcePosition{1, 0}));
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
      saved.max_steps = 7;  // the run is cut off three times, once in the second pass
      for (int run = 0; run < 5; ++run) {
        State state(init(), rule.make(init()), Key{3});
        (void)fit_stream(state, chunks(10 + run), saved, rule_to_load(rule.make(init())));
      }
      EXPECT_EQ(load<InverseGaussian>(checkpoint(), rule_to_load(rule.make(init()))), undisturbed) << rule.name << ", shuffled in " << shuffle;
    }
  }
}

TEST_F(FitStream, StopsWhereItIsAskedTo) {
  State state(init());
  const auto result = fit_stream(state, array(), {.batch_size = 50}, std::nullopt,
                                 [](const BatchReport& report) { return report.step < 3; });
  EXPECT_EQ(result.n_iter, 3);
  EXPECT_TRUE(result.status.has(StatusCode::kInterrupted));
  EXPECT_EQ(state.position(), (SourcePosition{0, 150}));
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
  EXPECT_THAT(error_of([&] { (void)fit_stream(state, spoilt, {.batch_size = 50}); }),
              ::testing::AllOf(HasSubstr("the batch that starts at row 100 of the source"), HasSubstr("column 1")));
  EXPECT_EQ(state.step(), 2);
  EXPECT_EQ(state.position().rows, 100);
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

}  // namespace
}  // namespace varimix::tests
