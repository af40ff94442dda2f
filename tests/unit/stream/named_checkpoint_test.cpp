#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "stream/cbor.hpp"
#include "support/checkpoints.hpp"
#include "support/close.hpp"
#include "support/families.hpp"
#include "support/fit_streams.hpp"
#include "support/models.hpp"
#include "varimix/stream/checkpoint.hpp"
#include "varimix/stream/fit_stream.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

const ColumnNames kNames({"AAPL", "M\xc3\xbcnchen"});

template <class S>
class NamedCheckpoint : public ::testing::Test {
 public:
  RowMatrix x = some_model(2, 17, 0.8).rvs(300, Seed{9});
  MeanVarianceMixture<S> plain = MeanVarianceMixture<S>::default_init(x);

  [[nodiscard]] OnlineEM<MeanVarianceMixture<S>> learned(const MeanVarianceMixture<S>& from) const {
    OnlineEM<MeanVarianceMixture<S>> state(from);
    (void)state.update(RowView(x).slice(0, 100));
    return state;
  }
};
TYPED_TEST_SUITE(NamedCheckpoint, Families, FamilyNames);

TYPED_TEST(NamedCheckpoint, HoldsTheNamesAndGoesOnToTheSameBits) {
  using Model = MeanVarianceMixture<TypeParam>;
  auto state = this->learned(this->plain.with_columns(kNames));
  auto back = from_bytes<Model>(to_bytes(state));
  EXPECT_EQ(back.state().initial.columns(), kNames);
  EXPECT_EQ(back.driving_model().columns(), kNames);
  EXPECT_EQ(to_bytes(back), to_bytes(state));
  (void)state.update(RowView(this->x).slice(100, 200));
  (void)back.update(RowView(this->x).slice(100, 200));
  EXPECT_EQ(to_bytes(back), to_bytes(state));
  EXPECT_EQ(back.model().columns(), kNames);
}

TYPED_TEST(NamedCheckpoint, WithoutNamesHasNoKeyForThem) {
  using Model = MeanVarianceMixture<TypeParam>;
  const auto state = this->learned(this->plain);
  const auto bytes = to_bytes(state);
  const Json value = decode_cbor(unwrap_checkpoint(bytes));
  EXPECT_FALSE(value.at("state").at("initial").contains("columns"));
  EXPECT_TRUE(from_bytes<Model>(bytes).state().initial.columns().empty());
}

TYPED_TEST(NamedCheckpoint, RefusesNamesThatNoModelHas) {
  using Model = MeanVarianceMixture<TypeParam>;
  const auto with = [&](const Json& initial, const Json& driving) {
    const auto bytes = to_bytes(this->learned(this->plain.with_columns(kNames)));
    Json value = decode_cbor(unwrap_checkpoint(bytes));
    value["state"]["initial"]["columns"] = initial;
    value["state"]["driving"]["columns"] = driving;
    const auto payload = encode_cbor(value);
    return checkpoint_error_of([&] { (void)from_bytes<Model>(wrap_checkpoint(std::as_bytes(std::span(payload)))); });
  };
  EXPECT_EQ(with({"a", "b"}, {"a", "b"}), "");
  EXPECT_THAT(with({"a", "a"}, {"a", "b"}), HasSubstr("state.initial: columns must be different names"));
  EXPECT_THAT(with({"a", ""}, {"a", "b"}), HasSubstr("state.initial: name 1 of the columns"));
  EXPECT_THAT(with({"a"}, {"a", "b"}), HasSubstr("state.initial: columns must be 2 names, got ['a']"));
  EXPECT_THAT(with(Json::array(), {"a", "b"}), HasSubstr("state.initial: columns must be one name or more"));
  EXPECT_THAT(with("a", {"a", "b"}), HasSubstr("state.initial.columns must be a list"));
  EXPECT_THAT(with({"a", "b"}, {"b", "a"}), HasSubstr("driving.columns must be those of initial, ['a', 'b']"));
}

class NamedResume : public FitStreamTest {
 public:
  /// Returns the error of going on from a checkpoint of a fit of columns `saved` with a state of columns `given`, and
  /// the names after that.
  [[nodiscard]] std::pair<std::string, ColumnNames> go_on(const ColumnNames& saved, const ColumnNames& given) const {
    std::filesystem::remove(checkpoint());
    State first(init().with_columns(saved));
    (void)fit_stream(first, chunks(33), {.batch_size = 70, .max_steps = 2, .checkpoint = checkpoint()});
    State second(init().with_columns(given));
    const std::string error =
        error_of([&] { (void)fit_stream(second, chunks(33), {.batch_size = 70, .checkpoint = checkpoint()}); });
    return {error, second.model().columns()};
  }
};

void expect_names(const std::pair<std::string, ColumnNames>& after, const ColumnNames& names) {
  EXPECT_EQ(after.first, "");
  EXPECT_EQ(after.second, names) << to_text(after.second);
}

TEST_F(NamedResume, TakesTheNamesThatOneOfThemHas) {
  const ColumnNames ab({"a", "b"});
  expect_names(go_on(ab, ab), ab);
  expect_names(go_on(ab, {}), ab);
  expect_names(go_on({}, ab), ab);
  expect_names(go_on({}, {}), {});
}

TEST_F(NamedResume, RefusesOtherNames) {
  const ColumnNames ba({"b", "a"});
  const auto [error, names] = go_on(ColumnNames({"a", "b"}), ba);
  EXPECT_EQ(error, "checkpoint must be of a fit of the columns ['b', 'a'], got ['a', 'b']");
  EXPECT_EQ(names, ba);
}

}  // namespace
}  // namespace varimix::tests
