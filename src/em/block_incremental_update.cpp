#include "varimix/em/block_incremental_update.hpp"

#include <cassert>
#include <string>
#include <utility>

#include "varimix/core/require.hpp"
#include "varimix/stats/gauge.hpp"

namespace varimix {

/// A leaf holds a block, any other node the mean of one or two trees.
struct BlockMemory::Node {
  Eta mean;
  Tree left, right;
};

namespace {

/// Blocks in the left half of a tree over `blocks` > 1.
std::int64_t half(std::int64_t blocks) { return (blocks + 1) / 2; }

}  // namespace

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

void BlockMemory::replace(std::int64_t k, std::int64_t blocks, Eta eta) {
  assert(k >= 0 && k < blocks);
  root_ = replaced(root_, k, blocks, std::move(eta));
}

const Eta& BlockMemory::mean() const {
  assert(root_ != nullptr);
  return root_->mean;
}

std::optional<Eta> BlockMemory::block(std::int64_t k, std::int64_t blocks) const {
  Tree tree = root_;
  while (tree && blocks > 1) {
    const std::int64_t middle = half(blocks);
    const bool is_left = k < middle;
    tree = Tree(is_left ? tree->left : tree->right);
    if (!is_left) k -= middle;
    blocks = is_left ? middle : blocks - middle;
  }
  return tree ? std::optional(tree->mean) : std::nullopt;
}

void BlockMemory::collect(const Tree& tree, std::int64_t first, std::int64_t blocks,
                          std::vector<std::int64_t>& out_seen) {
  if (!tree) return;
  if (blocks == 1) {
    out_seen.push_back(first);
    return;
  }
  collect(tree->left, first, half(blocks), out_seen);
  collect(tree->right, first + half(blocks), blocks - half(blocks), out_seen);
}

std::vector<std::int64_t> BlockMemory::seen(std::int64_t blocks) const {
  std::vector<std::int64_t> numbers;
  collect(root_, 0, blocks, numbers);
  return numbers;
}

bool BlockMemory::same(const Tree& left, const Tree& right) {
  if (left == right) return true;
  if (!left || !right) return false;
  return left->mean == right->mean && same(left->left, right->left) && same(left->right, right->right);
}

bool BlockMemory::operator==(const BlockMemory& other) const { return same(root_, other.root_); }

Eta BlockIncrementalUpdate::accumulate(const Eta& running, const Eta& batch, const StepInfo& info) {
  Eta newest = varimix::rescale_y(with_origin(batch, running.origin), 1.0 / gauge);
  newest.weight = info.batch_weight;
  memory.replace(info.step % blocks, blocks, std::move(newest));
  return varimix::rescale_y(memory.mean(), gauge);
}

void BlockIncrementalUpdate::check(Index d) const {
  require(blocks >= 1, "blocks", ">= 1", blocks);
  require(d == 0 || memory.empty() || memory.mean().d() == d, "memory", "of dimension " + std::to_string(d),
          memory.empty() ? 0 : memory.mean().d());
}

}  // namespace varimix
