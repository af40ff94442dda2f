#include "varimix/em/rules/polyak_ruppert_update.hpp"

#include <algorithm>
#include <cmath>

namespace varimix {
namespace {

/// Returns W after `rows_before` rows; a part of m rows takes the step m / W.
double step_scale(const PolyakRuppertUpdate& rule, double rows_before, Index d) {
  const auto size = static_cast<double>(d + 1);
  const double n0 = rule.n0.value_or(size * size);
  return n0 * std::pow((rows_before + n0) / n0, rule.exponent);  // is n0^(1-e) (N + n0)^e, and exactly n0 at N = 0
}

}  // namespace

std::int64_t PolyakRuppertUpdate::Hooks::parts(const StepInfo& info, Index d) const {
  constexpr double kMostParts = 0x1p62;  // fits an integer of 64 bits; a fit takes no more parts than rows
  const double parts = std::ceil(2.0 * info.batch_weight / step_scale(*this, info.weight_before, d));
  return static_cast<std::int64_t>(std::min(kMostParts, parts));
}

Eta PolyakRuppertUpdate::Hooks::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  const double rows = info.batch_weight;
  const double rows_with = info.weight_before + rows;
  Eta next = blend(running, batch, std::min(1.0, rows / step_scale(*this, info.weight_before, running.d())));
  const double share = 2.0 * rows / (rows_with + rows);
  reported = reported ? blend(*reported, next, share) : next;
  return next;
}

void PolyakRuppertUpdate::Hooks::merge(const PolyakRuppertUpdate& other, const PolyakRuppertUpdate* ancestor,
                                       const CombineStatistics& combine) {
  if (!reported || !other.reported) {
    if (!reported) reported = other.reported;
    return;
  }
  reported =
      combine(*reported, *other.reported, ancestor != nullptr && ancestor->reported ? &*ancestor->reported : nullptr);
}

}  // namespace varimix
