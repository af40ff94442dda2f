#pragma once

#include "core/aligned_doubles.hpp"
#include "mixture/e_step_block.hpp"
#include "partial_law.hpp"
#include "shown_orders.hpp"

namespace varimix {

/// The results wanted of posteriors: log densities alone, moments too, or also E[log Y|x].
enum class Wanted { kLogDensity, kMoments, kMomentsAndLogY };

/// A block of rows that show different columns o, and what each has for itself beside the distances of RowBlock.
struct PartialBlock : RowBlock {
  /// @param rows  all rows of the pass, as RowBlock takes them.
  explicit PartialBlock(Index d, Index rows = kBlockRows);
  /// Returns the arrays of results of kernels::partial_rows from row `first` on.
  [[nodiscard]] kernels::PartialRows results_from(Index first);
  /// Raises distances to a floor, which is in proportion to the number of shown columns, the same for all these rows.
  /// Returns how many.
  [[nodiscard]] Index raise(const JointLaw& joint, const ShownOrders& orders, double floor, Index shown, Index first,
                            Index count);
  /// Computes posterior moments and log densities of rows that show so many columns. @pre They have distances.
  void posterior(const JointLaw& joint, const ShownOrders& orders, Index shown, Index first, Index count,
                 Wanted wanted);

  AlignedDoubles gamma_squared;  ///< gamma_o' Sigma_oo^{-1} gamma_o
  AlignedDoubles log_det_root;   ///< log det L_o, with L_o L_o' = Sigma_oo

 private:
  void large_order_posterior(const JointLaw& joint, Index shown, Index first, Index count,
                             const kernels::Posteriors& out);

  AlignedDoubles a_;
};

}  // namespace varimix
