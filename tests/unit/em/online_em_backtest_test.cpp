#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "stream/cbor.hpp"
#include "support/checkpoints.hpp"
#include "support/close.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/em/incremental_em_fitter.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/checkpoint.hpp"
#include "varimix/stream/fit_stream.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using State = OnlineEM<NormalInverseGaussian>;

class OnlineEMBacktest : public ::testing::Test {
 public:
  RowMatrix x = some_model(2, 17, 0.2).rvs(900, Seed{9});
  NormalInverseGaussian init = NormalInverseGaussian::default_init(x);
  std::vector<WatchedPortfolio> portfolios = {{"equal", Vector::Constant(2, 0.5), 0.05},
                                              {"spread", (Vector(2) << 1.0, -1.0).finished(), 0.1}};

  [[nodiscard]] State start(const std::vector<WatchedPortfolio>& watched) const {
    return State(init, default_rule<NormalInverseGaussian>(), Key{0}, {.portfolios = watched});
  }
  [[nodiscard]] State start() const { return start(portfolios); }
  [[nodiscard]] State after(State state, Index first, Index count) const {
    for (Index k = 0; k < count; k += 100)
      (void)state.update(RowView(x).slice(first + k, std::min<Index>(100, count - k)));
    return state;
  }
  /// Returns the backtests of rows by a loop of a user's own.
  [[nodiscard]] std::vector<PortfolioBacktest> alone(State state, Index first, Index count) const {
    std::vector<PortfolioBacktest> all(portfolios.size());
    for (Index k = 0; k < count; k += 100) {
      const auto rows = RowView(x).slice(first + k, std::min<Index>(100, count - k));
      for (std::size_t p = 0; p < all.size(); ++p) {
        const PortfolioRisk risk = portfolio_risk(state.model(), portfolios[p].weights, portfolios[p].alpha);
        all[p].add(portfolios[p], TailForecast{risk.value_at_risk, risk.expected_shortfall}, rows);
      }
      (void)state.update(rows);
    }
    return all;
  }
};

TEST_F(OnlineEMBacktest, IsThatOfTheModelsShownBeforeEachBatchAndLearnsAsWithout) {
  const State state = after(start(), 0, 900);
  EXPECT_EQ(state.backtests(), alone(start({}), 0, 900));
  EXPECT_EQ(state.backtests()[0].counts.days(), 900);
  EXPECT_GT(state.backtests()[1].counts.failures(), 50);
  const State without = after(start({}), 0, 900);
  EXPECT_TRUE(without.backtests().empty());
  EXPECT_EQ(state.model(), without.model());
  EXPECT_EQ(state.log_score(), without.log_score());
}

TEST_F(OnlineEMBacktest, RowsOfWeightZeroAreNoDaysAndOtherWeightsCountADayOnce) {
  State state = start();
  std::vector<double> weights(900, 1.0);
  for (std::size_t i = 0; i < 900; i += 3) weights[i] = i % 2 == 0 ? 0.0 : 2.5;
  (void)state.update(x, {.weights = weights});
  EXPECT_EQ(state.backtests()[0].counts.days(), 750);
}

TEST_F(OnlineEMBacktest, ARowThatLacksAColumnHeldIsNoDay) {
  RowMatrix gaps = x;
  gaps(5, 0) = std::numeric_limits<double>::quiet_NaN();
  gaps(7, 1) = gaps(5, 0);
  State state(init, default_rule<NormalInverseGaussian>(), Key{0},
              {.missing = Missing::kExact, .portfolios = {{"first", Vector::Unit(2, 0), 0.05}}});
  (void)state.update(gaps);
  EXPECT_EQ(state.backtests()[0].counts.days(), 899);
  EXPECT_EQ(state.backtests()[0].without_return, 1);
}

TEST_F(OnlineEMBacktest, RowsOfALaterPassAndRowsDrawnAreNoDays) {
  State once = start();
  State thrice = start();
  const auto open = [&](const SourcePosition& at) -> AnyBatchSource {
    ArraySource source(x);
    source.skip(at.rows());
    return source;
  };
  (void)fit_stream(once, open, {.batch_size = 100});
  (void)fit_stream(thrice, open, {.batch_size = 100, .passes = 3});
  EXPECT_EQ(once.backtests(), alone(start({}), 0, 900));
  EXPECT_EQ(thrice.backtests(), once.backtests());
  State drawn = start();
  (void)IncrementalEMFitter({.batch_size = 100, .max_steps = 5}).fit(drawn, x, Key{1});
  EXPECT_EQ(drawn.step(), 5);
  EXPECT_EQ(drawn.backtests()[0], PortfolioBacktest{});
}

TEST_F(OnlineEMBacktest, ForksCountTheDaysBeforeThemOnce) {
  State parent = after(start(), 0, 300);
  State other = parent.fork();
  EXPECT_EQ(parent.backtests(), other.backtests());
  EXPECT_EQ(parent.backtests()[0].counts.days(), 300);
  State mine = after(parent, 300, 200);
  State theirs = after(other, 500, 400);
  std::vector<PortfolioBacktest> expected = mine.backtests();
  merge_backtests(expected, alone(State(other), 500, 400));
  mine.merge(theirs);
  EXPECT_EQ(mine.backtests()[0].counts, expected[0].counts);
  EXPECT_EQ(mine.backtests()[1].counts, expected[1].counts);
  EXPECT_EQ(mine.backtests()[0].counts.days(), 900);
  EXPECT_EQ(mine.backtests()[0].shortfall.days, 900);

  State deep = mine.fork().fork();
  deep = after(std::move(deep), 0, 100);
  mine.merge(deep);
  EXPECT_EQ(mine.backtests()[0].counts, deep.backtests()[0].counts) << "mine had learned nothing since";
}

TEST_F(OnlineEMBacktest, NestedForksMergeInAnyOrderToTheSameNumberOfDays) {
  State a = after(start(), 0, 100);
  State b = a.fork();
  a = after(std::move(a), 100, 100);
  State c = a.fork();
  a = after(std::move(a), 200, 100);
  b = after(std::move(b), 300, 100);
  c = after(std::move(c), 400, 100);
  State abc = a;
  abc.merge(c);
  abc.merge(b);
  State bca = b;
  State ca = c;
  ca.merge(a);
  bca.merge(ca);
  EXPECT_EQ(abc.backtests()[0].counts.days(), 500);
  EXPECT_EQ(bca.backtests()[0].counts.days(), 500);
  EXPECT_EQ(abc.backtests()[0].counts.failures(), bca.backtests()[0].counts.failures());
  EXPECT_EQ(abc.total_weight(), 500.0);
}

TEST_F(OnlineEMBacktest, StatesOfOneStartMergeAndOtherPortfoliosAreRefused) {
  State state = after(start(), 0, 400);
  state.merge(after(start(), 400, 500));
  EXPECT_EQ(state.backtests()[0].counts.days(), 900);
  EXPECT_THAT(error_of([&] { state.merge(after(start({}), 400, 100)); }), HasSubstr("the same options"));
  portfolios[0].alpha = 0.01;
  EXPECT_THAT(error_of([&] { state.merge(after(start(), 400, 100)); }), HasSubstr("the same options"));
  State forced = after(start(), 0, 400);
  forced.merge(after(start(), 0, 400), true);
  EXPECT_EQ(forced.backtests()[0].counts.days(), 800);
}

TEST_F(OnlineEMBacktest, GoesOnFromACheckpointToTheSameBits) {
  State parent = after(start(), 0, 300);
  State state = parent.fork();
  for (const Index rows : {0, 300}) {
    const State saved = after(state, 300, rows);
    const State back = from_bytes<NormalInverseGaussian>(to_bytes(saved));
    EXPECT_EQ(back, saved);
    EXPECT_EQ(back.backtests(), saved.backtests());
    EXPECT_EQ(to_bytes(back), to_bytes(saved));
    EXPECT_EQ(to_bytes(after(back, 300 + rows, 200)), to_bytes(after(saved, 300 + rows, 200)));
    State merged = after(back, 300 + rows, 100);
    merged.merge(after(parent, 800, 100));
    EXPECT_EQ(merged.backtests()[0].counts.days(), 500 + rows) << "the ancestor holds its days";
  }
}

TEST_F(OnlineEMBacktest, HasTheSameBitsForEveryNumberOfThreads) {
  State expected = start();
  (void)expected.update(x);
  for (const int count : {1, 2, 7}) {
    const ThreadLimit limit(count);
    State state = start();
    (void)state.update(x);
    EXPECT_EQ(state, expected) << count;
  }
}

TEST_F(OnlineEMBacktest, PortfoliosOfAnotherDimensionAreRefusedAtTheStart) {
  EXPECT_THAT(error_of([&] { (void)start({{"a", Vector::Ones(3)}}); }), HasSubstr("of dimension 2, got 3"));
  EXPECT_THAT(error_of([&] { (void)start({{"a", Vector::Ones(2), 2.0}}); }), HasSubstr("[1e-50, 1)"));
}

TEST_F(OnlineEMBacktest, CheckpointsWithoutPortfoliosKeepTheirBytesAndSchema) {
  constexpr std::size_t kSchemaAt = 8;
  const auto plain = to_bytes(after(start({}), 0, 300));
  const Json value = decode_cbor(unwrap_checkpoint(plain));
  EXPECT_FALSE(value.at("state").contains("backtests"));
  EXPECT_FALSE(value.at("state").at("options").contains("portfolios"));
  EXPECT_EQ(plain[kSchemaAt], std::byte{2});
  EXPECT_EQ(to_bytes(after(start(), 0, 300))[kSchemaAt], std::byte{3});
}

TEST_F(OnlineEMBacktest, NumbersThatNoDaysComeToAreRefusedInACheckpoint) {
  const auto error_with = [&](auto&& change) {
    Json value = decode_cbor(unwrap_checkpoint(to_bytes(after(start(), 0, 300))));
    change(value["state"]);
    const auto payload = encode_cbor(value);
    return checkpoint_error_of(
        [&] { (void)from_bytes<NormalInverseGaussian>(wrap_checkpoint(std::as_bytes(std::span(payload)))); });
  };
  const auto error = [&](const char* part, const char* name, const Json& number) {
    return error_with([&](Json& state) { state["backtests"][0][part][name] = number; });
  };
  EXPECT_EQ(error_with([](Json& /*state*/) {}), "");
  EXPECT_THAT(error("counts", "days", 7), HasSubstr("must be"));
  EXPECT_THAT(error("counts", "days_before_first", 301), HasSubstr("days_before_first must be from 0 to days"));
  EXPECT_THAT(error("counts", "durations", Json::array({{{"duration", 1}, {"count", 900}}})), HasSubstr("must be"));
  EXPECT_THAT(error("counts", "other", 1), HasSubstr("other"));
  EXPECT_THAT(error("shortfall", "days", 301), HasSubstr("shortfall.days must be from 0 to 300"));
  EXPECT_THAT(error("shortfall", "scores", std::numeric_limits<double>::infinity()), HasSubstr("finite"));
  EXPECT_THAT(error_with([](Json& state) { state["backtests"][0]["shortfall"]["e_process"]["log_largest"] = -1.0; }),
              HasSubstr("log_largest must be >= 0"));
  EXPECT_THAT(error_with([](Json& state) { state["backtests"].erase(0); }), HasSubstr("one a portfolio of options"));
  EXPECT_THAT(error_with([](Json& state) { state.erase("backtests"); }), HasSubstr("one a portfolio of options"));
  EXPECT_THAT(error_with([](Json& state) { state["options"]["portfolios"][0]["alpha"] = 0.0; }),
              HasSubstr("[1e-50, 1)"));
}

}  // namespace
}  // namespace varimix::tests
