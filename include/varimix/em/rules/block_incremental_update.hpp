#pragma once

#include <cstdint>

#include "varimix/em/rules/block_memory.hpp"
#include "varimix/em/update_rule.hpp"

namespace varimix {

/// Incremental EM by blocks (Neal and Hinton 1998), for K batches that are read several times in the same order: the
/// statistics of batch k replace those that batch k gave the last time. eta_t is the mean, by weight, of the newest
/// statistics of every block, which never leaves the feasible set. If the data are these K batches, it is monotone in
/// free energy and needs about half the passes of EM. It keeps K statistics and the K means of a tree over them, O(K
/// d^2) numbers; a step costs O(d^2 log K).
struct BlockIncrementalUpdate {
  std::int64_t blocks = 1;  ///< K >= 1: batches in one pass over the data
  BlockMemory memory = {};  ///< state: the newest statistics of each block seen so far
  static constexpr const char* kName = "BlockIncrementalUpdate";
  static constexpr const char* kDoc =
      "Incremental EM by blocks (Neal and Hinton 1998): for data read several times in the same ``blocks``\n"
      "batches, the statistics of each batch replace those that it gave the last time. It needs about half the\n"
      "passes of EM, and keeps as many statistics as blocks.";
  static constexpr auto kMembers = std::tuple(required_setting("blocks", &BlockIncrementalUpdate::blocks, kAtLeastOne),
                                              state("memory", &BlockIncrementalUpdate::memory));
  bool operator==(const BlockIncrementalUpdate&) const = default;
  struct Hooks;
};

struct BlockIncrementalUpdate::Hooks : RuleHooks<BlockIncrementalUpdate> {
  using RuleHooks::RuleHooks;
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info) override;
  void check(Index d) const override;
};

}  // namespace varimix
