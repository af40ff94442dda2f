#include "varimix/em/rules/affine_update.hpp"

#include <array>
#include <cmath>
#include <span>

#include "varimix/core/constants.hpp"

namespace varimix {

Eta AffineUpdate::Hooks::accumulate(const Eta& running, const Eta& batch, const StepInfo& /*info*/) {
  const std::array<AffineTerm, 3> terms = {{{b, &running}, {c, &batch}, {1.0, a ? &*a : nullptr}}};
  return affine_combine(std::span(terms).first(a ? 3 : 2));
}

bool AffineUpdate::Hooks::weights_sum_to_one() const {
  constexpr double kRounding = 4.0 * kEpsilon;
  return a.has_value() || std::abs(b + c - 1.0) <= kRounding;
}

}  // namespace varimix
