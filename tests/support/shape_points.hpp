#pragma once

#include <Eigen/Core>
#include <vector>

#include "mixture/natural_gradient/shape_coordinates.hpp"
#include "varimix/subordinator/subordinator.hpp"

namespace varimix::tests {

inline constexpr double kUnlimited = 1e300;

template <Subordinator S>
ShapeVector<S> psi_of(const std::vector<double>& values) {
  return Eigen::Map<const ShapeVector<S>>(values.data());
}

template <Subordinator S>
ShapePoint point_at(const std::vector<double>& psi) {
  return ShapeCoordinates<S>::point(psi_of<S>(psi));
}

}  // namespace varimix::tests
