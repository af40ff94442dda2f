#include "portfolio_set.hpp"

#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Returns the bounds, or `none` for all columns if there are none.
Vector bounds_or(const Vector& bounds, double none, Index d, const char* name) {
  if (bounds.size() == 0) return Vector::Constant(d, none);
  require_dimension(bounds.size(), d, name);
  return bounds;
}

/// Throws unless low <= high, and each may be a number.
void require_ordered(const Vector& low, const Vector& high, const char* low_name, const char* high_name) {
  for (Index k = 0; k < low.size(); ++k) {
    if (low(k) <= high(k) && low(k) < kInfinity && high(k) > -kInfinity) continue;
    std::ostringstream given;
    given << low(k) << " and " << high(k) << " in place " << k;
    require(false, std::string(low_name).append(" and ").append(high_name), "numbers, or infinite and open, in order",
            given.str());
  }
}

bool hold_at_zero(const Vector& low, const Vector& high) {
  return (low.array() <= 0.0).all() && (high.array() >= 0.0).all();
}

}  // namespace

void add_row(const Vector& row, double low, double high, LinearConstraints& out_constraints) {
  const Index m = out_constraints.rows.rows();
  out_constraints.rows.conservativeResize(m + 1, row.size());
  out_constraints.low.conservativeResize(m + 1);
  out_constraints.high.conservativeResize(m + 1);
  out_constraints.rows.row(m) = row.transpose();
  out_constraints.low(m) = low;
  out_constraints.high(m) = high;
}

LinearConstraints linear_constraints(const PortfolioConstraints& constraints, const Vector& mean) {
  const Index d = mean.size();
  const Index m = constraints.rows.rows();
  if (m > 0) require_dimension(constraints.rows.cols(), d, "rows");
  require_dimension(constraints.low.size(), m, "low");
  require_dimension(constraints.high.size(), m, "high");
  require(constraints.rows.allFinite(), "rows", "finite", "NaN or inf");
  LinearConstraints all{constraints.rows, constraints.low, constraints.high,
                        bounds_or(constraints.lower, -kInfinity, d, "lower"),
                        bounds_or(constraints.upper, kInfinity, d, "upper")};
  require_ordered(all.lower, all.upper, "lower", "upper");
  require_ordered(all.low, all.high, "low", "high");
  if (const auto& budget = constraints.budget) {
    require(std::isfinite(*budget), "budget", "finite", *budget);
    add_row(Vector::Ones(d), *budget, *budget, all);
  }
  if (const auto& target = constraints.target_return) {
    require(std::isfinite(*target), "target_return", "finite", *target);
    require(mean.allFinite(), "target_return", "none where the mean of X is not finite", *target);
    add_row(mean, *target, *target, all);
  }
  require(!hold_at_zero(all.low, all.high) || !hold_at_zero(all.lower, all.upper), "the constraints",
          "such that w = 0 does not meet them", "constraints that it meets; a budget that is not 0 excludes it");
  return all;
}

}  // namespace varimix
