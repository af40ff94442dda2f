#pragma once

#include <memory>
#include <optional>

#include "kernels/centred_posterior.hpp"
#include "kernels/posterior.hpp"
#include "row_block.hpp"
#include "varimix/core/row_view.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// A pass over complete rows: what all of them share, and the three kernels from a block of rows to its posteriors.
class RowPass {
 public:
  /// @param origin  about which columns are read; it and x outlive the pass.   @param distance_floor  as in EStepOptions.
  template <Subordinator S>
  RowPass(const MeanVarianceMixture<S>& model, const RowView& x, const Vector& origin, double distance_floor);
  /// Rows first, ..., first + count - 1: their columns, posterior moments (E[log Y|x] where wanted) and log densities. Returns
  /// how many distances were raised to the floor.
  Index posteriors(Index first, Index count, LogY log_y, RowBlock& out_block) const;
  /// Their log densities alone.
  void log_densities(Index first, Index count, RowBlock& out_block) const;

 private:
  /// Where posterior moments go.
  struct Moments {
    double *inv_y, *y, *log_y;
  };
  Index distances(Index first, Index count, RowBlock& out_block) const;
  Index evaluate(Index first, Index count, const Moments& out, RowBlock& out_block) const;

  const RowView& x_;
  const Vector& origin_;
  double distance_floor_;
  Vector mu_;  // about the origin
  const Matrix& cholesky_;
  Vector whitened_gamma_;   // L^{-1} gamma
  double gamma_squared_;    // gamma' Sigma^{-1} gamma
  double root_a_, root_b_;  // of the law of Y, as whiten takes them
  simd::PosteriorLaw posterior_;
  std::optional<simd::CentredPosterior> centred_;  // in its place where its order is large
  std::unique_ptr<BesselTable> table_;             // which all threads share; none where it does not pay
};

}  // namespace varimix
