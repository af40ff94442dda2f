#include "varimix/em/rules/block_incremental_update.hpp"

#include "varimix/stats/origin.hpp"

namespace varimix {

Eta BlockIncrementalUpdate::Hooks::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  Eta newest = with_origin(batch, running.origin);
  newest.weight = info.batch_weight;
  memory.replace(info.step % blocks, blocks, newest);
  return memory.mean();
}

void BlockIncrementalUpdate::Hooks::check(Index d) const {
  RuleHooks::check(d);
  require(memory.empty() || memory.blocks() == blocks, "memory", "of " + std::to_string(blocks) + " blocks",
          memory.blocks());
}

}  // namespace varimix
