#include "varimix/stream/rule_bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/models.hpp"
#include "varimix/stream/checkpoint.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

/// A rule that is not varimix's.
struct OwnUpdate {
  double share = 0.5;
  static constexpr const char* kName = "OwnUpdate";
  bool operator==(const OwnUpdate&) const = default;
  struct Hooks;
};
struct OwnUpdate::Hooks : RuleHooks<OwnUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& /*info*/) override {
    return blend(running, batch, share);
  }
};

Eta eta_of(Index d, std::int64_t seed = 1) {
  Eta eta = some_model(d, seed, 0.6).compute_eta_from_model();
  eta.weight = 3.0;
  return eta;
}

BlockMemory two_blocks() {
  BlockMemory memory;
  memory.replace(0, 3, eta_of(2, 1));
  memory.replace(2, 3, eta_of(2, 2));
  return memory;
}

/// Returns the message of rule_from_bytes about bytes that it refuses, "accepted" if it takes them.
std::string refusal_of(const std::vector<std::byte>& bytes,
                       const std::optional<UpdateRule>& users_rule = std::nullopt) {
  try {
    (void)rule_from_bytes(bytes, users_rule);
  } catch (const CheckpointError& error) {
    return error.what();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(RuleBytes, GiveTheRuleAgainWithSettingsAndState) {
  const PolyakAverage average{
      .base = RobbinsMonroUpdate{.tau0 = 3.0}, .start = 2, .average = eta_of(2), .averaged_weight = 17.0};
  for (const UpdateRule& rule :
       {UpdateRule(IdentityUpdate{}),
        UpdateRule(EWMAUpdate{.half_life = HalfLife::in_time(1.0 / 3.0), .remembered = 0.7}),
        UpdateRule(AffineUpdate{.a = eta_of(3)}), UpdateRule(PolyakRuppertUpdate{.reported = eta_of(2)}),
        UpdateRule(BlockIncrementalUpdate{.blocks = 3, .memory = two_blocks()}), UpdateRule(average),
        UpdateRule(Shrinkage{average, eta_of(2), 1.0 / 3.0, true})}) {
    EXPECT_EQ(rule_from_bytes(to_bytes(rule)), rule) << rule.name();
    EXPECT_EQ(to_bytes(rule_from_bytes(to_bytes(rule))), to_bytes(rule)) << rule.name();
  }
}

TEST(RuleBytes, ARuleOfTheUsersIsGivenAlong) {
  const UpdateRule own = OwnUpdate{.share = 0.25};
  const UpdateRule wrapped = Shrinkage{PolyakAverage{OwnUpdate{.share = 0.25}}, eta_of(2), 0.3};
  EXPECT_EQ(*users_rule_in(wrapped), own);
  EXPECT_EQ(*users_rule_in(own), own);
  EXPECT_EQ(users_rule_in(Shrinkage{EWMAUpdate{}, eta_of(2)}), nullptr);
  EXPECT_EQ(rule_from_bytes(to_bytes(own), own), own);
  EXPECT_EQ(rule_from_bytes(to_bytes(wrapped), own), wrapped);
  EXPECT_THAT(refusal_of(to_bytes(wrapped)), HasSubstr("give that rule"));
  EXPECT_THAT(refusal_of(to_bytes(wrapped), UpdateRule(IdentityUpdate{})), HasSubstr("not with"));
  EXPECT_THAT(refusal_of(to_bytes(IdentityUpdate{}), own), HasSubstr("users_rule must be left out"));
}

TEST(RuleBytes, StatisticsOfTwoDimensionsAreRefused) {
  const UpdateRule rule = Shrinkage{PolyakRuppertUpdate{.reported = eta_of(3)}, eta_of(2), 0.3};
  EXPECT_THAT(refusal_of(to_bytes(rule)), HasSubstr("dimension 3"));
}

TEST(RuleBytes, DamageIsRefused) {
  const std::vector<std::byte> bytes = to_bytes(Shrinkage{EWMAUpdate{}, eta_of(2), 0.3});
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::vector<std::byte> damaged = bytes;
    damaged[at] ^= std::byte{0x41};
    EXPECT_NE(refusal_of(damaged), "accepted") << at;
    damaged.resize(at);
    EXPECT_NE(refusal_of(damaged), "accepted") << at;
  }
}

TEST(RuleBytes, AStateIsNoRule) {
  EXPECT_THAT(refusal_of(to_bytes(OnlineEM(some_model(2, 1, 0.6)))), HasSubstr("has no 'rule'"));
}

}  // namespace
}  // namespace varimix::tests
