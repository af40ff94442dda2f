#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "varimix/core/require.hpp"

namespace varimix {

/// Moments that are infeasible by no more than this, relative to the largest logarithm among them, are so by rounding:
/// some thousand roundings, of sums over many rows.
inline constexpr double kMomentRounding = 1e-10;

inline void require_moment(double value, std::string_view name) {
  require(std::isfinite(value) && value > 0.0, name, "finite and > 0", value);
}

/// E[log Y] where a family needs it.
inline double required_log_moment(const std::optional<double>& E_log_Y) {
  require(E_log_Y.has_value(), "E_log_Y", "given for this family", "none");
  require(std::isfinite(*E_log_Y), "E_log_Y", "finite", *E_log_Y);
  return *E_log_Y;
}

/// How far below zero a difference with this logarithm in it may be by rounding.
inline double rounding_of_difference(double logarithm) noexcept {
  return kMomentRounding * std::max(1.0, std::abs(logarithm));
}

}  // namespace varimix
