#pragma once

#include <span>
#include <vector>

#include "varimix/core/row_view.hpp"

namespace varimix {

/// Rows with their weights as of the last row's time, and the time from the last row learned before to that row.
struct DecayedRows {
  RowView x;
  std::span<const double> weights;
  double elapsed;
  std::vector<double> own_weights;  // `weights` refers to these if rows have times
};

}  // namespace varimix
