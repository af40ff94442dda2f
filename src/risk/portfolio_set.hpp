#pragma once

#include "feasible_set.hpp"
#include "varimix/risk/portfolio_constraints.hpp"

namespace varimix {

/// Returns the constraints as rows and bounds. Throws std::invalid_argument for those that are malformed, a target where
/// `mean` is not finite, and those that w = 0 meets.
[[nodiscard]] LinearConstraints linear_constraints(const PortfolioConstraints& constraints, const Vector& mean);

/// Adds low <= row'w <= high.
void add_row(const Vector& row, double low, double high, LinearConstraints& out_constraints);

}  // namespace varimix
