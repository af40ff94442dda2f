#pragma once

namespace varimix {

/// Returns P(chi-square with `degrees` degrees of freedom > x): 1 for x <= 0, 0 at inf. @pre degrees > 0.
[[nodiscard]] double chi_square_sf(double x, double degrees);

}  // namespace varimix
