#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace varimix {

/// Returns the rows whose weight is not 0, in order.
[[nodiscard]] inline std::vector<std::int64_t> weighted_rows(std::span<const double> weights) {
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] != 0.0) rows.push_back(static_cast<std::int64_t>(i));
  }
  return rows;
}

}  // namespace varimix
