#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "varimix/core/require.hpp"

namespace varimix {

/// Moments that are infeasible by no more than this, relative to the largest logarithm among them, are taken to be so
/// by rounding: sums over many rows may carry that much.
inline constexpr double kMomentRounding = 1e-10;

inline void require_moment(double value, std::string_view name) {
  require(std::isfinite(value) && value > 0.0, name, "finite and > 0", value);
}

/// Returns E[log Y] for a family that needs it. Throws std::invalid_argument unless it is given and finite.
inline double required_log_moment(const std::optional<double>& E_log_Y) {
  require(E_log_Y.has_value(), "E_log_Y", "given for this family", "none");
  require(std::isfinite(*E_log_Y), "E_log_Y", "finite", *E_log_Y);
  return *E_log_Y;
}

/// Returns how far below zero rounding may take a difference with this logarithm in it.
inline double rounding_of_difference(double logarithm) noexcept {
  return kMomentRounding * std::max(1.0, std::abs(logarithm));
}

}  // namespace varimix
