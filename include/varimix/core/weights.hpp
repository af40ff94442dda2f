#pragma once

#include <cstddef>
#include <span>

#include "varimix/core/types.hpp"

namespace varimix {

/// Returns the weight of row i. `weights` has one number per row, or is empty where every weight is 1.
[[nodiscard]] inline double weight_of(std::span<const double> weights, Index i) {
  return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)];
}

/// Returns the sum of weights; the number of rows where there are none.
[[nodiscard]] double total_weight(std::span<const double> weights, Index rows);

/// Throws std::invalid_argument naming `name`, unless there are no values or one for each row.
void require_one_a_row(std::span<const double> values, const char* name, Index rows);

/// Throws std::invalid_argument unless there are no weights, or one a row, finite and >= 0, with a finite sum.
void check_weights(std::span<const double> weights, Index rows);

}  // namespace varimix
