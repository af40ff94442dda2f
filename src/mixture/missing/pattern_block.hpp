#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "partial_block.hpp"
#include "pattern_law.hpp"
#include "row_groups.hpp"

namespace varimix {

class PatternBlock;

/// A window of rows with gaps, and the law and settings of the pass.
struct PatternPass {
  using Block = PatternBlock;
  const JointLaw& joint;
  const PartialLaw& partial;
  const RowView rows;  // those of the groups, in their order
  const Vector& origin;
  const RowGroups& groups;
  const ShownOrders& orders;
  double distance_floor = 0.0;
  [[nodiscard]] Index size() const noexcept { return groups.size(); }
};

/// The law of the missing columns m of a row given Y and the columns o that it shows; see PatternLaw.
struct ConditionalLaw {
  std::span<const std::int32_t> columns;  // m
  const PartialLaw& partial;
  kernels::MissingColumns at;

  /// Returns element k of gamma_m - B gamma_o.
  [[nodiscard]] double gamma(Index k) const { return unit(k) * at.gamma[k * at.stride]; }
  /// Returns element (k, l) of Sigma_mm - B Sigma_om. @pre l <= k.
  [[nodiscard]] double covariance(Index k, Index l) const {
    return unit(k) * (unit(l) * at.covariance[(triangle_of(k) + l) * at.stride]);
  }
  /// Returns the unit of column k of m, which `at` is in.
  [[nodiscard]] double unit(Index k) const { return partial.unit(columns[static_cast<std::size_t>(k)]); }
};

/// A block of rows, sorted by pattern; it may hold several patterns. Rows of patterns that many rows of the block have
/// share the pattern's factor; of others, each row of a vector has its own (kernels::partial_rows). Both have the same
/// bits.
class PatternBlock {
 public:
  /// @param rows  all rows of the pass.
  explicit PatternBlock(Index d, Index rows = kBlockRows);

  /// Rows of the block that have one pattern.
  struct Run {
    Index group, first, count;
  };
  /// Rows of which the distances are computed together: one run, or so few rows as a vector has.
  struct Batch {
    std::size_t first_run, last_run;  // the last is one beyond
    bool shares_factor;
  };
  /// Reads rows by their position in the groups. Columns that are missing are NaN.
  void load(const PatternPass& pass, Index first, Index count);
  [[nodiscard]] Index size() const noexcept { return static_cast<Index>(numbers_.size()); }
  /// Returns the number of row i among all.
  [[nodiscard]] std::size_t number(Index i) const {
    return static_cast<std::size_t>(numbers_[static_cast<std::size_t>(i)]);
  }
  [[nodiscard]] const std::vector<Run>& runs() const noexcept { return runs_; }
  [[nodiscard]] const std::vector<Batch>& batches() const noexcept { return batches_; }
  [[nodiscard]] std::span<const Run> runs_of(const Batch& batch) const {
    return std::span(runs_).subspan(batch.first_run, batch.last_run - batch.first_run);
  }
  /// Computes the distances of a batch; returns how many were raised. With Rest::kDescribe it sets every missing value
  /// to mu_j + (B (x_o - mu_o))_j.
  Index distances(const PatternPass& pass, const Batch& batch, Rest rest);
  /// The same for all batches. @pre Nothing is described.
  Index distances(const PatternPass& pass, Rest rest);
  /// Returns the law of the missing columns of a run. @pre The last call of `distances` described its batch.
  [[nodiscard]] ConditionalLaw conditional(const PatternPass& pass, const Run& run) const;

  /// Computes posterior moments and log densities of the whole block. @pre The distances of all batches are computed.
  void posterior(const PatternPass& pass, Wanted wanted);

  /// Returns the law of Y given row i of the block. @pre The distances of its run are computed.
  [[nodiscard]] GigParameters posterior_law(const PatternPass& pass, const Run& run, Index i) const;

  PartialBlock block;

 private:
  void add_run(const PatternPass& pass, Index group, Index first, Index count);
  void shared_distances(const PatternPass& pass, const Run& run, Rest rest);
  void own_distances(const PatternPass& pass, std::span<const Run> runs, Rest rest);
  void complete_shared(const PatternPass& pass, const Run& run);

  Index most_missing_;  // of rows that have a factor of their own: their factors stay in a second-level cache
  std::span<const std::int64_t> numbers_;  // of the groups
  std::vector<Run> runs_;
  std::vector<Batch> batches_;
  Index batch_first_ = 0;  // the first row of the batch of the last call of `distances`
  AlignedDoubles shown_;
  AlignedDoubles scratch_, mean_, gamma_, covariance_;
  kernels::MissingColumns rest_;
  PatternLaw pattern_;
};

}  // namespace varimix
