#pragma once

#include <cmath>

#include "varimix/em/update_rule.hpp"

namespace varimix {

/// The rule eta_t = (1 - c) eta + c eta_hat with c = (tau0 + t)^(-exponent) after t = 0, 1, 2, ... updates (Robbins and
/// Monro 1951; Cappe and Moulines 2009, eq. 7).
/// With exponent 1 it is root-n consistent only if less than half of the information is missing, which fails for heavy
/// tails at small d. With a smaller exponent only its average (PolyakAverage) is efficient.
struct RobbinsMonroUpdate {
  double tau0 = 10.0;     ///< >= 1, because no step may exceed 1
  double exponent = 1.0;  ///< in (1/2, 1]
  static constexpr const char* kName = "RobbinsMonroUpdate";
  static constexpr const char* kDoc =
      "eta_t = (1-c) eta + c eta_hat, c = (tau0 + t)^(-exponent), t = 0, 1, 2, ... updates;\n"
      "tau0 >= 1, exponent in (1/2, 1].";
  static constexpr Domain kFirstStep{"finite and >= 1 (the first step 1/tau0 must not exceed 1)",
                                     [](double x) { return std::isfinite(x) && x >= 1.0; }};
  static constexpr auto kMembers = std::tuple(setting("tau0", &RobbinsMonroUpdate::tau0, kFirstStep),
                                              setting("exponent", &RobbinsMonroUpdate::exponent, kHalfToOne));
  bool operator==(const RobbinsMonroUpdate&) const = default;
  struct Hooks;
};

struct RobbinsMonroUpdate::Hooks : RuleHooks<RobbinsMonroUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override {
    const double t = tau0 + static_cast<double>(info.step);
    return blend(running, batch, exponent == 1.0 ? 1.0 / t : std::pow(t, -exponent));
  }
};

}  // namespace varimix
