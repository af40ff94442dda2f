#pragma once

#include "feasible_set.hpp"
#include "interior_point.hpp"

namespace varimix {

/// Returns a lower bound of gradient'v over the v of a set, x among them, by weak duality: with r = gradient + A'y + G'z
/// and z >= 0,
///   gradient'v >= -c'y - h'z + sum_j min(r_j lower_j, r_j upper_j).
/// y and z are those of the point, each then set to its best value given the others. A column without a bound counts as
/// bounded by 10 sum |x|.
[[nodiscard]] double lower_bound(const FeasibleSet& set, const InteriorPoint& point, const Vector& gradient);

}  // namespace varimix
