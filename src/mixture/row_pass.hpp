#pragma once

#include <memory>
#include <optional>

#include "kernels/centred_posterior.hpp"
#include "kernels/posterior.hpp"
#include "row_block.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// A pass over complete rows: the numbers that all of them share, and the kernels from a block of rows to its
/// posteriors.
class RowPass {
 public:
  /// @param origin  the point about which columns are read; origin, x and model must outlive the pass.
  /// @param distance_floor  is as in EStepOptions.
  template <Subordinator S>
  RowPass(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin, double distance_floor);
  /// Computes the columns, posterior moments (E[log Y|x] where wanted) and log densities of rows first, ...,
  /// first + count - 1. Returns how many distances were raised to the floor.
  Index posteriors(Index first, Index count, LogY log_y, RowBlock& out_block) const;
  /// Computes the log densities of these rows alone.
  void log_densities(Index first, Index count, RowBlock& out_block) const;

 private:
  Index distances(Index first, Index count, RowBlock& out_block) const;
  Index evaluate(Index first, Index count, const kernels::Posteriors& out, RowBlock& out_block) const;

  const RowView& x_;
  const Vector& origin_;
  double distance_floor_;
  Vector mu_;  // about the origin
  const Matrix& cholesky_;
  Vector whitened_gamma_;   // L^{-1} gamma
  double gamma_squared_;    // gamma' Sigma^{-1} gamma
  double root_a_, root_b_;  // the roots of a and b of Y, as kernels::distance takes them
  kernels::PosteriorLaw posterior_;
  std::optional<kernels::CentredPosterior> centred_;  // used in place of posterior_ if the order is large
  std::unique_ptr<BesselTable> table_;                // shared by all threads; null if it does not pay
};

}  // namespace varimix
