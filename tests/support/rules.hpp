#pragma once

#include <functional>
#include <string>
#include <vector>

#include "varimix/em/shrinkage_targets.hpp"
#include "varimix/em/update_rules.hpp"
#include "varimix/mixture/normal_mixture.hpp"

namespace varimix::tests {

/// A rule as it is set up for a fit that starts from `init`.
struct NamedRule {
  std::string name;
  std::function<UpdateRule(const NormalInverseGaussian& init)> make;
};

/// Every rule there is, with the settings of the tutorial and some beyond.
inline std::vector<NamedRule> all_rules() {
  using Init = const NormalInverseGaussian&;
  return {
      {"Identity", [](Init) { return IdentityUpdate{}; }},
      {"RobbinsMonro", [](Init) { return RobbinsMonroUpdate{10.0}; }},
      {"SampleWeighted", [](Init) { return SampleWeightedUpdate{}; }},
      {"EWMA", [](Init) { return EWMAUpdate{.w = 0.1}; }},
      {"EWMA half-life", [](Init) { return EWMAUpdate{.half_life = 100.0}; }},
      {"Affine", [](Init) { return AffineUpdate{.b = 0.5, .c = 0.5}; }},
      {"Shrinkage of Identity", [](Init init) { return Shrinkage(IdentityUpdate{}, eta0_from_model(init), 0.3); }},
      {"Shrinkage of RobbinsMonro",
       [](Init init) { return Shrinkage(RobbinsMonroUpdate{10.0}, eta0_from_model(init), 0.5); }},
      {"Shrinkage with feedback", [](Init init) { return Shrinkage(EWMAUpdate{}, eta0_from_model(init), 0.5, true); }},
      {"PolyakRuppert", [](Init) { return PolyakRuppertUpdate{}; }},
      {"Shrinkage of PolyakRuppert",
       [](Init init) { return Shrinkage(PolyakRuppertUpdate{}, eta0_from_model(init), 0.2); }},
  };
}

}  // namespace varimix::tests
