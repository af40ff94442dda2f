#include "varimix/em/averaging_rules.hpp"

#include <string>
#include <utility>

#include "varimix/core/require.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {

PolyakAverage::PolyakAverage(UpdateRule base, std::int64_t start) : base_(std::move(base)), start_(start) {
  require(start >= 0, "start", ">= 0", start);
}

Eta PolyakAverage::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  Eta next = base_.accumulate(running, batch, info);
  if (info.step < start_) return next;
  averaged_weight_ += info.batch_weight;
  average_ = average_ ? blend(*average_, next, info.batch_weight / averaged_weight_) : next;
  return next;
}

void PolyakAverage::check(Index d) const {
  require(d == 0 || !average_ || average_->d() == d, "average", "of dimension " + std::to_string(d),
          average_ ? average_->d() : 0);
  base_.check(d);
}

void PolyakAverage::rescale_y(double s) {
  base_.rescale_y(s);
  if (average_) average_ = varimix::rescale_y(*average_, s);
}

void PolyakAverage::set_state(std::optional<Eta> average, double averaged_weight) {
  average_ = std::move(average);
  averaged_weight_ = averaged_weight;
}

}  // namespace varimix
