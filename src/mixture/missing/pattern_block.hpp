#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "core/aligned_doubles.hpp"
#include "kernels/large_order_posterior.hpp"
#include "mixture/e_step_block.hpp"
#include "pattern_law.hpp"
#include "row_groups.hpp"

namespace varimix {

/// The Bessel tables of a pass over rows with gaps: one for each number of shown columns, which sets the order. All
/// threads and all windows share them.
class PatternTables {
 public:
  explicit PatternTables(const JointLaw& joint);
  /// Makes the tables that pay for themselves, given the rows of this window and of those before.
  void prepare(const RowGroups& groups);
  [[nodiscard]] BesselTable* at(Index shown) const { return tables_[static_cast<std::size_t>(shown)].get(); }

 private:
  GigParameters gig_;
  GigMode mode_;
  bool has_bessel_;  // if false, every posterior is an inverse gamma law
  std::vector<Index> rows_;
  std::vector<std::unique_ptr<BesselTable>> tables_;
};

/// A window of rows with gaps, and the law and settings of the pass.
struct PatternPass {
  const JointLaw& joint;
  const RowView& x;
  const Vector& origin;
  const RowGroups& groups;
  const PatternTables& tables;
  double distance_floor = 0.0;
};

/// Calls `function(const PatternPass&)` for every window of the rows, in order.
template <class Function>
void for_each_window(const JointLaw& joint, const RowView& x, const Vector& origin, double distance_floor,
                     Function&& function) {
  PatternTables tables(joint);
  for (Index first = 0; first < x.rows(); first += kWindowRows) {
    const RowGroups groups = group_rows(x, first, std::min(kWindowRows, x.rows() - first));
    tables.prepare(groups);
    function(PatternPass{joint, x, origin, groups, tables, distance_floor});
  }
}

/// A block of rows, sorted by pattern; it may hold several patterns.
class PatternBlock {
 public:
  explicit PatternBlock(Index d);

  /// The rows of the block that have one pattern.
  struct Run {
    Index group, first, count;
  };
  /// Reads rows by their position in the groups. Columns that are missing are NaN until `complete`.
  void load(const PatternPass& pass, Index first, Index count);
  [[nodiscard]] const std::vector<Run>& runs() const noexcept { return runs_; }
  /// Computes the distances and exponents of a run, and the law of its pattern; returns how many distances were raised.
  Index distances(const PatternPass& pass, const Run& run, Rest rest);
  /// Returns the law of the pattern that `distances` was last called for.
  [[nodiscard]] const PatternLaw& pattern() const noexcept { return pattern_; }
  /// Sets the k-th missing column, j, of the run's rows to mu_j + (B (x_o - mu_o))_j.
  void complete(const PatternPass& pass, const Run& run, Index k);

  /// The results wanted of `posterior`: log densities alone, moments too, or also E[log Y|x].
  enum class Wanted { kLogDensity, kMoments, kMomentsAndLogY };
  /// Computes posterior moments and log densities of the whole block. @pre The distances of all its runs are computed.
  void posterior(const PatternPass& pass, Wanted wanted);

  /// Returns the law of Y given row i of the block. @pre The distances of all its runs are computed.
  [[nodiscard]] GigParameters posterior_law(const PatternPass& pass, const Run& run, Index i) const;

  RowBlock block;

 private:
  [[nodiscard]] kernels::Posteriors results(Wanted wanted, Index first);
  void large_order_posterior(const kernels::LargeOrderPosterior& law, const Run& run, Wanted wanted);

  std::vector<Run> runs_;
  std::vector<kernels::LargeOrderPosterior> large_order_;  // one for each run of large order, in turn
  AlignedDoubles shown_, a_;
  PatternLaw pattern_;
};

}  // namespace varimix
