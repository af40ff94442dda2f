#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "varimix/core/row_view.hpp"
#include "varimix/core/status.hpp"
#include "varimix/em/gaussian_test_stream.hpp"
#include "varimix/em/log_score.hpp"
#include "varimix/em/update_rule.hpp"
#include "varimix/risk/portfolio_backtest.hpp"
#include "varimix/stats/eta.hpp"

namespace varimix {

/// A state as it was when it was forked. Its forks share it, and a merge counts it once.
struct Ancestor {
  std::uint64_t identity = 0;  ///< a hash of the state's statistics, weight, step and parts
  Eta running;
  UpdateRule rule;
  double gauge = 1.0;  ///< the gauge of `running` and `rule`, relative to the initial model's
  double total_weight = 0.0;
  std::int64_t step = 0;
  LogScore score = {};
  Status status = {};
  std::int64_t changes = 0;                                        ///< signals of drift
  std::vector<std::uint64_t> parts = {};                           ///< Lineage::parts at the fork
  std::optional<GaussianTestStream> gaussian_test = std::nullopt;  ///< that of the state at the fork
  std::vector<PortfolioBacktest> backtests = {};  ///< those of the rows since the ancestor before, or the start
  bool operator==(const Ancestor&) const = default;
};

/// The origin of a state: the ancestors that it was forked from, and hashes that identify the parts learned since.
struct Lineage {
  std::vector<Ancestor> ancestors;  ///< the oldest first
  /// The hash of the first batch since the last fork; after a merge the hashes of all parts, sorted.
  std::vector<std::uint64_t> parts;
  bool operator==(const Lineage&) const = default;
};

/// Returns a 64-bit hash of what a state has learned: its statistics, weight and step, and Lineage::parts, which
/// distinguish states whose steps were all reverted.
[[nodiscard]] std::uint64_t hash_of(const Eta& eta, double weight, std::int64_t step,
                                    std::span<const std::uint64_t> parts);

/// Returns a 64-bit hash of rows and their weights. It distinguishes the first batches that forks of one state learned.
[[nodiscard]] std::uint64_t hash_of(const RowView& rows, std::span<const double> weights);

/// Returns how many ancestors two lineages share, counted from the oldest.
[[nodiscard]] std::size_t shared_ancestors(const Lineage& left, const Lineage& right);

}  // namespace varimix
