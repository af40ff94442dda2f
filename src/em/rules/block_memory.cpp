#include "varimix/em/rules/block_memory.hpp"

#include <cassert>
#include <cmath>
#include <string>

#include "varimix/core/require.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {

/// A leaf holds the statistics of a block, any other node the mean of one or two subtrees.
struct BlockMemory::Node {
  Eta mean;
  Tree left, right;
};

namespace {

/// Returns how many blocks are in the left half of a tree over `blocks` > 1 blocks.
std::int64_t half(std::int64_t blocks) { return (blocks + 1) / 2; }

void check_block(const Eta& eta, Index d) {
  require(eta.d() == d, "memory", "of dimension " + std::to_string(d), eta.d());
  require(eta.is_finite() && eta.origin.allFinite(), "memory", "finite", "one that is not");
  require(std::isfinite(eta.weight) && eta.weight > 0.0, "memory's weight", "finite and > 0", eta.weight);
}

}  // namespace

BlockMemory::BlockMemory(std::int64_t blocks, double gauge, const std::vector<Block>& seen) {
  require(std::isfinite(gauge) && gauge > 0.0, "gauge", "finite and > 0", gauge);
  std::int64_t before = -1;
  for (const auto& [number, eta] : seen) {
    require(number > before && number < blocks, "memory", "of ascending blocks below " + std::to_string(blocks),
            number);
    check_block(eta, seen.front().eta.d());
    replace(number, blocks, eta);
    before = number;
  }
  gauge_ = gauge;
}

auto BlockMemory::replaced(const Tree& tree, std::int64_t k, std::int64_t blocks, Eta eta) -> Tree {
  if (blocks == 1) return std::make_shared<const Node>(Node{std::move(eta), nullptr, nullptr});
  Tree left = tree ? tree->left : nullptr;
  Tree right = tree ? tree->right : nullptr;
  const std::int64_t middle = half(blocks);
  if (k < middle) {
    left = replaced(left, k, middle, std::move(eta));
  } else {
    right = replaced(right, k - middle, blocks - middle, std::move(eta));
  }
  Eta mean = !left ? right->mean : !right ? left->mean : merge(left->mean, right->mean);
  return std::make_shared<const Node>(Node{std::move(mean), std::move(left), std::move(right)});
}

void BlockMemory::replace(std::int64_t k, std::int64_t blocks, const Eta& eta) {
  assert(k >= 0 && k < blocks && (empty() || blocks == blocks_));
  root_ = replaced(root_, k, blocks, varimix::rescale_y(eta, 1.0 / gauge_));
  blocks_ = blocks;
}

Eta BlockMemory::mean() const {
  assert(!empty());
  return varimix::rescale_y(root_->mean, gauge_);
}

Index BlockMemory::d() const { return empty() ? 0 : root_->mean.d(); }

void BlockMemory::check(Index d) const {
  require(d == 0 || empty() || this->d() == d, "memory", "of dimension " + std::to_string(d), this->d());
}

void BlockMemory::collect(const Tree& tree, std::int64_t first, std::int64_t blocks, std::vector<Block>& out_seen) {
  if (!tree) return;
  if (blocks == 1) {
    out_seen.push_back({first, tree->mean});
    return;
  }
  collect(tree->left, first, half(blocks), out_seen);
  collect(tree->right, first + half(blocks), blocks - half(blocks), out_seen);
}

auto BlockMemory::seen() const -> std::vector<Block> {
  std::vector<Block> blocks;
  collect(root_, 0, blocks_, blocks);
  return blocks;
}

bool BlockMemory::same(const Tree& left, const Tree& right) {
  if (left == right) return true;
  if (!left || !right) return false;
  return left->mean == right->mean && same(left->left, right->left) && same(left->right, right->right);
}

bool BlockMemory::operator==(const BlockMemory& other) const {
  return blocks_ == other.blocks_ && gauge_ == other.gauge_ && same(root_, other.root_);
}

}  // namespace varimix
