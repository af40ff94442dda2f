#pragma once

#include "varimix/stats/eta.hpp"

namespace varimix {

/// Returns the same statistics about another origin. The algebra is exact, and the change can be undone to rounding.
/// Throws std::invalid_argument for an origin of another dimension.
[[nodiscard]] Eta with_origin(Eta eta, const Vector& origin);

/// Returns (1 - share) eta + share target in the uncentred fields, each number by its own share, about eta's origin. A
/// field that `share` or `target` lacks keeps its value in eta.
/// @param share  numbers in [0, 1], with origin 0.
[[nodiscard]] Eta blend_by_field(const Eta& eta, const Eta& target, const Eta& share);

}  // namespace varimix
