#pragma once

#include <cstdint>
#include <optional>

#include "varimix/em/update_rule.hpp"

namespace varimix {

/// Shows users the mean, by weight, of the statistics that a base rule remembers from update `start` on (Polyak and
/// Juditsky 1992). The base rule alone drives the E-steps, because an average that drives loses half of its efficiency.
struct PolyakAverage {
  UpdateRule base;
  std::int64_t start = 0;                     ///< updates, >= 0
  std::optional<Eta> average = std::nullopt;  ///< state: the mean so far, none before `start`
  double averaged_weight = 0.0;               ///< state: the weight behind the average
  static constexpr const char* kName = "PolyakAverage";
  static constexpr const char* kDoc =
      "Shows the mean, by weight, of the statistics that a base rule remembers from update ``start`` on; the base\n"
      "rule alone drives the E-steps.";
  static constexpr auto kMembers =
      std::tuple(required_setting("base", &PolyakAverage::base), setting("start", &PolyakAverage::start, kAtLeastZero),
                 state("average", &PolyakAverage::average),
                 state("averaged_weight", &PolyakAverage::averaged_weight, kNotNegative));
  bool operator==(const PolyakAverage&) const = default;
  struct Hooks;
};

struct PolyakAverage::Hooks : WrappingRuleHooks<PolyakAverage> {
  using WrappingRuleHooks::WrappingRuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override;
  [[nodiscard]] Eta emit(const Eta& running) const override { return base.emit(running); }
  [[nodiscard]] Eta report(const Eta& running) const override { return base.report(average ? *average : running); }
  void check(Index d) const override {
    WrappingRuleHooks::check(d);
    require(!base.moves_model(), "base", "a rule that blends statistics", called(base));
  }
};

}  // namespace varimix
