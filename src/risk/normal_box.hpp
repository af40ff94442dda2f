#pragma once

#include "truncated_normal.hpp"
#include "varimix/core/types.hpp"
#include "varimix/random/counter_stream.hpp"
#include "varimix/subordinator/gig_parameters.hpp"

namespace varimix {

/// The law of X = mu + gamma Y + sqrt(Y) L z of which the first k columns are to lie within bounds. Given Y = y these
/// are bounds of z, one after the other: lower_i(y) - sum_{j<i} slope_ij z_j <= z_i.
struct BoxLaw {
  Vector mu;        ///< (d), those with bounds first
  Vector gamma;     ///< (d)
  Matrix factor;    ///< (d, d), L, lower triangular
  GigParameters y;  ///< the law of Y
  Vector lower;     ///< (k), may be -inf
  Vector upper;     ///< (k), may be inf
  [[nodiscard]] Index k() const noexcept { return lower.size(); }
};

/// The bounds of the z of a box given Y.
struct NormalBox {
  Vector lower;  ///< (k), in standard units of each column given those before it
  Vector upper;  ///< (k)
};

/// Returns L_ij / L_ii of the first k columns (k, k), of which only the part below the diagonal is meant.
[[nodiscard]] Matrix slopes_of(const BoxLaw& box);

/// Sets out_bounds to those given Y = y.
void bounds_given(const BoxLaw& box, double y, NormalBox& out_bounds);

/// A shift of the means of z that makes the weights of draws within a box nearly equal (Botev 2017, JRSS B 79:125).
/// With s_i = sum_{j<i} slope_ij z_j + tilt_i, a draw z_i - tilt_i ~ N(0, 1) within lower_i - s_i and upper_i - s_i has the
/// log weight
///   psi(z, tilt) = sum_i tilt_i^2/2 - z_i tilt_i + log P(lower_i - s_i <= Z <= upper_i - s_i).
/// The tilt is that of the saddle point, least in tilt and largest in z, where psi is an upper bound of the log of the
/// box's probability, sharp where it is small. Any tilt gives correct weights.
struct Tilt {
  Vector tilt;   ///< (k), the last of which is 0
  Vector place;  ///< (k), z at the saddle point; the last is 0
  double psi;    ///< there
  bool is_met;   ///< false where Newton's method did not find it
};

/// Returns the saddle point by Newton's method from `start`, which may be of a box nearby, or else from 0, with steps
/// that are halved until the gradient is smaller. Where 50 steps do not meet it the last point is returned.
/// Cost: O(k^3) a step.
[[nodiscard]] Tilt tilt_of(const NormalBox& bounds, const Matrix& slopes, const Tilt& start);

/// Draws z (k) within a box with this tilt and returns its log weight psi; -inf where there is no room for a column
/// after those before it.
[[nodiscard]] double draw_within(CounterStream& stream, const NormalBox& bounds, const Matrix& slopes,
                                 const Vector& tilt, Vector& out_z);

}  // namespace varimix
