#pragma once

#include <Eigen/Core>

#include "varimix/core/types.hpp"

namespace varimix {

/// Scalars of a tangent: m_1, g_1, A_11, for d > 1 the common part of A's other diagonal, and psi.
inline constexpr int kMostScalars = 6;
using ScalarVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kMostScalars, 1>;
using ScalarMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kMostScalars, kMostScalars>;

/// Returns the place of the first number of psi among the scalars.
[[nodiscard]] constexpr Index first_shape(Index d) { return d > 1 ? 4 : 3; }

/// A symmetric form on the directions in which a model can move, which does not change under the rotations that leave
/// gamma in place. In the frame of Sigma with gamma along the first axis it falls into three blocks, whatever d: one on
/// scalars, one on the vectors (m, g, A_1.) across the first axis, the same for each axis, and one number on the
/// traceless part of A across.
struct InformationBlocks {
  ScalarMatrix scalars;
  Eigen::Matrix3d vectors = Eigen::Matrix3d::Zero();  ///< for d > 1
  double traceless = 0.0;                             ///< for d > 2
};

/// Adds c a.
inline void add(double c, const InformationBlocks& a, InformationBlocks& inout_sum) {
  if (inout_sum.scalars.size() == 0) inout_sum.scalars.setZero(a.scalars.rows(), a.scalars.cols());
  inout_sum.scalars += c * a.scalars;
  inout_sum.vectors += c * a.vectors;
  inout_sum.traceless += c * a.traceless;
}

/// Returns ca a + cb b.
[[nodiscard]] inline InformationBlocks combine(double ca, const InformationBlocks& a, double cb,
                                               const InformationBlocks& b) {
  return {ca * a.scalars + cb * b.scalars, ca * a.vectors + cb * b.vectors, ca * a.traceless + cb * b.traceless};
}

}  // namespace varimix
