#pragma once

namespace varimix {

/// Returns count log(a / b), 0 for count = 0.
[[nodiscard]] double count_log_ratio(double count, double a, double b) noexcept;
/// Returns P(chi-square with 1 degree of freedom > x), x >= 0.
[[nodiscard]] double chi_square_1_sf(double x) noexcept;
/// Returns P(chi-square with 2 degrees of freedom > x), x >= 0.
[[nodiscard]] double chi_square_2_sf(double x) noexcept;

}  // namespace varimix
