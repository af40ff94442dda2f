#include "stream/rule_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/close.hpp"
#include "support/codecs.hpp"
#include "support/models.hpp"
#include "support/rules.hpp"
#include "varimix/em/shrinkage_targets.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

Eta some_eta(std::int64_t seed = 1) {
  Eta eta = some_model(2, seed, 0.6).compute_eta_from_model();
  eta.weight = 3.0;
  return eta;
}

/// Returns a strength for every number, all different but for the symmetric pair.
Eta strengths() {
  return Eta::from_raw(0.1, 0.2, 0.3, Vector{{0.4, 0.5}}, Vector{{0.6, 0.7}}, Matrix{{0.8, 0.9}, {0.9, 1.0 / 3.0}});
}

BlockMemory blocks_of(std::int64_t blocks, const std::vector<std::int64_t>& numbers, double gauge = 1.0) {
  std::vector<BlockMemory::Block> seen;
  seen.reserve(numbers.size());
  for (const std::int64_t k : numbers) seen.push_back({k, some_eta(k + 1)});
  return {blocks, gauge, seen};
}

std::vector<UpdateRule> rules_with_state() {
  const PolyakAverage average{.base = RobbinsMonroUpdate{.tau0 = 3.0, .exponent = 0.7},
                              .start = 2,
                              .average = some_eta(),
                              .averaged_weight = 17.0};
  return {IdentityUpdate{},
          RobbinsMonroUpdate{.tau0 = 1.0 + 1.0 / 3.0, .exponent = 0.6},
          SampleWeightedUpdate{.n0 = 0.1},
          EWMAUpdate{},
          EWMAUpdate{.w = 1.0 / 3.0},
          EWMAUpdate{.half_life = 1e300},
          EWMAUpdate{.half_life = HalfLife::in_time(0.1), .remembered = 0.7},
          AffineUpdate{.a = some_eta(), .b = -0.1, .c = 1e-3},
          PolyakRuppertUpdate{.exponent = 0.9, .n0 = 5.0, .reported = some_eta()},
          PolyakRuppertUpdate{},
          PolyakAverage{EWMAUpdate{}},
          average,
          BlockIncrementalUpdate{.blocks = 5, .memory = blocks_of(5, {0, 3, 4}, 1.0 / 3.0)},
          Shrinkage{PolyakRuppertUpdate{.reported = some_eta(2)}, some_eta(), 0.3},
          Shrinkage{average, some_eta(), strengths(), true}};
}

TEST(RuleCodec, KeepsEveryRuleWithItsSettingsAndState) {
  for (const UpdateRule& rule : rules_with_state()) {
    EXPECT_EQ(through_bytes(rule), rule) << rule.name();
    EXPECT_EQ(users_rule_in(rule), nullptr);
    rule.check(2);
  }
}

TEST(RuleCodec, ARuleOfTheUsersIsTheOneThatIsGiven) {
  const UpdateRule own = UsersUpdate{};
  for (const UpdateRule& rule : {own, UpdateRule(Shrinkage{own, some_eta(), 0.3}), UpdateRule(PolyakAverage{own})}) {
    EXPECT_NE(users_rule_in(rule), nullptr);
    EXPECT_EQ(through_bytes(rule, &own), rule) << rule.name();
    EXPECT_THAT(decode_error_of<UpdateRule>(Codec<UpdateRule>::encode(rule)),
                HasSubstr("\"UsersUpdate\", which is not varimix's: give that rule to load"));
  }
  const UpdateRule another = EWMAUpdate{};
  EXPECT_THAT(decode_error_of<UpdateRule>(Codec<UpdateRule>::encode(own), &another),
              HasSubstr("not with \"EWMAUpdate\""));
}

/// A rule of a user's that has the name of one of varimix's.
struct Impostor {
  static constexpr const char* kName = "EWMAUpdate";
  struct Hooks;
};
struct Impostor::Hooks : RuleHooks<Impostor> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta&, const StepInfo&) override { return running; }
};

TEST(RuleCodec, ARuleThatBearsOneOfOurNamesIsStillTheUsers) {
  const UpdateRule impostor = Impostor{};
  EXPECT_NE(users_rule_in(impostor), nullptr);
  EXPECT_EQ(Codec<UpdateRule>::encode(impostor)["name"], "user");
}

TEST(RuleCodec, SettingsOutsideTheirDomainsAreNamed) {
  const auto error = [](const UpdateRule& rule, const char* name, const Json& value) {
    Json json = Codec<UpdateRule>::encode(rule);
    json["values"][name] = value;
    return decode_error_of<UpdateRule>(json);
  };
  EXPECT_EQ(error(RobbinsMonroUpdate{}, "tau0", 0.5),
            "it: tau0 must be finite and >= 1 (the first step 1/tau0 must not exceed 1), got 0.5");
  EXPECT_THAT(error(EWMAUpdate{}, "w", 2.0), HasSubstr("it: w must be"));
  EXPECT_THAT(error(EWMAUpdate{}, "v", 2.0), HasSubstr("it.values: has \"v\", which this schema does not know"));
  EXPECT_THAT(error(BlockIncrementalUpdate{}, "blocks", 0), HasSubstr("blocks must be >= 1"));
  const Shrinkage shrinkage{EWMAUpdate{}, some_eta(), strengths()};
  EXPECT_THAT(error(shrinkage, "eta0", Codec<Eta>::encode(univariate(0, 0, 1, 1, 1).compute_eta_from_model())),
              HasSubstr("tau must be of eta0's dimension 1, got 2"));
  EXPECT_THAT(error(shrinkage, "tau", -1.0), HasSubstr("tau must be finite and >= 0"));
  EXPECT_EQ(error(shrinkage, "base", {{"name", "NoSuchUpdate"}, {"values", nullptr}}),
            "it.values.base: this varimix has no rule \"NoSuchUpdate\"");
}

TEST(RuleCodec, BlocksThatNoFitCouldHaveSeenAreNamed) {
  const Json good = Codec<UpdateRule>::encode(BlockIncrementalUpdate{.blocks = 3, .memory = blocks_of(3, {0, 2})});
  const auto error = [&](const char* pointer, const Json& value) {
    Json json = good;
    json["values"]["memory"][Json::json_pointer(pointer)] = value;
    return decode_error_of<UpdateRule>(json);
  };
  EXPECT_THAT(error("/seen/1/number", 3), HasSubstr("memory must be of ascending blocks below 3, got 3"));
  EXPECT_THAT(error("/seen/0/number", 2), HasSubstr("memory must be of ascending blocks below 3, got 2"));
  EXPECT_THAT(error("/blocks", 4), HasSubstr("memory must be of 3 blocks, got 4"));
  EXPECT_THAT(error("/gauge", 0.0), HasSubstr("gauge must be finite and > 0"));
  EXPECT_THAT(error("/seen/1/eta/weight", 0.0), HasSubstr("memory's weight must be finite and > 0"));
}

TEST(RuleCodec, WhatARuleCarriesIsChecked) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  Eta not_finite = some_eta();
  not_finite.values(1) = kNaN;
  const auto error = [](const auto& rule, Index d = 2) { return error_of([&] { UpdateRule(rule).check(d); }); };
  EXPECT_THAT(error(EWMAUpdate{.half_life = HalfLife::in_time(1.0), .remembered = -1.0}),
              HasSubstr("remembered must be"));
  EXPECT_THAT(error(PolyakRuppertUpdate{.reported = not_finite}), HasSubstr("reported must be finite"));
  EXPECT_THAT(error(PolyakRuppertUpdate{.reported = some_eta()}, 3), HasSubstr("reported must be of dimension 3"));
  EXPECT_THAT(error(BlockIncrementalUpdate{.blocks = 2, .memory = blocks_of(2, {1})}, 3),
              HasSubstr("memory must be of dimension 3"));
  const PolyakAverage average{.base = EWMAUpdate{}, .average = some_eta(), .averaged_weight = kNaN};
  EXPECT_THAT(error(average), HasSubstr("averaged_weight must be"));
  EXPECT_THAT(error_of([&] {
                (void)Shrinkage{average, some_eta()};
              }),
              HasSubstr("averaged_weight must be"))
      << "inside another";
}

}  // namespace
}  // namespace varimix::tests
