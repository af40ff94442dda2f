#pragma once

#include <optional>

#include "varimix/em/update_rule.hpp"

namespace varimix {

/// The rule eta_t = a + b eta + c eta_hat in the uncentred fields; a is an eta or nothing. Unless b, c >= 0, b + c = 1
/// and a is nothing, a step may be infeasible; the fit then takes it half-way and says so in its status. The status
/// also tells if a is nothing and b + c is not 1.
struct AffineUpdate {
  std::optional<Eta> a = std::nullopt;
  double b = 0.0;
  double c = 1.0;
  static constexpr const char* kName = "AffineUpdate";
  static constexpr const char* kDoc =
      "eta_t = a + b eta + c eta_hat; a is an eta or None.\n\n"
      "Unless b, c >= 0, b + c = 1 and a is None, a step may be infeasible; it is then taken half-way, and the\n"
      "status says so.";
  static constexpr auto kMembers =
      std::tuple(setting("a", &AffineUpdate::a), setting("b", &AffineUpdate::b), setting("c", &AffineUpdate::c));
  bool operator==(const AffineUpdate&) const = default;
  struct Hooks;
};

struct AffineUpdate::Hooks : RuleHooks<AffineUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override;
  [[nodiscard]] bool weights_sum_to_one() const override;
};

}  // namespace varimix
