#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/em/log_score.hpp"
#include "varimix/em/update_rule.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// What a state was when it was forked: what its forks share, and a merge counts once.
struct Ancestor {
  std::uint64_t identity = 0;  ///< a hash of the state's statistics, weight, step and parts
  Eta running;
  UpdateRule rule;
  double gauge = 1.0;  ///< of `running` and `rule`, relative to the initial model's
  double total_weight = 0.0;
  std::int64_t step = 0;
  LogScore score = {};
  Status status = {};
  std::int64_t changes = 0;               ///< signals of drift
  std::vector<std::uint64_t> parts = {};  ///< Lineage::parts at the fork
  bool operator==(const Ancestor&) const = default;
};

/// Where a state comes from: its forks, the oldest first, and what tells apart the parts that it learned since the last.
struct Lineage {
  std::vector<Ancestor> ancestors;
  /// A hash of the first batch since the last fork; after a merge those of all parts, sorted.
  std::vector<std::uint64_t> parts;
  bool operator==(const Lineage&) const = default;
};

/// A hash of what a state has learned, 64 bits: its statistics, weight and step, and Lineage::parts, which tell apart states
/// whose steps were all reverted.
[[nodiscard]] std::uint64_t hash_of(const Eta& eta, double weight, std::int64_t step,
                                    std::span<const std::uint64_t> parts);

/// A hash of rows and their weights, 64 bits: tells apart what forks of one state learned first.
[[nodiscard]] std::uint64_t hash_of(const RowView& rows, std::span<const double> weights);

/// How many ancestors two lineages share, oldest first.
[[nodiscard]] std::size_t shared_ancestors(const Lineage& left, const Lineage& right);

}  // namespace varimix
