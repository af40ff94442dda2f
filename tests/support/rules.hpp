#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "varimix/em/rules/update_rules.hpp"
#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"
#include "varimix/stream/rule_bytes.hpp"

namespace varimix::tests {

/// A rule by name, and the function that makes it for a fit that starts from `init`.
template <Subordinator S>
struct RuleOf {
  std::string name;
  std::function<UpdateRule(const MeanVarianceMixture<S>& init)> make;
};

using NamedRule = RuleOf<InverseGaussian>;

/// Returns a model to which Shrinkage may draw: `model` if its own eta is finite, else the model with the same E[Y], or
/// E[1/Y], and alpha = 1.5. It changes with the gauge of `model`.
template <Subordinator S>
MeanVarianceMixture<S> shrinkage_target(const MeanVarianceMixture<S>& model) {
  constexpr double kLeastAlpha = 1.5;
  if constexpr (std::same_as<S, Gamma> || std::same_as<S, InverseGamma>) {
    const S& law = model.subordinator();
    const double alpha = std::max(kLeastAlpha, law.alpha());
    return {model.mu(), model.gamma(), model.L_Sigma(), S(alpha, law.beta() / law.alpha() * alpha)};
  } else {
    return model;  // the initial GIG lies inside
  }
}

/// A rule that is not varimix's: the mean of the running eta and the batch's.
struct UsersUpdate {
  static constexpr const char* kName = "UsersUpdate";
  bool operator==(const UsersUpdate&) const = default;
  struct Hooks;
};
struct UsersUpdate::Hooks : RuleHooks<UsersUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& /*info*/) override {
    return blend(running, batch, 0.5);
  }
};

/// Returns the rule to give to load beside a state of `rule`: the user's own rule, if there is one in it.
inline std::optional<UpdateRule> rule_to_load(const UpdateRule& rule) {
  const UpdateRule* users = users_rule_in(rule);
  return users == nullptr ? std::nullopt : std::optional(*users);
}

template <Subordinator S>
using MakeRule = std::function<UpdateRule(const MeanVarianceMixture<S>& init)>;

template <Subordinator S>
MakeRule<S> shrink(const UpdateRule& base, double tau, bool feedback = false) {
  return [=](const MeanVarianceMixture<S>& init) {
    return Shrinkage{base, eta0_from_model(shrinkage_target(init)), tau, feedback};
  };
}

/// Settings to test one type of rule with: those of the tutorial and some others. The tests do not compile if a rule of
/// varimix's has none.
template <class Rule>
struct SettingsOf;
template <>
struct SettingsOf<IdentityUpdate> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"Identity", [](const auto&) { return IdentityUpdate{}; }}};
  }
};
template <>
struct SettingsOf<RobbinsMonroUpdate> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"RobbinsMonro", [](const auto&) { return RobbinsMonroUpdate{10.0}; }}};
  }
};
template <>
struct SettingsOf<SampleWeightedUpdate> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"SampleWeighted", [](const auto&) { return SampleWeightedUpdate{}; }},
            {"SampleWeighted, n0 = 30", [](const auto&) { return SampleWeightedUpdate{.n0 = 30.0}; }}};
  }
};
template <>
struct SettingsOf<EWMAUpdate> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"EWMA", [](const auto&) { return EWMAUpdate{.w = 0.1}; }},
            {"EWMA half-life", [](const auto&) { return EWMAUpdate{.half_life = 100.0}; }}};
  }
};
template <>
struct SettingsOf<AffineUpdate> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"Affine", [](const auto&) { return AffineUpdate{.b = 0.5, .c = 0.5}; }}};
  }
};
template <>
struct SettingsOf<Shrinkage> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"Shrinkage of Identity", shrink<S>(IdentityUpdate{}, 0.3)},
            {"Shrinkage of RobbinsMonro", shrink<S>(RobbinsMonroUpdate{10.0}, 0.5)},
            {"Shrinkage with feedback", shrink<S>(EWMAUpdate{}, 0.5, true)},
            {"Shrinkage of PolyakRuppert", shrink<S>(PolyakRuppertUpdate{}, 0.2)},
            {"Shrinkage of NaturalGradient", shrink<S>(NaturalGradientUpdate{}, 0.2)},
            {"Shrinkage of PolyakAverage of EWMA", shrink<S>(PolyakAverage{EWMAUpdate{.w = 0.3}}, 0.2)},
            {"Shrinkage of the user's", shrink<S>(UsersUpdate{}, 0.2)}};
  }
};
template <>
struct SettingsOf<PolyakRuppertUpdate> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"PolyakRuppert", [](const auto&) { return PolyakRuppertUpdate{}; }}};
  }
};
template <>
struct SettingsOf<PolyakAverage> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"PolyakAverage of RobbinsMonro",
             [](const auto&) {
               return PolyakAverage{RobbinsMonroUpdate{.tau0 = 2.0, .exponent = 0.7}, 1};
             }},
            {"PolyakAverage of the user's", [](const auto&) { return PolyakAverage{UsersUpdate{}}; }}};
  }
};
template <>
struct SettingsOf<NaturalGradientUpdate> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"NaturalGradient", [](const auto&) { return NaturalGradientUpdate{}; }},
            {"NaturalGradient half-life", [](const auto&) { return NaturalGradientUpdate{.half_life = 100.0}; }}};
  }
};
template <>
struct SettingsOf<BlockIncrementalUpdate> {
  template <Subordinator S>
  static std::vector<RuleOf<S>> all() {
    return {{"BlockIncremental", [](const auto&) { return BlockIncrementalUpdate{.blocks = 3}; }}};
  }
};

/// Returns every rule there is, nested ones and the user's included, except for the one that needs times (timed_rule).
template <Subordinator S = InverseGaussian>
std::vector<RuleOf<S>> all_rules() {
  std::vector<RuleOf<S>> rules;
  UpdateRules::any_of([&]<class Rule>() {
    for (RuleOf<S>& rule : SettingsOf<Rule>::template all<S>()) rules.push_back(std::move(rule));
    return false;
  });
  rules.push_back({"the user's", [](const auto&) { return UsersUpdate{}; }});
  return rules;
}

/// Returns a rule that forgets by time.
inline UpdateRule timed_rule() { return EWMAUpdate{.half_life = HalfLife::in_time(50.0)}; }

}  // namespace varimix::tests
