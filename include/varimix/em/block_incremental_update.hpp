#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "varimix/em/update_rule.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// The newest statistics of each of K blocks, with their mean by weight: a binary tree whose nodes hold the means of what is
/// below them. Copies share nodes, which never change: to replace a block makes the nodes from it to the root anew.
class BlockMemory {
 public:
  /// Takes `eta`, of weight > 0, in place of what block k of `blocks` gave before. Cost: O(d^2 log blocks). @pre 0 <= k < blocks.
  void replace(std::int64_t k, std::int64_t blocks, Eta eta);
  /// The mean of all blocks, by weight. @pre not empty.
  [[nodiscard]] const Eta& mean() const;
  [[nodiscard]] bool empty() const noexcept { return root_ == nullptr; }
  /// What block k of `blocks` gave last; nothing if nothing yet.
  [[nodiscard]] std::optional<Eta> block(std::int64_t k, std::int64_t blocks) const;
  /// Numbers of the blocks seen so far, ascending.
  [[nodiscard]] std::vector<std::int64_t> seen(std::int64_t blocks) const;
  bool operator==(const BlockMemory& other) const;

 private:
  struct Node;
  using Tree = std::shared_ptr<const Node>;
  [[nodiscard]] static Tree replaced(const Tree& tree, std::int64_t k, std::int64_t blocks, Eta eta);
  static void collect(const Tree& tree, std::int64_t first, std::int64_t blocks, std::vector<std::int64_t>& out_seen);
  [[nodiscard]] static bool same(const Tree& left, const Tree& right);
  Tree root_;
};

/// Incremental EM by blocks (Neal and Hinton 1998), for K batches that are read several times in the same order: batch k
/// replaces what batch k gave the last time. eta_t is the mean, by weight, of the newest statistics of every block, which never
/// leaves the feasible set; over data that fit K batches it is monotone in free energy and needs about half the passes of EM.
/// Keeps K statistics and the K means of a tree over them, O(K d^2) numbers; a step costs O(d^2 log K).
struct BlockIncrementalUpdate {
  std::int64_t blocks = 1;  ///< K >= 1: batches in one pass over the data
  [[nodiscard]] Eta accumulate(const Eta& running, const Eta& batch, const StepInfo& info);
  void rescale_y(double s) { gauge *= s; }
  void check(Index d) const;
  [[nodiscard]] bool same_settings(const BlockIncrementalUpdate& other) const { return blocks == other.blocks; }
  [[nodiscard]] static std::string name() { return "BlockIncrementalUpdate"; }
  bool operator==(const BlockIncrementalUpdate&) const = default;
  BlockMemory memory = {};  ///< state: the newest statistics of each block seen so far, of Y / gauge
  double gauge = 1.0;       ///< state: what the gauge has been multiplied by since the start
};

}  // namespace varimix
