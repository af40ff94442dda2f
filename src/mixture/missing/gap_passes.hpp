#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "few_gaps_block.hpp"
#include "pattern_block.hpp"
#include "row_groups.hpp"

namespace varimix {

/// Calls `function(const PatternPass&)` for every window of rows of x, in order: of those chosen, or of all.
template <class Function>
void for_each_window_of(const JointLaw& joint, const PartialLaw& partial, ShownOrders& orders, const RowView& x,
                        const std::vector<std::int64_t>* chosen, const Vector& origin, double distance_floor,
                        Function&& function) {
  const RowView rows = chosen == nullptr ? x : x.select(*chosen);
  for (Index first = 0; first < rows.rows(); first += kWindowRows) {
    RowGroups groups = group_rows(rows, first, std::min(kWindowRows, rows.rows() - first));
    for (Index g = 0; g < groups.groups(); ++g) {
      const auto k = static_cast<std::size_t>(g);
      orders.expect(groups.shown[k], groups.start[k + 1] - groups.start[k]);
    }
    if (chosen != nullptr) {
      for (std::int64_t& row : groups.rows) row = (*chosen)[static_cast<std::size_t>(row)];
    }
    function(PatternPass{joint, partial, x.select(groups.rows), origin, groups, orders, distance_floor});
  }
}

/// The same for all rows, none of which goes by the precision.
template <class Function>
void for_each_window(const JointLaw& joint, const RowView& x, const Vector& origin, double distance_floor,
                     Function&& function) {
  ShownOrders orders(joint, nullptr);
  for_each_window_of(joint, PartialLaw(joint, Precision::kLeaveOut), orders, x, nullptr, origin, distance_floor,
                     function);
}

/// Calls `function(const FewGapsPass&)` once for the rows with few gaps, if the law lets them go by the precision, and
/// `function(const PatternPass&)` for windows of the others. `kept` are tables as in EStepOptions, or null.
template <class Function>
void for_each_pass(const JointLaw& joint, const RowView& x, const Vector& origin, double distance_floor,
                   BesselTables* kept, Function&& function) {
  const PartialLaw partial(joint);
  ShownOrders orders(joint, kept);
  if (partial.few_missing() == 0) {
    for_each_window_of(joint, partial, orders, x, nullptr, origin, distance_floor, function);
    return;
  }
  // The first block tells how many rows there may be of each order.
  const Index count = std::min(kBlockRows, x.rows());
  const std::vector<Index> rows = rows_by_shown(x.slice(0, count));
  for (Index shown = 1; shown <= joint.d(); ++shown) {
    orders.expect(shown, rows[static_cast<std::size_t>(shown)] * (x.rows() / count));
  }
  function(FewGapsPass{joint, partial, x, origin, orders, distance_floor});
  const std::vector<std::int64_t> others = rows_with_more_gaps(x, partial.few_missing());
  for_each_window_of(joint, partial, orders, x, &others, origin, distance_floor, function);
}

}  // namespace varimix
