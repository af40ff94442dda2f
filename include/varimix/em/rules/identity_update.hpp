#pragma once

#include "varimix/em/update_rule.hpp"

namespace varimix {

/// The rule eta_t = eta_hat, which has no memory. On batches that hold all rows it is batch EM.
struct IdentityUpdate {
  static constexpr const char* kName = "IdentityUpdate";
  static constexpr const char* kDoc =
      "The rule eta_t = eta_hat, which has no memory. On all rows at once it is batch EM.";
  static constexpr auto kMembers = std::tuple<>{};
  bool operator==(const IdentityUpdate&) const = default;
  struct Hooks;
};

struct IdentityUpdate::Hooks : RuleHooks<IdentityUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& /*info*/) override {
    return blend(running, batch, 1.0);
  }
};

}  // namespace varimix
