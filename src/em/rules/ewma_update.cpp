#include "varimix/em/rules/ewma_update.hpp"

#include <cmath>

#include "varimix/core/constants.hpp"
#include "varimix/em/rules/number_of_parameters.hpp"

namespace varimix {
void HalfLife::check(Index /*d*/) const {
  require(std::isfinite(length) && length > 0.0, "half_life", "finite and > 0", length);
}

EWMAUpdate::Hooks::Hooks(EWMAUpdate rule) : RuleHooks(rule) {
  if (!w && !half_life) w = kDefaultW;
}

Eta EWMAUpdate::Hooks::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  if (const std::optional<double> time = time_half_life()) {
    const double before =
        std::exp2(-info.elapsed / *time) * remembered.value_or(2.0 * number_of_parameters(running.d()));
    remembered = before + info.batch_weight;
    return blend(running, batch, info.batch_weight / *remembered);
  }
  return blend(running, batch, half_life ? -std::expm1(-kLogTwo * info.batch_weight / half_life->length) : *w);
}

std::optional<double> EWMAUpdate::Hooks::time_half_life() const { return half_life ? half_life->time() : std::nullopt; }

void EWMAUpdate::Hooks::check(Index d) const {
  RuleHooks::check(d);
  require(!(w && half_life), "w", "left out where half_life is given", w.value_or(0.0));
}

}  // namespace varimix
