#include "varimix/core/weights.hpp"

#include <cmath>
#include <numeric>
#include <string>

#include "varimix/core/require.hpp"

namespace varimix {

double total_weight(std::span<const double> weights, Index rows) {
  return weights.empty() ? static_cast<double>(rows) : std::accumulate(weights.begin(), weights.end(), 0.0);
}

void require_one_a_row(std::span<const double> values, const char* name, Index rows) {
  if (values.empty() || static_cast<Index>(values.size()) == rows) return;
  require(false, name, "one a row, " + std::to_string(rows), values.size());
}

void check_weights(std::span<const double> weights, Index rows) {
  require_one_a_row(weights, "weights", rows);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (std::isfinite(weights[i]) && weights[i] >= 0.0) continue;
    require(false, "weights[" + std::to_string(i) + "]", "finite and >= 0", weights[i]);
  }
  require(std::isfinite(total_weight(weights, rows)), "the sum of weights", "finite", "one that is not");
}

}  // namespace varimix
