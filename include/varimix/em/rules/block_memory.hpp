#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "varimix/stats/eta.hpp"

namespace varimix {

/// The newest statistics of each of K blocks, with their mean by weight: a binary tree in which a node holds the mean
/// of the blocks below it. Copies share nodes, which never change: replace() makes new nodes from the block to the
/// root.
class BlockMemory {
 public:
  struct Block {
    std::int64_t number;
    Eta eta;
  };
  BlockMemory() = default;
  /// Makes the memory of K = `blocks` blocks from those seen, whose statistics are those of Y / gauge. Throws
  /// std::invalid_argument for numbers that do not ascend or do not lie in 0, ..., K - 1, and for statistics that are
  /// not finite, without weight, or of different dimensions.
  BlockMemory(std::int64_t blocks, double gauge, const std::vector<Block>& seen);
  /// Puts `eta`, of weight > 0, in the place of the statistics of block k of K. Cost: O(d^2 log K). @pre 0 <= k < K,
  /// and K is the same in every call.
  void replace(std::int64_t k, std::int64_t blocks, const Eta& eta);
  /// Returns the mean of all blocks, by weight. @pre not empty.
  [[nodiscard]] Eta mean() const;
  [[nodiscard]] bool empty() const noexcept { return root_ == nullptr; }
  /// Returns the newest statistics of all blocks seen so far, those of Y / gauge(), in the order of their numbers.
  [[nodiscard]] std::vector<Block> seen() const;
  /// Returns K, the number of blocks; 0 if empty.
  [[nodiscard]] std::int64_t blocks() const noexcept { return blocks_; }
  /// Returns the factor by which the gauge has been multiplied since the start.
  [[nodiscard]] double gauge() const noexcept { return gauge_; }
  void rescale_y(double s) noexcept { gauge_ *= s; }
  /// Returns the dimension of the statistics; 0 if empty.
  [[nodiscard]] Index d() const;
  /// Throws std::invalid_argument if it is not empty and of another dimension than d; d = 0 stands for any.
  void check(Index d) const;
  bool operator==(const BlockMemory& other) const;

 private:
  struct Node;
  using Tree = std::shared_ptr<const Node>;
  [[nodiscard]] static Tree replaced(const Tree& tree, std::int64_t k, std::int64_t blocks, Eta eta);
  static void collect(const Tree& tree, std::int64_t first, std::int64_t blocks, std::vector<Block>& out_seen);
  [[nodiscard]] static bool same(const Tree& left, const Tree& right);
  Tree root_;
  std::int64_t blocks_ = 0;
  double gauge_ = 1.0;
};

}  // namespace varimix
