#pragma once

#include <boost/math/interpolators/barycentric_rational.hpp>
#include <span>

#include "varimix/univariate/univariate_law.hpp"

namespace varimix {

/// The quantiles of a law below alpha, from a table: y = log(1 + (F^-1(alpha) - F^-1(u)) / s) in log u, where y is
/// smooth and nearly linear, by the polynomial through kTailTablePoints Chebyshev points. F^-1(alpha) - F^-1(u) has a
/// relative error of at most kTailTableError (test TailTable.*), far below what a simulated law can show. What lies below
/// the table, u < 1e-7 alpha, is computed.
class TailTable {
 public:
  /// Throws std::invalid_argument for no law, as ppf does. @pre 0 < alpha < 1.
  TailTable(const UnivariateLaw& law, double alpha);
  /// Computes out[i] = F^-1(u[i]), 0 < u[i] <= alpha.
  void quantiles(std::span<const double> u, std::span<double> out) const;

 private:
  UnivariateLaw law_;
  double at_alpha_;
  double unit_;
  double log_alpha_;
  boost::math::barycentric_rational<double> interpolant_;
};

/// Points of a table; to make one costs as many quantiles.
inline constexpr int kTailTablePoints = 33;
inline constexpr double kTailTableError = 2e-4;

}  // namespace varimix
