#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "stream/cbor.hpp"
#include "support/checkpoints.hpp"
#include "support/close.hpp"
#include "support/models.hpp"
#include "support/threads.hpp"
#include "varimix/em/online_em.hpp"
#include "varimix/inference/gaussian_test.hpp"
#include "varimix/stream/array_source.hpp"
#include "varimix/stream/checkpoint.hpp"
#include "varimix/stream/fit_stream.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using State = OnlineEM<NormalInverseGaussian>;

class OnlineEMGaussianTest : public ::testing::Test {
 public:
  RowMatrix x = some_model(2, 17, 0.2).rvs(1200, Seed{9});
  NormalInverseGaussian init = NormalInverseGaussian::default_init(x);

  [[nodiscard]] State start(bool gaussian_test = true) const {
    return State(init, default_rule<NormalInverseGaussian>(), Key{0}, {.gaussian_test = gaussian_test});
  }
  [[nodiscard]] State after(State state, Index first, Index count) const {
    for (Index k = 0; k < count; k += 100)
      (void)state.update(RowView(x).slice(first + k, std::min<Index>(100, count - k)));
    return state;
  }
  [[nodiscard]] GaussianTestStream alone(Index first, Index count) const {
    auto stream = GaussianTestStream::of_dimension(2);
    for (Index k = 0; k < count; k += 100) stream.update(RowView(x).slice(first + k, std::min<Index>(100, count - k)));
    return stream;
  }
};

TEST_F(OnlineEMGaussianTest, HoldsTheTestOfItsRowsAndLearnsAsWithout) {
  const State state = after(start(), 0, 1200);
  EXPECT_EQ(state.state().gaussian_test, alone(0, 1200));
  const State without = after(start(false), 0, 1200);
  EXPECT_FALSE(without.state().gaussian_test.has_value());
  EXPECT_EQ(state.model(), without.model());
  EXPECT_EQ(state.log_score(), without.log_score());
  EXPECT_LT(gaussian_test(*state.state().gaussian_test).log_p_value.value(), -20.0);
}

TEST_F(OnlineEMGaussianTest, RowsOfWeightZeroAreAbsentAndOtherWeightsAreRefused) {
  State state = start();
  std::vector<double> weights(1200, 1.0);
  weights[5] = 0.0;
  RowMatrix spoiled = x;
  spoiled.row(5) *= 1e3;
  (void)state.update(spoiled, {.weights = weights});
  std::vector<std::int64_t> others;
  for (std::int64_t i = 0; i < 1200; ++i) {
    if (i != 5) others.push_back(i);
  }
  auto expected = GaussianTestStream::of_dimension(2);
  expected.update(RowView(x).select(others));
  EXPECT_EQ(state.state().gaussian_test, expected);
  weights[7] = 0.5;
  const State before = state;
  EXPECT_THAT(error_of([&] { (void)state.update(x, {.weights = weights}); }),
              HasSubstr("weights must be 0 or 1 with gaussian_test"));
  EXPECT_EQ(state, before);
}

TEST_F(OnlineEMGaussianTest, MissingValuesAreRefusedAtTheStart) {
  EXPECT_THAT(error_of([&] {
                State(init, default_rule<NormalInverseGaussian>(), Key{0},
                      {.missing = Missing::kExact, .gaussian_test = true});
              }),
              HasSubstr("gaussian_test must be false with missing='exact'"));
}

TEST_F(OnlineEMGaussianTest, RowsOfALaterPassAreNotTestedAgain) {
  State once = start();
  State thrice = start();
  const auto open = [&](const SourcePosition& at) -> AnyBatchSource {
    ArraySource source(x);
    source.skip(at.rows());
    return source;
  };
  (void)fit_stream(once, open, {.batch_size = 100});
  (void)fit_stream(thrice, open, {.batch_size = 100, .passes = 3});
  EXPECT_EQ(once.state().gaussian_test, alone(0, 1200));
  EXPECT_EQ(thrice.state().gaussian_test, once.state().gaussian_test);
  EXPECT_EQ(thrice.total_weight(), 3600.0);
  (void)thrice.update(x);
  EXPECT_EQ(thrice.state().gaussian_test->total().rows, 2400) << "rows that do not come from fit_stream are new";
}

TEST_F(OnlineEMGaussianTest, ForksMergeAsTheirTestsDo) {
  State state = after(start(), 0, 400);
  State other = state.fork();
  state = after(std::move(state), 400, 300);
  other = after(std::move(other), 700, 500);
  GaussianTestStream expected = *state.state().gaussian_test;
  const GaussianTestStream common = alone(0, 400);
  expected.merge(*other.state().gaussian_test, &common);
  state.merge(other);
  EXPECT_EQ(state.state().gaussian_test, expected);
  EXPECT_EQ(state.state().gaussian_test->tested, 1140);
  EXPECT_EQ(state.state().gaussian_test->total().rows, 1200);
}

TEST_F(OnlineEMGaussianTest, StatesOfOneStartMergeAndOneWithoutIsRefused) {
  State state = after(start(), 0, 400);
  state.merge(after(start(), 400, 800));
  EXPECT_EQ(state.state().gaussian_test->total().rows, 1200);
  EXPECT_THAT(error_of([&] { state.merge(after(start(false), 400, 100)); }), HasSubstr("the same options"));
}

TEST_F(OnlineEMGaussianTest, GoesOnFromACheckpointToTheSameBits) {
  State parent = after(start(), 0, 300);
  State state = parent.fork();
  for (const Index rows : {0, 500}) {
    const State saved = after(state, 300, rows);
    const State back = from_bytes<NormalInverseGaussian>(to_bytes(saved));
    EXPECT_EQ(back, saved);
    EXPECT_EQ(to_bytes(back), to_bytes(saved));
    const State on = after(saved, 300 + rows, 400);
    EXPECT_EQ(to_bytes(after(back, 300 + rows, 400)), to_bytes(on));
    State merged = after(back, 300 + rows, 400);
    merged.merge(after(parent, 1000, 200));
    EXPECT_EQ(merged.state().gaussian_test->total().rows, 900 + rows) << "the ancestor holds its test";
  }
}

TEST_F(OnlineEMGaussianTest, HasTheSameBitsForEveryNumberOfThreads) {
  State expected = start();
  (void)expected.update(x);
  for (const int count : {1, 2, 7}) {
    const ThreadLimit limit(count);
    State state = start();
    (void)state.update(x);
    EXPECT_EQ(state, expected) << count;
  }
}

class GaussianTestCheckpoint : public OnlineEMGaussianTest {
 public:
  /// Returns the error of reading a state with some of its parts changed.
  template <class Change>
  [[nodiscard]] std::string error_with(bool gaussian_test, Change&& change) const {
    const auto bytes = to_bytes(after(start(gaussian_test), 0, 300));
    Json value = decode_cbor(unwrap_checkpoint(bytes));
    change(value["state"]);
    const auto payload = encode_cbor(value);
    return checkpoint_error_of(
        [&] { (void)from_bytes<NormalInverseGaussian>(wrap_checkpoint(std::as_bytes(std::span(payload)))); });
  }
};

TEST_F(GaussianTestCheckpoint, WithoutATestHasNoKeyForItAndTheSchemaOfBefore) {
  constexpr std::size_t kSchemaAt = 8;
  const auto plain = to_bytes(after(start(false), 0, 300));
  const Json value = decode_cbor(unwrap_checkpoint(plain));
  EXPECT_FALSE(value.at("state").contains("gaussian_test"));
  EXPECT_FALSE(value.at("state").at("options").contains("gaussian_test"));
  EXPECT_EQ(plain[kSchemaAt], std::byte{2});
  const auto tested = to_bytes(after(start(), 0, 300));
  EXPECT_EQ(tested[kSchemaAt], std::byte{3}) << "older builds say that it is newer than they are";
  const TemporaryFolder folder;
  save(after(start(), 0, 300), folder / "state");
  EXPECT_EQ(file_bytes_of(folder / "state"), tested);
}

TEST_F(GaussianTestCheckpoint, NumbersThatNoStreamComesToAreRefused) {
  EXPECT_EQ(error_with(true, [](Json& /*state*/) {}), "");
  const auto error = [&](const char* name, const Json& number) {
    return error_with(true, [&](Json& state) { state["gaussian_test"][name] = number; });
  };
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_THAT(error("kurtosis", inf), HasSubstr("kurtosis must be finite, got inf"));
  EXPECT_THAT(error("tested", 301), HasSubstr("tested must be from 0 to the number of rows"));
  EXPECT_THAT(error("rows", 1000), HasSubstr("rows must be fewer than those to the next mark"));
  EXPECT_THAT(error("tested", -1), HasSubstr("tested must be an integer from 0"));
  EXPECT_THAT(error("skewness", {1.0, 2.0, 3.0}), HasSubstr("must be"));
  EXPECT_THAT(error("products", Json::array({{1.0, 2.0}, {2.0, 1.0}})), HasSubstr("products must be"));
  EXPECT_THAT(error("sum", {inf, 0.0}), HasSubstr("sum must be"));
  EXPECT_THAT(error("has_overflown", 1), HasSubstr("has_overflown must be true or false"));
  EXPECT_THAT(error("other", 1), HasSubstr("other"));
  EXPECT_THAT(error_with(true, [](Json& state) { state.erase("gaussian_test"); }), HasSubstr("gaussian_test must be"));
  EXPECT_THAT(error_with(false, [](Json& state) { state["options"]["gaussian_test"] = true; }),
              HasSubstr("gaussian_test must be there, as options.gaussian_test says"));
}

}  // namespace
}  // namespace varimix::tests
