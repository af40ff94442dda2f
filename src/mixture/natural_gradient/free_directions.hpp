#pragma once

#include <array>
#include <optional>

#include "information_blocks.hpp"
#include "model_frame.hpp"
#include "shape_coordinates.hpp"
#include "varimix/mixture/fixed_parameters.hpp"

namespace varimix {

/// The directions in which a fit with fixed parameters may move, of all those of a model in its frame. A fixed Sigma or
/// gamma is fixed in some gauge: in the gauge of the shape it moves in proportion to E[Y], which then is one more free
/// number, log e.
struct FreeDirections {
  /// Each column is a direction (the scalars of a Direction, then log e); the columns are independent.
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kMostScalars + 1, kMostScalars + 1> scalars;
  bool all_scalars = false;                          ///< true if the columns are the unit vectors of the scalars
  std::array<bool, 3> vectors = {true, true, true};  ///< whether m, g and A_1. may move across the first axis
  bool traceless = true;
  bool has_scale = false;  ///< true if log e matters: Sigma, or gamma other than 0, is fixed

  /// Takes out the directions in which number k of the shape moves. @pre !has_scale: the shape moves alone.
  void hold_shape(Index k, Index shapes);
  /// Returns the direction D within these for which the product of `information` D with every other one of these is
  /// that of `gradient`; `gradient_of_log_e` is the derivative in log e, and out_log_e the direction's log e. Returns nothing if `information` is not positive definite.
  [[nodiscard]] std::optional<BlockCoordinates> solve(const InformationBlocks& information,
                                                      const BlockCoordinates& gradient, double gradient_of_log_e,
                                                      double& out_log_e) const;
};

/// @param law  the law of Y.   @param g  the length of gamma in the frame.   @param d  the dimension.
template <Subordinator S>
[[nodiscard]] FreeDirections free_directions(const FixedParameters<S>& fixed, const S& law, double g, Index d);

}  // namespace varimix
