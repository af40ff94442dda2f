#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "mixture/e_step_block.hpp"
#include "pattern_law.hpp"
#include "row_groups.hpp"

namespace varimix {

/// What a pass over rows with gaps has for each number of shown columns, which sets the order: whether it is large
/// (LargeOrderPosterior), and the Bessel table. All threads and all windows share them.
class PatternOrders {
 public:
  explicit PatternOrders(const JointLaw& joint);
  /// Makes the tables that pay for themselves, given the rows of this window and of those before.
  void prepare(const RowGroups& groups);
  [[nodiscard]] BesselTable* table(Index shown) const { return tables_[static_cast<std::size_t>(shown)].get(); }
  [[nodiscard]] bool is_large(Index shown) const { return is_large_[static_cast<std::size_t>(shown)]; }

 private:
  double p_;
  bool has_bessel_;  // if false, every posterior is an inverse gamma law
  std::vector<bool> is_large_;
  std::vector<Index> rows_;
  std::vector<std::unique_ptr<BesselTable>> tables_;
};

/// A window of rows with gaps, and the law and settings of the pass.
struct PatternPass {
  const JointLaw& joint;
  const PartialLaw& partial;
  const RowView rows;  // those of the groups, in their order
  const Vector& origin;
  const RowGroups& groups;
  const PatternOrders& orders;
  double distance_floor = 0.0;
};

/// Calls `function(const PatternPass&)` for every window of the rows, in order.
template <class Function>
void for_each_window(const JointLaw& joint, const RowView& x, const Vector& origin, double distance_floor,
                     Function&& function) {
  const PartialLaw partial(joint);
  PatternOrders orders(joint);
  for (Index first = 0; first < x.rows(); first += kWindowRows) {
    const RowGroups groups = group_rows(x, first, std::min(kWindowRows, x.rows() - first));
    orders.prepare(groups);
    function(PatternPass{joint, partial, x.select(groups.rows), origin, groups, orders, distance_floor});
  }
}

/// The law of the missing columns m of a row given Y and the columns o that it shows; see PatternLaw.
struct ConditionalLaw {
  std::span<const std::int32_t> columns;  // m
  const PartialLaw& partial;
  kernels::MissingColumns at;

  /// Returns element k of gamma_m - B gamma_o.
  [[nodiscard]] double gamma(Index k) const { return unit(k) * at.gamma[k * at.stride]; }
  /// Returns element (k, l) of Sigma_mm - B Sigma_om. @pre l <= k.
  [[nodiscard]] double covariance(Index k, Index l) const {
    return unit(k) * (unit(l) * at.covariance[(k * (k + 1) / 2 + l) * at.stride]);
  }
  /// Returns the unit of column k of m, which `at` is in.
  [[nodiscard]] double unit(Index k) const { return partial.unit(columns[static_cast<std::size_t>(k)]); }
};

/// A block of rows, sorted by pattern; it may hold several patterns. Rows of patterns that many rows of the block have
/// share the pattern's factor; of others, each row of a vector has its own (kernels::partial_rows). Both have the same
/// bits.
class PatternBlock {
 public:
  explicit PatternBlock(Index d);

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
  [[nodiscard]] const std::vector<Run>& runs() const noexcept { return runs_; }
  [[nodiscard]] const std::vector<Batch>& batches() const noexcept { return batches_; }
  [[nodiscard]] std::span<const Run> runs_of(const Batch& batch) const {
    return std::span(runs_).subspan(batch.first_run, batch.last_run - batch.first_run);
  }
  /// Computes the distances of a batch; returns how many were raised. With Rest::kDescribe it sets every missing value
  /// to mu_j + (B (x_o - mu_o))_j.
  Index distances(const PatternPass& pass, const Batch& batch, Rest rest);
  /// Returns the law of the missing columns of a run. @pre The last call of `distances` described its batch.
  [[nodiscard]] ConditionalLaw conditional(const PatternPass& pass, const Run& run) const;

  /// The results wanted of `posterior`: log densities alone, moments too, or also E[log Y|x].
  enum class Wanted { kLogDensity, kMoments, kMomentsAndLogY };
  /// Computes posterior moments and log densities of the whole block. @pre The distances of all batches are computed.
  void posterior(const PatternPass& pass, Wanted wanted);

  /// Returns the law of Y given row i of the block. @pre The distances of its run are computed.
  [[nodiscard]] GigParameters posterior_law(const PatternPass& pass, const Run& run, Index i) const;

  RowBlock block;

 private:
  void add_run(const PatternPass& pass, Index group, Index first, Index count);
  void shared_distances(const PatternPass& pass, const Run& run, Rest rest);
  void own_distances(const PatternPass& pass, std::span<const Run> runs, Rest rest);
  void complete_shared(const PatternPass& pass, const Run& run);
  Index raise(const PatternPass& pass, const Run& run);
  [[nodiscard]] kernels::Posteriors results(Wanted wanted, Index first);
  void large_order_posterior(const PatternPass& pass, const Run& run, Wanted wanted);

  Index most_missing_;  // of rows that have a factor of their own: their factors stay in a second-level cache
  std::vector<Run> runs_;
  std::vector<Batch> batches_;
  Index batch_first_ = 0;  // the first row of the batch of the last call of `distances`
  AlignedDoubles shown_, a_, gamma_squared_, log_det_root_;
  AlignedDoubles scratch_, mean_, gamma_, covariance_;
  kernels::MissingColumns rest_;
  PatternLaw pattern_;
};

}  // namespace varimix
