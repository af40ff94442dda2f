#pragma once

#include <optional>

#include "varimix/core/types.hpp"

namespace varimix {

/// The portfolios w (d) among which an optimum is sought: those with
///   sum w = budget,   w'E[X] = target_return,   lower <= w <= upper,   low <= rows w <= high,
/// each where it is given. Bounds may be infinite; equal ones are an equality: lower_j = upper_j pins a weight,
/// low_k = high_k a row. A group of columns is a row of ones and zeros. Rows may be redundant.
struct PortfolioConstraints {
  std::optional<double> budget = 1.0;
  std::optional<double> target_return = std::nullopt;  ///< per row of X, in its units
  Vector lower = {};                                   ///< (d), or empty: no weight is bounded below
  Vector upper = {};                                   ///< (d), or empty
  Matrix rows = {};                                    ///< (m, d), or empty
  Vector low = {};                                     ///< (m)
  Vector high = {};                                    ///< (m)
};

/// Returns sum w = 1, w >= 0.
[[nodiscard]] inline PortfolioConstraints long_only(Index d) {
  PortfolioConstraints constraints;
  constraints.lower = Vector::Zero(d);
  return constraints;
}

}  // namespace varimix
