#pragma once

#include "varimix/em/rules/affine_update.hpp"
#include "varimix/em/rules/block_incremental_update.hpp"
#include "varimix/em/rules/ewma_update.hpp"
#include "varimix/em/rules/identity_update.hpp"
#include "varimix/em/rules/natural_gradient_update.hpp"
#include "varimix/em/rules/polyak_average.hpp"
#include "varimix/em/rules/polyak_ruppert_update.hpp"
#include "varimix/em/rules/robbins_monro_update.hpp"
#include "varimix/em/rules/sample_weighted_update.hpp"
#include "varimix/em/rules/shrinkage.hpp"

namespace varimix {

/// A list of types of rules.
template <class... Rules>
struct RuleList {
  /// Calls `visit.template operator()<Rule>()` for each in turn until one returns true. Returns true if one did.
  template <class Visit>
  static bool any_of(Visit&& visit) {
    return (visit.template operator()<Rules>() || ...);
  }
};

/// The rules of varimix, each once: bindings, checkpoints and tests go through this list.
using UpdateRules =
    RuleList<IdentityUpdate, RobbinsMonroUpdate, SampleWeightedUpdate, EWMAUpdate, AffineUpdate, Shrinkage,
             PolyakRuppertUpdate, PolyakAverage, BlockIncrementalUpdate, NaturalGradientUpdate>;

}  // namespace varimix
