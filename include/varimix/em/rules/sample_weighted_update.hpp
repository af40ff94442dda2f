#pragma once

#include "varimix/em/update_rule.hpp"

namespace varimix {

/// The rule eta_t = n/(n+m) eta + m/(n+m) eta_hat, where n is the weight of the rows learned before plus n0, the rows
/// that the initial model counts as, and m is the weight of this batch. With n0 = 0 the first batch replaces the
/// initial statistics. States of this rule can be merged.
struct SampleWeightedUpdate {
  double n0 = 0.0;  ///< rows, finite and >= 0
  static constexpr const char* kName = "SampleWeightedUpdate";
  static constexpr const char* kDoc =
      "eta_t = n/(n+m) eta + m/(n+m) eta_hat, where n is the weight of the rows learned before plus n0, the rows that\n"
      "the initial model counts as, and m is the weight of this batch. States of this rule can be merged.";
  static constexpr auto kMembers = std::tuple(setting("n0", &SampleWeightedUpdate::n0, kNotNegative));
  bool operator==(const SampleWeightedUpdate&) const = default;
  struct Hooks;
};

struct SampleWeightedUpdate::Hooks : RuleHooks<SampleWeightedUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override {
    return blend(running, batch, info.batch_weight / (n0 + info.weight_before + info.batch_weight));
  }
  [[nodiscard]] double initial_weight() const override { return n0; }
  [[nodiscard]] bool can_merge() const override { return true; }
};

}  // namespace varimix
