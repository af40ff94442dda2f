#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/em/update_rules.hpp"
#include "varimix/mixture/normal_mixture.hpp"

namespace varimix::tests {

/// A rule as it is set up for a fit that starts from `init`.
template <Subordinator S>
struct RuleOf {
  std::string name;
  std::function<UpdateRule(const NormalMixture<S>& init)> make;
};

using NamedRule = RuleOf<InverseGaussian>;

/// `model` where its own eta is finite, else the model with the same E[Y], or E[1/Y], and alpha = 1.5: what Shrinkage may
/// draw to. Moves with the gauge.
template <Subordinator S>
NormalMixture<S> shrinkage_target(const NormalMixture<S>& model) {
  constexpr double kLeastAlpha = 1.5;
  if constexpr (std::same_as<S, Gamma> || std::same_as<S, InverseGamma>) {
    const S& law = model.subordinator();
    const double alpha = std::max(kLeastAlpha, law.alpha());
    return {model.mu(), model.gamma(), model.L_Sigma(), S(alpha, law.beta() / law.alpha() * alpha)};
  } else {
    return model;  // the initial GIG lies inside
  }
}

/// Every rule there is, with the settings of the tutorial and some beyond.
template <Subordinator S = InverseGaussian>
std::vector<RuleOf<S>> all_rules() {
  using Init = const NormalMixture<S>&;
  const auto shrink = [](const UpdateRule& base, double tau, bool feedback = false) {
    return [=](Init init) { return Shrinkage(base, eta0_from_model(shrinkage_target(init)), tau, feedback); };
  };
  return {
      {"Identity", [](Init) { return IdentityUpdate{}; }},
      {"RobbinsMonro", [](Init) { return RobbinsMonroUpdate{10.0}; }},
      {"SampleWeighted", [](Init) { return SampleWeightedUpdate{}; }},
      {"EWMA", [](Init) { return EWMAUpdate{.w = 0.1}; }},
      {"EWMA half-life", [](Init) { return EWMAUpdate{.half_life = 100.0}; }},
      {"Affine", [](Init) { return AffineUpdate{.b = 0.5, .c = 0.5}; }},
      {"Shrinkage of Identity", shrink(IdentityUpdate{}, 0.3)},
      {"Shrinkage of RobbinsMonro", shrink(RobbinsMonroUpdate{10.0}, 0.5)},
      {"Shrinkage with feedback", shrink(EWMAUpdate{}, 0.5, true)},
      {"PolyakRuppert", [](Init) { return PolyakRuppertUpdate{}; }},
      {"Shrinkage of PolyakRuppert", shrink(PolyakRuppertUpdate{}, 0.2)},
  };
}

}  // namespace varimix::tests
