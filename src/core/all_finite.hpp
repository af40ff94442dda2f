#pragma once

#include <Eigen/Core>

namespace varimix {

/// Returns true if every number is finite: 0 times a finite number is 0, and 0 times any other is NaN. Eigen's allFinite
/// tests each number on its own.
template <class Derived>
[[nodiscard]] bool all_finite(const Eigen::DenseBase<Derived>& x) {
  return (0.0 * x.derived().array()).sum() == 0.0;
}

}  // namespace varimix
