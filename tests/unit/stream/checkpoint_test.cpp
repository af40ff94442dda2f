#include "varimix/stream/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>

#include "support/checkpoints.hpp"
#include "support/close.hpp"
#include "support/families.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"

namespace varimix::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

template <class S>
class CheckpointOf : public ::testing::Test {
 public:
  RowMatrix x = some_model(2, 17, 0.8).rvs(300, Seed{9});
  MeanVarianceMixture<S> init = MeanVarianceMixture<S>::default_init(x);

  [[nodiscard]] OnlineEM<MeanVarianceMixture<S>> after(OnlineEM<MeanVarianceMixture<S>> state, Index first,
                                                       Index count) const {
    std::vector<double> times(60);
    for (Index k = 0; k < count; k += 60) {
      std::iota(times.begin(), times.end(), static_cast<double>(first + k));
      const bool timed = state.state().rule.time_half_life().has_value();
      (void)state.update(RowView(x).slice(first + k, 60), {.times = timed ? std::span(times) : std::span<double>()});
    }
    state.position() = {1, {{"rows.npy", first + count}}, ShuffledRows{100, 40, {{"rows.npy", 60}}, true}};
    return state;
  }
  [[nodiscard]] std::vector<UpdateRule> rules() const {
    std::vector<UpdateRule> all = {timed_rule()};
    for (const auto& rule : all_rules<S>()) all.push_back(rule.make(init));
    return all;
  }
};
TYPED_TEST_SUITE(CheckpointOf, Families, FamilyNames);

TYPED_TEST(CheckpointOf, GoingOnFromItIsNeverHavingStopped) {
  for (const UpdateRule& rule : this->rules()) {
    const OnlineEM<MeanVarianceMixture<TypeParam>> begin(
        this->init, rule, Key{7},
        {.inner_iter = rule.moves_model() ? 1 : 2, .regularization = Regularization::kDetSigmaOne});
    const auto half = this->after(begin, 0, 120);
    const auto given = rule_to_load(rule);
    const auto back = from_bytes<MeanVarianceMixture<TypeParam>>(to_bytes(half), given);
    EXPECT_EQ(back, half) << rule.name();
    EXPECT_EQ(to_bytes(back), to_bytes(half)) << rule.name();
    EXPECT_EQ(to_bytes(this->after(back, 120, 180)), to_bytes(this->after(half, 120, 180))) << rule.name();
    EXPECT_EQ(from_bytes<MeanVarianceMixture<TypeParam>>(to_bytes(begin), given), begin)
        << rule.name() << ", before the first batch";
  }
}

TYPED_TEST(CheckpointOf, ForksCanStillBeMerged) {
  const OnlineEM<MeanVarianceMixture<TypeParam>> begin(this->init, SampleWeightedUpdate{.n0 = 10.0});
  auto trunk = this->after(begin, 0, 120);
  auto left = this->after(trunk.fork(), 120, 60);
  const auto right = this->after(trunk.fork(), 180, 120);
  auto left_back = from_bytes<MeanVarianceMixture<TypeParam>>(to_bytes(left));
  left.merge(right);
  left_back.merge(from_bytes<MeanVarianceMixture<TypeParam>>(to_bytes(right)));
  EXPECT_EQ(left_back, left);
  EXPECT_EQ(left_back.total_weight(), 300.0);
}

TYPED_TEST(CheckpointOf, TheFamilyIsKnownFromTheBytes) {
  const OnlineEM<MeanVarianceMixture<TypeParam>> state(this->init);
  const AnyOnlineEM any = from_bytes_any(to_bytes(state));
  ASSERT_TRUE(std::holds_alternative<OnlineEM<MeanVarianceMixture<TypeParam>>>(any));
  EXPECT_EQ(std::get<OnlineEM<MeanVarianceMixture<TypeParam>>>(any), state);
}

TYPED_TEST(CheckpointOf, AModelWhoseOwnStatisticsAreNotFiniteIsKept) {
  if constexpr (std::same_as<TypeParam, Gamma> || std::same_as<TypeParam, InverseGamma>) {
    const auto& start = this->init;
    const OnlineEM<MeanVarianceMixture<TypeParam>> state(
        {start.mu(), start.gamma(), start.L_Sigma(), TypeParam(0.5, 1.0)});
    const auto back = from_bytes<MeanVarianceMixture<TypeParam>>(to_bytes(state));
    EXPECT_EQ(to_bytes(back), to_bytes(state));
    EXPECT_EQ(to_bytes(this->after(back, 0, 120)), to_bytes(this->after(state, 0, 120)));
  }
}

OnlineEM<NormalInverseGaussian> small_state() {
  OnlineEM<NormalInverseGaussian> state(univariate(0.5, 0.1, 1.0, 1.0, 1.5), EWMAUpdate{}, Key{3});
  (void)state.update(gaussian_rows(20, 1, 4));
  return state;
}

TEST(Checkpoint, EveryTruncationAndEveryFlippedBitIsAnErrorThatSaysSo) {
  const Bytes whole = to_bytes(small_state());
  const auto error_of_bytes = [](const Bytes& bytes) {
    return checkpoint_error_of([&] { (void)from_bytes<NormalInverseGaussian>(bytes); });
  };
  const auto says_so = ::testing::AnyOf(HasSubstr("damaged"), HasSubstr("cut short"), HasSubstr("empty"));
  Bytes damaged = whole;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      damaged[at] = whole[at] ^ static_cast<std::byte>(1U << bit);
      ASSERT_THAT(error_of_bytes(damaged), HasSubstr("damaged")) << "bit " << bit << " of byte " << at;
    }
    damaged[at] = whole[at];
    ASSERT_THAT(error_of_bytes({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at)}), says_so) << at;
  }
  EXPECT_EQ(error_of_bytes(whole), "");
}

TEST(Checkpoint, ADamagedFileNamesThePreviousOneWhichLoads) {
  const TemporaryFolder folder;
  const auto path = folder / "state";
  save(small_state(), path);
  save(small_state(), path);
  const auto error_with = [&](const Bytes& bytes) {
    write_bytes(path, bytes);
    return checkpoint_error_of([&] { (void)load<NormalInverseGaussian>(path); });
  };
  const auto names_it = HasSubstr("; the previous checkpoint is '" + path.string() + ".prev'");
  Bytes whole = file_bytes_of(path);
  EXPECT_THAT(error_with({whole.begin(), whole.end() - 1}), names_it);
  EXPECT_THAT(error_with(wrap_checkpoint(bytes_of("x"))), names_it) << "not CBOR";
  whole.back() ^= std::byte{1};
  EXPECT_THAT(error_with(whole), AllOf(HasSubstr("damaged"), names_it));
  EXPECT_EQ(load<NormalInverseGaussian>(previous_checkpoint(path)), small_state());
}

TEST(Checkpoint, AnotherFamilyIsAnError) {
  const Bytes bytes = to_bytes(small_state());
  EXPECT_EQ(checkpoint_error_of([&] { (void)from_bytes<VarianceGamma>(bytes); }),
            "family must be 'VarianceGamma', as asked for, got \"NormalInverseGaussian\"");
}

TEST(Checkpoint, AStateIsSmallWhateverItLearned) { EXPECT_LT(to_bytes(small_state()).size(), 2000U); }

/// A rule that is not varimix's, with a state of its own.
struct CountingUpdate {
  std::int64_t seen = 0;
  bool operator==(const CountingUpdate&) const = default;
  struct Hooks;
};
struct CountingUpdate::Hooks : RuleHooks<CountingUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& /*info*/) override {
    ++seen;
    return blend(running, batch, 1.0 / static_cast<double>(1 + seen));
  }
};

TEST(Checkpoint, ARuleOfTheUsersGoesOnWhereItIsGivenBack) {
  const RowMatrix x = gaussian_rows(40, 1, 4);
  OnlineEM<NormalInverseGaussian> state(univariate(0.5, 0.1, 1.0, 1.0, 1.5), CountingUpdate{});
  (void)state.update(RowView(x).slice(0, 20));
  const Bytes bytes = to_bytes(state);
  auto back = from_bytes<NormalInverseGaussian>(bytes, *state.state().rule.get<CountingUpdate>());
  EXPECT_EQ(back, state);
  (void)state.update(RowView(x).slice(20, 20));
  (void)back.update(RowView(x).slice(20, 20));
  EXPECT_EQ(back, state);
  EXPECT_EQ(checkpoint_error_of([&] { (void)from_bytes_any(bytes); }),
            "state.rule.values: it was made with a rule that is not varimix's: give that rule to load as well");
}

TEST(Checkpoint, ARuleThatIsNotNeededIsAMistake) {
  const Bytes bytes = to_bytes(small_state());
  EXPECT_EQ(error_of([&] { (void)from_bytes<NormalInverseGaussian>(bytes, EWMAUpdate{}); }),
            "rule must be left out, because the checkpoint's rule is varimix's own, got EWMAUpdate");
}

TEST(Checkpoint, RulesNestedTooDeepAreRefusedWhenSaved) {
  const auto init = univariate(0.5, 0.1, 1.0, 1.0, 1.5);
  UpdateRule rule = EWMAUpdate{};
  constexpr int kTooDeep = 20;
  for (int k = 0; k < kTooDeep; ++k) rule = PolyakAverage{rule};
  const OnlineEM<NormalInverseGaussian> state(init, rule);
  EXPECT_THAT(checkpoint_error_of([&] { (void)to_bytes(state); }), HasSubstr("nesting deeper than 32"));
}

TEST(Checkpoint, AMissingFileIsNamed) {
  const TemporaryFolder folder;
  EXPECT_THAT(checkpoint_error_of([&] { (void)load_any(folder / "none"); }),
              AllOf(HasSubstr("none': open: No such file or directory"), Not(HasSubstr("previous"))));
}

TEST(Checkpoint, IsReadFromItsFile) {
  const TemporaryFolder folder;
  save(small_state(), folder / "state");
  EXPECT_EQ(load<NormalInverseGaussian>(folder / "state"), small_state());
  EXPECT_EQ(std::get<OnlineEM<NormalInverseGaussian>>(load_any(folder / "state")), small_state());
  EXPECT_THAT(checkpoint_error_of([&] { (void)load<VarianceGamma>(folder / "state"); }),
              HasSubstr((folder / "state").string() + "': family must be"));
}

}  // namespace
}  // namespace varimix::tests
