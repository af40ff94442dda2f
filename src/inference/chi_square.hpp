#pragma once

namespace varimix {

/// Returns P(chi-square with `degrees` degrees of freedom > x): 1 for x <= 0, 0 at inf. @pre degrees > 0.
[[nodiscard]] double chi_square_sf(double x, double degrees);

/// Returns the logarithm of that, also where it is below the least double: 0 for x <= 0, -inf at inf.
[[nodiscard]] double log_chi_square_sf(double x, double degrees);

}  // namespace varimix
