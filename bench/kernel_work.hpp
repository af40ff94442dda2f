#pragma once

#include <vector>

#include "kernels/distance.hpp"
#include "kernels/posterior.hpp"
#include "mixture/e_step_block.hpp"
#include "varimix/core/types.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix::bench {

// These blocks of distances and products take turns: one block would find the same few polynomials of a table again.
inline constexpr Index kBlocks = 16;

/// What the kernels of an E-step of an NIG are given, and the results that the later ones need. The layout of a block is
/// that of the E-step.
struct KernelWork {
  explicit KernelWork(Index dimension, Index rows);

  [[nodiscard]] kernels::RowLaw row_law() const;
  [[nodiscard]] kernels::Distances distances() { return {q(), block.projection.data(), block.misalignment.data()}; }
  [[nodiscard]] double* q() { return block.q.data(); }
  /// Reads rows first, ..., first + kBlockRows - 1 to block.x, as columns about the origin.
  void transpose(Index first);
  void compute_distances();
  /// Computes the distances again, with the exponents.
  void compute_exponents();
  /// Looks up the moments at products u of block `k` < kBlocks.
  void look_up(Index k);
  void accumulate();

  Index d;
  NormalInverseGaussian model;
  RowMatrix x;
  Vector origin, mu, direction;  // mu about the origin; direction is L^{-1} gamma
  double gamma_squared;
  kernels::PosteriorLaw posterior;
  BesselTable table;
  RowBlock block;
  std::vector<double> u;  // posterior.a (posterior.b + q) of kBlocks blocks
  Vector sum_x, sum_wx;   // of all calls of accumulate
  Matrix sum_wxx;
};

/// Throws std::runtime_error unless every kernel gives what plain loops give for the first block of rows.
void check_kernels(KernelWork& work);

}  // namespace varimix::bench
