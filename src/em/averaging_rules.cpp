#include "varimix/em/averaging_rules.hpp"

#include <utility>

#include "varimix/core/require.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {

PolyakAverage::PolyakAverage(UpdateRule base, std::int64_t start) : base_(std::move(base)), start_(start) {
  require(start >= 0, "start", ">= 0", start);
}

Expectations PolyakAverage::accumulate(const Expectations& running, const Expectations& batch, const StepInfo& info) {
  Expectations next = base_.accumulate(running, batch, info);
  if (info.step < start_) return next;
  averaged_weight_ += info.batch_weight;
  average_ = average_ ? blend(*average_, next, info.batch_weight / averaged_weight_) : next;
  return next;
}

void PolyakAverage::rescale_y(double s) {
  base_.rescale_y(s);
  if (average_) average_ = varimix::rescale_y(*average_, s);
}

void PolyakAverage::set_state(std::optional<Expectations> average, double averaged_weight) {
  average_ = std::move(average);
  averaged_weight_ = averaged_weight;
}

Expectations BlockIncrementalUpdate::accumulate(const Expectations& running, const Expectations& batch,
                                                const StepInfo& info) {
  const auto block = static_cast<std::size_t>(info.step % blocks);
  Expectations newest = with_origin(batch, running.origin);
  newest.weight = info.batch_weight;
  if (block < memory.size()) {
    memory[block] = std::move(newest);
  } else {
    memory.push_back(std::move(newest));
  }
  Expectations mean = memory.front();
  for (std::size_t k = 1; k < memory.size(); ++k) mean = merge(mean, memory[k]);
  mean.weight = running.weight;
  return mean;
}

void BlockIncrementalUpdate::rescale_y(double s) {
  for (Expectations& eta : memory) eta = varimix::rescale_y(eta, s);
}

void BlockIncrementalUpdate::check(Index /*d*/) const { require(blocks >= 1, "blocks", ">= 1", blocks); }

}  // namespace varimix
