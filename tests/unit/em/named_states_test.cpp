#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/close.hpp"
#include "support/models.hpp"
#include "varimix/em/online_em.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;
using State = OnlineEM<NormalInverseGaussian>;

const ColumnNames kNames({"AAPL", "MSFT"});
const ColumnNames kSwapped({"MSFT", "AAPL"});

class NamedStates : public ::testing::Test {
 public:
  RowMatrix x = some_model(2, 17, 0.8).rvs(300, Seed{9});
  NormalInverseGaussian plain = NormalInverseGaussian::default_init(x);

  [[nodiscard]] State learned(State state, Index first = 0, Index count = 100) const {
    (void)state.update(RowView(x).slice(first, count));
    return state;
  }
};

void expect_names(const State& state, const ColumnNames& names) {
  EXPECT_EQ(state.state().initial.columns(), names);
  EXPECT_EQ(state.driving_model().columns(), names);
  EXPECT_EQ(state.model().columns(), names);
}

TEST_F(NamedStates, HaveTheNamesOfTheirInitialModelWhateverRuleTheyLearnBy) {
  const NormalInverseGaussian named = plain.with_columns(kNames);
  expect_names(State(named), kNames);
  expect_names(learned(State(named)), kNames);
  expect_names(learned(State(named, SampleWeightedUpdate{})), kNames);
  expect_names(learned(State(named, PolyakAverage{.base = EWMAUpdate{.w = 0.3}})), kNames);
  expect_names(learned(State(named, SampleWeightedUpdate{}, Key{0}, {.frozen = true})), kNames);
  expect_names(learned(State(plain)), {});
}

TEST_F(NamedStates, AreNamedWithoutAnotherChange) {
  State state = learned(State(plain));
  const State before = state;
  state.name_columns(kNames);
  EXPECT_EQ(state, before);
  expect_names(state, kNames);
  EXPECT_EQ(learned(state, 100, 100), learned(before, 100, 100));
  expect_names(learned(state, 100, 100), kNames);
  EXPECT_THAT(error_of([&] { state.name_columns(ColumnNames({"a"})); }), HasSubstr("columns must be 2 names"));
  expect_names(state, kNames);
}

TEST_F(NamedStates, ForkAndMergeWithTheirNames) {
  State trunk = learned(State(plain.with_columns(kNames)));
  State left = learned(trunk.fork(), 100, 100);
  const State right = learned(trunk.fork(), 200, 100);
  left.merge(right);
  expect_names(left, kNames);
  trunk.merge(left);
  expect_names(trunk, kNames);
}

TEST_F(NamedStates, TakeInAMergeTheNamesThatOneOfThemHas) {
  State trunk = learned(State(plain));
  State left = learned(trunk.fork(), 100, 100);
  State right = learned(trunk.fork(), 200, 100);
  right.name_columns(kNames);
  State both = left;
  both.merge(right);
  expect_names(both, kNames);
  right.merge(left);
  expect_names(right, kNames);
  State parent = trunk;
  parent.merge(right);
  expect_names(parent, kNames);
}

TEST_F(NamedStates, OfOtherNamesOrAnotherOrderDoNotMerge) {
  State trunk = learned(State(plain));
  State left = learned(trunk.fork(), 100, 100);
  State right = learned(trunk.fork(), 200, 100);
  left.name_columns(kNames);
  right.name_columns(kSwapped);
  const State before = left;
  for (const bool force : {false, true}) {
    EXPECT_EQ(error_of([&] { left.merge(right, force); }),
              "other must be a state of the columns ['AAPL', 'MSFT'], got ['MSFT', 'AAPL']");
  }
  EXPECT_EQ(left, before);
}

}  // namespace
}  // namespace varimix::tests
