#pragma once

#include <limits>

#include "varimix/risk/optimal_portfolio.hpp"

/// Portfolios of six columns, and constraints on them.
namespace varimix::tests::optimal_portfolios {

inline constexpr Index kColumns = 6;
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kSameWeights = 1e-6;  // of two searches: the shortfall is flat at its minimum

/// Adds low <= row'w <= high.
inline void add(PortfolioConstraints& constraints, const Vector& row, double low, double high) {
  const Index m = constraints.rows.rows();
  constraints.rows.conservativeResize(m + 1, row.size());
  constraints.rows.row(m) = row.transpose();
  constraints.low.conservativeResize(m + 1);
  constraints.high.conservativeResize(m + 1);
  constraints.low(m) = low;
  constraints.high(m) = high;
}

}  // namespace varimix::tests::optimal_portfolios
