#include "varimix/em/rules/polyak_average.hpp"

namespace varimix {

Eta PolyakAverage::Hooks::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  Eta next = base.accumulate(running, batch, info);
  if (info.step < start) return next;
  averaged_weight += info.batch_weight;
  average = average ? blend(*average, next, info.batch_weight / averaged_weight) : next;
  return next;
}

}  // namespace varimix
